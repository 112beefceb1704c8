//! Tokens that lie in a person's mailbox, and what follows from showing one.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    db::Scope,
    fault::{Result, exactly_one},
    identity::entrance::MailboxToken,
    ids::{TenantId, UserId},
};

pub(in crate::identity) async fn insert_mailbox_token(
    conn: &mut PgConnection,
    token: &MailboxToken,
    hash: &[u8],
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into mailbox_token (reseller_id, tenant_id, id, user_id, kind, token_hash, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        token.scope.reseller().uuid(),
        token.scope.tenant().uuid(),
        token.id,
        token.user.uuid(),
        token.kind,
        hash,
        now,
        token.expires_at
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

/// The token of this hash that can still be used, at the reseller it was shown at, where it was at one.
pub(in crate::identity) async fn mailbox_token(
    conn: &mut PgConnection,
    kind: &'static str,
    hash: &[u8],
    at: Option<TenantId>,
    now: Timestamp,
) -> Result<Option<MailboxToken>> {
    let row = sqlx::query!(
        "select reseller_id, tenant_id, id, user_id, expires_at
        from mailbox_token
        where token_hash = $1
            and kind = $2
            and ($3::uuid is null or reseller_id = $3)
            and used_at is null
            and expires_at > $4
        for update",
        hash,
        kind,
        at.map(|id| id.uuid()),
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| MailboxToken {
        scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
        id: row.id,
        user: row.user_id.into(),
        kind,
        expires_at: row.expires_at,
    }))
}

/// None of the person's tokens of this kind works from now on.
pub(in crate::identity) async fn use_mailbox_tokens(
    conn: &mut PgConnection,
    user: UserId,
    kind: &'static str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update mailbox_token
        set used_at = $3
        where user_id = $1
            and kind = $2
            and used_at is null",
        user.uuid(),
        kind,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends every session of the person, wherever it is.
pub(in crate::identity) async fn end_sessions_of(
    conn: &mut PgConnection,
    user: UserId,
    but: Option<uuid::Uuid>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update session
        set ended_at = $3
        where user_id = $1
            and ($2::uuid is null or id <> $2)
            and ended_at is null",
        user.uuid(),
        but,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What one account stood for, another one does from now on: its memberships with their roles, and its keys.
pub(in crate::identity) async fn move_standing(
    conn: &mut PgConnection,
    from: UserId,
    to: UserId,
    now: Timestamp,
) -> Result<()> {
    // Where both are members, the roles come together in the membership that stays.
    sqlx::query!(
        "insert into membership_role (reseller_id, tenant_id, membership_id, role_id)
        select kept.reseller_id, kept.tenant_id, kept.id, mr.role_id
        from membership gone
        join membership kept on kept.reseller_id = gone.reseller_id and kept.tenant_id = gone.tenant_id
            and kept.user_id = $2 and kept.removed_at is null
        join membership_role mr on mr.reseller_id = gone.reseller_id and mr.tenant_id = gone.tenant_id
            and mr.membership_id = gone.id
        where gone.user_id = $1
            and gone.removed_at is null
        on conflict do nothing",
        from.uuid(),
        to.uuid()
    )
    .execute(&mut *conn)
    .await?;
    // Keys live as long as a membership that is older than they are.
    sqlx::query!(
        "update membership kept
        set created_at = least(kept.created_at, gone.created_at)
        from membership gone
        where kept.reseller_id = gone.reseller_id
            and kept.tenant_id = gone.tenant_id
            and kept.user_id = $2
            and kept.removed_at is null
            and gone.user_id = $1
            and gone.removed_at is null",
        from.uuid(),
        to.uuid()
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update membership gone
        set removed_at = $3
        where gone.user_id = $1
            and gone.removed_at is null
            and exists (
                select
                from membership kept
                where kept.reseller_id = gone.reseller_id and kept.tenant_id = gone.tenant_id and kept.user_id = $2
                    and kept.removed_at is null)",
        from.uuid(),
        to.uuid(),
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update membership set user_id = $2 where user_id = $1 and removed_at is null",
        from.uuid(),
        to.uuid()
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update api_key set created_by = $2 where created_by = $1",
        from.uuid(),
        to.uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}
