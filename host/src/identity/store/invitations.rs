//! Invitations, found by their token's hash.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{Scope, Tx as _, WriteTx},
    fault::{Result, exactly_one},
    identity::invitations::Invitation,
    ids::RoleId,
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
