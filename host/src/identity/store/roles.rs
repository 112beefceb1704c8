//! Roles and the permissions they give.

use sqlx::PgConnection;

use super::credentials::known;
use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::{Permission, roles::Role},
    ids::RoleId,
    page::Page,
};

pub(in crate::identity) async fn insert_role(
    conn: &mut PgConnection,
    role: &Role,
    now: Timestamp,
) -> Result<()> {
    let (reseller, tenant) = (role.scope.reseller().uuid(), role.scope.tenant().uuid());
    sqlx::query!(
        "insert into role (reseller_id, tenant_id, id, name, created_at) values ($1, $2, $3, $4, $5)",
        reseller,
        tenant,
        role.id.uuid(),
        role.name,
        now
    )
    .execute(&mut *conn)
    .await?;
    give(conn, role).await
}

async fn give(conn: &mut PgConnection, role: &Role) -> Result<()> {
    let names: Vec<String> = role
        .permissions
        .iter()
        .map(|permission| permission.name().to_owned())
        .collect();
    sqlx::query!(
        "insert into role_permission (reseller_id, tenant_id, role_id, permission)
        select $1, $2, $3, permission
        from unnest($4::text[]) as permission",
        role.scope.reseller().uuid(),
        role.scope.tenant().uuid(),
        role.id.uuid(),
        &names
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::identity) async fn roles(tx: &mut ReadTx, page: Page) -> Result<Vec<Role>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        r#"select r.tenant_id, r.id, r.name, r.version, array(
            select permission
            from role_permission rp
            where rp.reseller_id = r.reseller_id and rp.tenant_id = r.tenant_id and rp.role_id = r.id
            order by permission) as "permissions!"
        from role r
        where r.reseller_id = $1
            and coalesce(r.tenant_id = $2::uuid, true)
            and r.removed_at is null
            and r.id > $3
        order by r.id
        limit $4"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Role {
            scope: Scope::new(scope.reseller(), row.tenant_id.into()),
            id: row.id.into(),
            name: row.name,
            permissions: known(&row.permissions),
            version: row.version,
        })
        .collect())
}

pub(in crate::identity) async fn role_named(
    tx: &mut impl Tx,
    of: Scope,
    name: &str,
) -> Result<Option<RoleId>> {
    let found = sqlx::query_scalar!(
        "select id
        from role
        where reseller_id = $1
            and tenant_id = $2
            and name = $3
            and removed_at is null",
        of.reseller().uuid(),
        of.tenant().uuid(),
        name
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(Into::into))
}

/// What a role of this tenant gives; none where the tenant has no such role.
pub(in crate::identity) async fn role_gives(
    tx: &mut impl Tx,
    of: Scope,
    role: RoleId,
) -> Result<Option<Vec<Permission>>> {
    let found = sqlx::query_scalar!(
        r#"select array(
            select permission
            from role_permission rp
            where rp.reseller_id = r.reseller_id and rp.tenant_id = r.tenant_id and rp.role_id = r.id) as "permissions!"
        from role r
        where r.reseller_id = $1 and r.tenant_id = $2 and r.id = $3 and r.removed_at is null"#,
        of.reseller().uuid(),
        of.tenant().uuid(),
        role.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(|names| known(&names)))
}

pub(in crate::identity) async fn role(tx: &mut impl Tx, id: RoleId) -> Result<Role> {
    let scope = tx.scope();
    let row = sqlx::query!(
        r#"select r.tenant_id, r.name, r.version, array(
            select permission
            from role_permission rp
            where rp.reseller_id = r.reseller_id and rp.tenant_id = r.tenant_id and rp.role_id = r.id
            order by permission) as "permissions!"
        from role r
        where r.reseller_id = $1
            and ($2::uuid is null or r.tenant_id = $2)
            and r.id = $3
            and r.removed_at is null"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)?;
    Ok(Role {
        scope: Scope::new(scope.reseller(), row.tenant_id.into()),
        id,
        name: row.name,
        permissions: known(&row.permissions),
        version: row.version,
    })
}

/// The role as it is to be; none changed where somebody else was faster.
pub(in crate::identity) async fn change_role(tx: &mut WriteTx, role: &Role) -> Result<bool> {
    let (reseller, tenant) = (role.scope.reseller().uuid(), role.scope.tenant().uuid());
    let done = sqlx::query!(
        "update role
        set name = $4, version = version + 1
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and version = $5
            and removed_at is null",
        reseller,
        tenant,
        role.id.uuid(),
        role.name,
        role.version
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "delete from role_permission where reseller_id = $1 and tenant_id = $2 and role_id = $3",
        reseller,
        tenant,
        role.id.uuid()
    )
    .execute(tx.conn())
    .await?;
    give(tx.conn(), role).await?;
    Ok(true)
}

/// How many members hold the role, and how many open invitations give it.
pub(in crate::identity) async fn uses_of_role(
    tx: &mut WriteTx,
    role: &Role,
    now: Timestamp,
) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select (
            select count(*)
            from membership_role mr
            join membership m on m.reseller_id = mr.reseller_id and m.tenant_id = mr.tenant_id
                and m.id = mr.membership_id and m.removed_at is null
            where mr.reseller_id = $1 and mr.tenant_id = $2 and mr.role_id = $3) as "members!", (
            select count(*)
            from invitation i
            where i.reseller_id = $1 and i.tenant_id = $2 and i.role_id = $3
                and i.accepted_at is null and i.withdrawn_at is null and i.expires_at > $4) as "invitations!""#,
        role.scope.reseller().uuid(),
        role.scope.tenant().uuid(),
        role.id.uuid(),
        now
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.members, row.invitations))
}

pub(in crate::identity) async fn remove_role(tx: &mut WriteTx, role: &Role, now: Timestamp) -> Result<()> {
    let (reseller, tenant) = (role.scope.reseller().uuid(), role.scope.tenant().uuid());
    sqlx::query!(
        "delete from role_permission where reseller_id = $1 and tenant_id = $2 and role_id = $3",
        reseller,
        tenant,
        role.id.uuid()
    )
    .execute(tx.conn())
    .await?;
    let done = sqlx::query!(
        "update role
        set removed_at = $4
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and removed_at is null",
        reseller,
        tenant,
        role.id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
