//! Users, memberships, roles and invitations.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    identity::{
        Permission,
        entrance::{NewUser, normal_email},
        members::{Invitation, Member},
    },
    ids::{MembershipId, RoleId, TenantId, UserId},
    page::Page,
};

/// A named set of permissions in one tenant.
#[derive(Debug, Clone)]
pub struct Role {
    /// The tenant whose role it is.
    pub scope: Scope,
    /// Which one.
    pub id: RoleId,
    /// Name for people; code never looks at it.
    pub name: String,
    /// What it gives.
    pub permissions: Vec<Permission>,
}

/// An invitation that was just used.
pub(in crate::identity) struct Accepted {
    pub id: Uuid,
    pub scope: Scope,
    pub role: RoleId,
}

/// The person of this address and the hash of its password.
pub(in crate::identity) async fn password(
    conn: &mut PgConnection,
    email: &str,
) -> Result<Option<(UserId, String)>> {
    let row = sqlx::query!(
        "select u.id, p.hash
        from user_account u
        join password p on p.user_id = u.id
        where u.email = $1",
        email
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id.into(), row.hash)))
}

/// The person of this address, made with the password's hash where unknown.
pub(in crate::identity) async fn ensure_user(
    conn: &mut PgConnection,
    id: UserId,
    person: &NewUser,
    password_hash: Option<String>,
    now: Timestamp,
) -> Result<UserId> {
    let email = normal_email(&person.email);
    let Some(hash) = password_hash else {
        let known = sqlx::query_scalar!("select id from user_account where email = $1", email)
            .fetch_one(conn)
            .await?;
        return Ok(known.into());
    };
    sqlx::query!(
        "insert into user_account (id, email, name, created_at) values ($1, $2, $3, $4)",
        id.uuid(),
        email,
        person.name,
        now
    )
    .execute(&mut *conn)
    .await
    .on_constraint("user_account_email_unique", || {
        Fault::conflict("address_busy", "another request used this address just now")
    })?;
    sqlx::query!(
        "insert into password (user_id, hash, changed_at) values ($1, $2, $3)",
        id.uuid(),
        hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(id)
}

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

/// Where a person is a member at one reseller: in the named tenant, else in the one joined first.
pub(in crate::identity) async fn tenant_of(
    conn: &mut PgConnection,
    reseller: TenantId,
    user: UserId,
    tenant: Option<TenantId>,
) -> Result<Option<Scope>> {
    let found = sqlx::query_scalar!(
        "select tenant_id
        from membership
        where reseller_id = $1
            and user_id = $2
            and ($3::uuid is null or tenant_id = $3)
            and removed_at is null
        order by created_at, id
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
    let rows = sqlx::query!(
        r#"select m.id, m.tenant_id, m.user_id, u.email, u.name, m.created_at, array(
            select r.name
            from membership_role mr
            join role r on r.reseller_id = mr.reseller_id and r.id = mr.role_id
            where mr.reseller_id = m.reseller_id and mr.membership_id = m.id
            order by r.name) as "roles!"
        from membership m
        join user_account u on u.id = m.user_id
        where m.reseller_id = $1
            and ($2::uuid is null or m.tenant_id = $2)
            and m.removed_at is null
            and m.id > $3
        order by m.id
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
        .map(|row| Member {
            id: row.id.into(),
            tenant: row.tenant_id.into(),
            user: row.user_id.into(),
            email: row.email,
            name: row.name,
            roles: row.roles,
            created_at: row.created_at,
        })
        .collect())
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

pub(in crate::identity) async fn insert_invitation(
    tx: &mut WriteTx,
    into: Scope,
    invitation: &Invitation,
    role: RoleId,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into invitation (reseller_id, tenant_id, id, email, role_id, token_hash, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        into.reseller().uuid(),
        into.tenant().uuid(),
        invitation.id,
        invitation.email,
        role.uuid(),
        invitation.token.hash(),
        now,
        invitation.expires_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn invited_address(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select email from invitation where token_hash = $1 and accepted_at is null and expires_at > $2",
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?)
}

pub(in crate::identity) async fn use_invitation(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Accepted>> {
    let row = sqlx::query!(
        "update invitation
        set accepted_at = $2
        where token_hash = $1
            and accepted_at is null
            and expires_at > $2
        returning id, reseller_id, tenant_id, role_id",
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Accepted {
        id: row.id,
        scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
        role: row.role_id.into(),
    }))
}
