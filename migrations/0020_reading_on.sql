-- A caller who was recognised and only reads goes on in the same transaction, and in the same round trip: the query that
-- recognises it ends by becoming the tenant's.

-- What doors.rs says when it opens a tenant's transaction for reading, as part of a query.
create function tenancy.read_on(reseller uuid, tenant uuid) returns boolean
language sql volatile as $$
    select (set_config('transaction_read_only', 'on', true)
        || set_config('app.reseller_id', reseller::text, true)
        || set_config('app.tenant_id', tenant::text, true)
        || set_config('role', case when tenant = reseller then 'app_reseller' else 'app_customer' end, true)) is not null
$$;
