//! Sessions as lists: a person's own at a reseller, and those held in a tenant.

use sqlx::PgConnection;

use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx as _, WriteTx},
    fault::{Fault, Result},
    identity::sessions::{Belonging, Session},
    ids::{SessionId, TenantId, UserId},
    page::Page,
};

pub(in crate::identity) async fn own_sessions(
    conn: &mut PgConnection,
    reseller: TenantId,
    user: UserId,
    now: Timestamp,
    page: Page,
) -> Result<Vec<Session>> {
    Ok(sqlx::query_as!(
        Session,
        r#"select s.id, s.tenant_id as tenant, s.user_id as "user", s.created_at,
            coalesce(s.last_seen_at, s.created_at) as "last_seen_at!", s.expires_at
        from session s
        where s.reseller_id = $1
            and s.user_id = $2
            and s.ended_at is null
            and s.expires_at > $3
            and s.id > $4
        order by s.id
        limit $5"#,
        reseller.uuid(),
        user.uuid(),
        now,
        page.after,
        page.fetch()
    )
    .fetch_all(conn)
    .await?)
}

/// The tenant that it acted for.
pub(in crate::identity) async fn end_own_session(
    conn: &mut PgConnection,
    reseller: TenantId,
    user: UserId,
    id: SessionId,
    now: Timestamp,
) -> Result<TenantId> {
    let ended = sqlx::query_scalar!(
        "update session
        set ended_at = $4
        where reseller_id = $1
            and user_id = $2
            and id = $3
            and ended_at is null
            and expires_at > $4
        returning tenant_id",
        reseller.uuid(),
        user.uuid(),
        id.uuid(),
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(ended.ok_or(Fault::Missing)?.into())
}

/// Those that act for the tenant, also of somebody who was removed from it and can only go on elsewhere.
pub(in crate::identity) async fn members_sessions(
    tx: &mut ReadTx,
    now: Timestamp,
    page: Page,
) -> Result<Vec<Session>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        Session,
        r#"select s.id, s.tenant_id as tenant, s.user_id as "user", s.created_at,
            coalesce(s.last_seen_at, s.created_at) as "last_seen_at!", s.expires_at
        from session s
        where s.reseller_id = $1
            and ($2::uuid is null or s.tenant_id = $2)
            and s.ended_at is null
            and s.expires_at > $3
            and s.id > $4
        order by s.id
        limit $5"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        now,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Whose it was.
pub(in crate::identity) async fn end_members_session(
    tx: &mut WriteTx,
    id: SessionId,
    now: Timestamp,
) -> Result<UserId> {
    let scope = tx.scope();
    let ended = sqlx::query_scalar!(
        "update session
        set ended_at = $4
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id = $3
            and ended_at is null
            and expires_at > $4
        returning user_id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(ended.ok_or(Fault::Missing)?.into())
}

/// A session that can be used and its person, whether or not that person is still a member of its tenant.
pub(in crate::identity) async fn session_holder(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(Scope, UserId, SessionId)>> {
    let row = sqlx::query!(
        "select reseller_id, tenant_id, id, user_id
        from session
        where token_hash = $1
            and ended_at is null
            and expires_at > $2",
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let scope = Scope::new(row.reseller_id.into(), row.tenant_id.into());
        (scope, row.user_id.into(), row.id.into())
    }))
}

/// Notes that a session was used, at most once a minute.
pub(in crate::identity) async fn touch_session(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update session
        set last_seen_at = $2
        where token_hash = $1
            and (last_seen_at is null or last_seen_at < $2::timestamptz - interval '1 minute')",
        token_hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::identity) async fn belongings(
    conn: &mut PgConnection,
    reseller: TenantId,
    user: UserId,
) -> Result<Vec<Belonging>> {
    Ok(sqlx::query_as!(
        Belonging,
        "select t.tenant_id as tenant, t.kind, t.name, t.state
        from membership m
        join tenant t on t.reseller_id = m.reseller_id and t.tenant_id = m.tenant_id
        where m.reseller_id = $1
            and m.user_id = $2
            and m.removed_at is null
        order by m.created_at, m.id
        limit 200",
        reseller.uuid(),
        user.uuid()
    )
    .fetch_all(conn)
    .await?)
}
