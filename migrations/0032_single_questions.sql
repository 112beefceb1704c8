-- What a key may do, at most what its maker still holds, whoever passed the key on since; no row where the maker has left the
-- tenant since it was made. Plain SQL, so that it becomes part of the statement that asks, under the fence of who asks.
create function tenancy.key_permissions(
    reseller uuid, tenant uuid, maker uuid, made_at timestamptz, given text[]) returns table (permissions text[])
    language sql stable
    as $$
        select case when maker is null then given else array(
            select rp.permission
            from membership m
            join membership_role mr on mr.reseller_id = m.reseller_id and mr.tenant_id = m.tenant_id
                and mr.membership_id = m.id
            join role_permission rp on rp.reseller_id = mr.reseller_id and rp.tenant_id = mr.tenant_id
                and rp.role_id = mr.role_id
            where m.reseller_id = reseller and m.tenant_id = tenant and m.user_id = maker
                and m.removed_at is null and rp.permission = any(given)) end
        where maker is null or exists (
            select
            from membership m
            where m.reseller_id = reseller and m.tenant_id = tenant and m.user_id = maker
                and m.removed_at is null and m.created_at <= made_at)
    $$;

-- A key of the tenant that is good for this permission at this moment: one row or none. A house that is gone took its
-- customers along, and reading is open in every other state. The limit keeps it a question of its own, which is asked after
-- the tenant was entered.
create function tenancy.key_for(
    reseller uuid, tenant uuid, key uuid, permission text, now timestamptz) returns table (id uuid)
    language sql stable
    as $$
        select k.id
        from api_key k
        cross join lateral tenancy.key_permissions(k.reseller_id, k.tenant_id, k.created_by, k.created_at, k.permissions) held
        cross join lateral (
            select t.state from tenant t where t.reseller_id = k.reseller_id and t.tenant_id = k.tenant_id limit 1) own
        where k.reseller_id = reseller and k.tenant_id = tenant and k.id = key
            and k.revoked_at is null
            and (k.expires_at is null or k.expires_at > now)
            and permission = any(held.permissions)
            and own.state <> 'gone'
        limit 1
    $$;
