//! Roles and the permissions they give.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx},
    fault::Result,
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
    let names: Vec<String> = role
        .permissions
        .iter()
        .map(|permission| permission.name().to_owned())
        .collect();
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
    sqlx::query!(
        "insert into role_permission (reseller_id, tenant_id, role_id, permission)
        select $1, $2, $3, permission
        from unnest($4::text[]) as permission",
        reseller,
        tenant,
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
        r#"select r.tenant_id, r.id, r.name, array(
            select permission
            from role_permission rp
            where rp.reseller_id = r.reseller_id and rp.tenant_id = r.tenant_id and rp.role_id = r.id
            order by permission) as "permissions!"
        from role r
        where r.reseller_id = $1
            and ($2::uuid is null or r.tenant_id = $2)
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
            permissions: row
                .permissions
                .iter()
                .filter_map(|name| Permission::parse(name))
                .collect(),
        })
        .collect())
}

pub(in crate::identity) async fn role_named(
    tx: &mut impl Tx,
    of: Scope,
    name: &str,
) -> Result<Option<RoleId>> {
    let found = sqlx::query_scalar!(
        "select id from role where reseller_id = $1 and tenant_id = $2 and name = $3",
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
        where r.reseller_id = $1 and r.tenant_id = $2 and r.id = $3"#,
        of.reseller().uuid(),
        of.tenant().uuid(),
        role.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(|names| names.iter().filter_map(|name| Permission::parse(name)).collect()))
}
