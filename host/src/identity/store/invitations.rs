//! Invitations, found by their token's hash.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx as _, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::invitations::Invitation,
    ids::{InvitationId, RoleId, TenantId},
    page::Page,
};

/// An invitation that was just used.
pub(in crate::identity) struct Accepted {
    pub id: Uuid,
    pub scope: Scope,
    pub role: RoleId,
}

pub(in crate::identity) async fn insert_invitation(
    tx: &mut WriteTx,
    into: Scope,
    invitation: &Invitation,
    token_hash: &[u8],
) -> Result<()> {
    let done = sqlx::query!(
        "insert into invitation (reseller_id, tenant_id, id, email, role_id, token_hash, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        into.reseller().uuid(),
        into.tenant().uuid(),
        invitation.id.uuid(),
        invitation.email,
        invitation.role.uuid(),
        token_hash,
        invitation.created_at,
        invitation.expires_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn invitations(tx: &mut ReadTx, page: Page) -> Result<Vec<Invitation>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        Invitation,
        r#"select id as "id: InvitationId", tenant_id as "tenant: TenantId", nullif(email, '') as email, role_id as "role: RoleId",
            created_at, expires_at, accepted_at, withdrawn_at, sent
        from invitation
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id > $3
        order by id
        limit $4"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The invitation, held until the transaction ends.
pub(in crate::identity) async fn invitation(tx: &mut WriteTx, id: InvitationId) -> Result<Invitation> {
    let scope = tx.scope();
    sqlx::query_as!(
        Invitation,
        r#"select id as "id: InvitationId", tenant_id as "tenant: TenantId", nullif(email, '') as email, role_id as "role: RoleId",
            created_at, expires_at, accepted_at, withdrawn_at, sent
        from invitation
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3
        for update"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)
}

pub(in crate::identity) async fn withdraw_invitation(
    tx: &mut WriteTx,
    id: InvitationId,
    now: Timestamp,
) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update invitation
        set withdrawn_at = $4, email = ''
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn forget_invited(tx: &mut WriteTx, id: InvitationId) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update invitation
        set email = ''
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn renew_invitation(
    tx: &mut WriteTx,
    invitation: &Invitation,
    token_hash: &[u8],
) -> Result<()> {
    let reseller = tx.scope().reseller();
    let done = sqlx::query!(
        "update invitation
        set token_hash = $4, expires_at = $5, sent = $6
        where reseller_id = $1
            and tenant_id = $2
            and id = $3",
        reseller.uuid(),
        invitation.tenant.uuid(),
        invitation.id.uuid(),
        token_hash,
        invitation.expires_at,
        invitation.sent
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn invited_address(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(TenantId, String)>> {
    let row = sqlx::query!(
        "select reseller_id, email
        from invitation
        where token_hash = $1
            and accepted_at is null
            and withdrawn_at is null
            and expires_at > $2",
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.reseller_id.into(), row.email)))
}

pub(in crate::identity) async fn use_invitation(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Accepted>> {
    let row = sqlx::query!(
        "update invitation
        set accepted_at = $2, email = ''
        where token_hash = $1
            and accepted_at is null
            and withdrawn_at is null
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
