//! Memberships: which person stands in which tenant.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx as _, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::{Permission, members::Member},
    ids::{MembershipId, RoleId, TenantId, UserId},
    page::Page,
};

pub(in crate::identity) async fn insert_membership(
    conn: &mut PgConnection,
    scope: Scope,
    id: MembershipId,
    user: UserId,
    role: RoleId,
    now: Timestamp,
) -> Result<()> {
    let (reseller, tenant) = (scope.reseller().uuid(), scope.tenant().uuid());
    sqlx::query!(
        "insert into membership (reseller_id, tenant_id, id, user_id, created_at) values ($1, $2, $3, $4, $5)",
        reseller,
        tenant,
        id.uuid(),
        user.uuid(),
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into membership_role (reseller_id, tenant_id, membership_id, role_id) values ($1, $2, $3, $4)",
        reseller,
        tenant,
        id.uuid(),
        role.uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Where a person is a member at one reseller: in the named tenant, else in the active one joined first.
pub(in crate::identity) async fn tenant_of(
    conn: &mut PgConnection,
    reseller: TenantId,
    user: UserId,
    tenant: Option<TenantId>,
) -> Result<Option<Scope>> {
    let found = sqlx::query_scalar!(
        "select m.tenant_id
        from membership m
        join tenant t on t.reseller_id = m.reseller_id and t.tenant_id = m.tenant_id
        where m.reseller_id = $1
            and m.user_id = $2
            and ($3::uuid is null or m.tenant_id = $3)
            and m.removed_at is null
        order by t.state <> 'active', m.created_at, m.id
        limit 1",
        reseller.uuid(),
        user.uuid(),
        tenant.map(|id| id.uuid())
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(|tenant| Scope::new(reseller, tenant.into())))
}

pub(in crate::identity) async fn members(tx: &mut ReadTx, page: Page) -> Result<Vec<Member>> {
    let scope = tx.scope();
    // The page is cut before people are looked up: planned for any page size, a join would read all of them.
    let rows = sqlx::query!(
        r#"select m.id, m.tenant_id, m.user_id, u.email, u.name, m.created_at, held.names as "roles!", held.ids as "role_ids!"
        from (
            select id, reseller_id, tenant_id, user_id, created_at
            from membership
            where reseller_id = $1
                and coalesce(tenant_id = $2::uuid, true)
                and removed_at is null
                and id > $3
            order by id
            limit $4) m
        cross join lateral (select email, name from user_account where id = m.user_id limit 1) u
        cross join lateral (
            select coalesce(array_agg(r.name order by r.name, r.id), '{}') as names,
                coalesce(array_agg(r.id order by r.name, r.id), '{}') as ids
            from membership_role mr
            join role r on r.reseller_id = mr.reseller_id and r.id = mr.role_id
            where mr.reseller_id = m.reseller_id and mr.membership_id = m.id) held
        order by m.id"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Member {
            id: row.id.into(),
            tenant: row.tenant_id.into(),
            user: row.user_id.into(),
            email: row.email,
            name: row.name,
            roles: row.role_ids.into_iter().map(Into::into).zip(row.roles).collect(),
            created_at: row.created_at,
        })
        .collect())
}

pub(in crate::identity) async fn tenant_of_membership(
    tx: &mut WriteTx,
    id: MembershipId,
) -> Result<TenantId> {
    let scope = tx.scope();
    let found = sqlx::query_scalar!(
        "select tenant_id
        from membership
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3
            and removed_at is null",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.ok_or(Fault::Missing)?.into())
}

/// Whose roles in the tenant give this permission. They are held, so that two cannot end each other at once.
pub(in crate::identity) async fn holders(
    tx: &mut WriteTx,
    tenant: TenantId,
    permission: Permission,
) -> Result<Vec<MembershipId>> {
    let reseller = tx.scope().reseller();
    Ok(sqlx::query_scalar!(
        r#"select m.id as "id: MembershipId"
        from membership m
        where m.reseller_id = $1
            and m.tenant_id = $2
            and m.removed_at is null
            and exists (
                select
                from membership_role mr
                join role_permission rp on rp.reseller_id = mr.reseller_id and rp.tenant_id = mr.tenant_id
                    and rp.role_id = mr.role_id
                where mr.reseller_id = m.reseller_id
                    and mr.tenant_id = m.tenant_id
                    and mr.membership_id = m.id
                    and rp.permission = $3)
        order by m.id
        for update of m"#,
        reseller.uuid(),
        tenant.uuid(),
        permission.name()
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(in crate::identity) async fn remove_membership(
    tx: &mut WriteTx,
    id: MembershipId,
    now: Timestamp,
) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update membership
        set removed_at = $4
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3
            and removed_at is null",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Nobody else changes who may do what in the tenant until the transaction ends: what two took away at once could
/// otherwise be the last that somebody had.
pub(in crate::identity) async fn hold_people(tx: &mut WriteTx, tenant: TenantId) -> Result<()> {
    let reseller = tx.scope().reseller();
    let (_, low) = tenant.uuid().as_u64_pair();
    sqlx::query!(
        "select pg_advisory_xact_lock($3)
        from tenant
        where reseller_id = $1
            and tenant_id = $2",
        reseller.uuid(),
        tenant.uuid(),
        i64::from_le_bytes(low.to_le_bytes())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::identity) async fn roles_held(
    tx: &mut WriteTx,
    tenant: TenantId,
    id: MembershipId,
) -> Result<Vec<RoleId>> {
    let reseller = tx.scope().reseller();
    Ok(sqlx::query_scalar!(
        r#"select role_id as "role: RoleId"
        from membership_role
        where reseller_id = $1
            and tenant_id = $2
            and membership_id = $3"#,
        reseller.uuid(),
        tenant.uuid(),
        id.uuid()
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The member holds these roles and no others.
pub(in crate::identity) async fn set_roles_held(
    tx: &mut WriteTx,
    tenant: TenantId,
    id: MembershipId,
    roles: &[RoleId],
) -> Result<()> {
    let reseller = tx.scope().reseller();
    let roles: Vec<_> = roles.iter().map(|role| role.uuid()).collect();
    sqlx::query!(
        "delete from membership_role
        where reseller_id = $1
            and tenant_id = $2
            and membership_id = $3
            and role_id <> all ($4)",
        reseller.uuid(),
        tenant.uuid(),
        id.uuid(),
        &roles
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into membership_role (reseller_id, tenant_id, membership_id, role_id)
        select $1, $2, $3, role_id
        from unnest($4::uuid[]) as role_id
        on conflict do nothing",
        reseller.uuid(),
        tenant.uuid(),
        id.uuid(),
        &roles
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
