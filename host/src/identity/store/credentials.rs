//! What shows who is asking: sessions and API keys.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::Scope,
    fault::{Result, exactly_one},
    identity::Permission,
    ids::{SessionId, UserId},
};

/// A tenant's state and its house's, of which the stricter counts: nobody works for a suspended house.
pub(in crate::identity) struct States {
    pub tenant: String,
    pub house: String,
}

/// Who a credential stands for at this moment.
pub(in crate::identity) struct Standing {
    pub scope: Scope,
    pub states: States,
    pub user: Option<UserId>,
    /// The session or key.
    pub id: Uuid,
    pub permissions: Vec<Permission>,
    /// When it was last noted that the credential was used.
    pub used_at: Option<Timestamp>,
}

/// A session to begin.
pub(in crate::identity) struct NewSession {
    pub scope: Scope,
    pub id: SessionId,
    pub user: UserId,
    pub token_hash: Vec<u8>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The session of this token, if its person is still a member of its tenant.
pub(in crate::identity) async fn session(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Standing>> {
    // Tenants are looked up and not joined: for any value of a parameter a join may read them through.
    let row = sqlx::query!(
        r#"select s.reseller_id, s.tenant_id, s.id, s.user_id, own.state as "state!", house.state as "house!",
            s.last_seen_at,
            array(
                select distinct rp.permission
                from membership_role mr
                join role_permission rp on rp.reseller_id = mr.reseller_id and rp.tenant_id = mr.tenant_id
                    and rp.role_id = mr.role_id
                where mr.reseller_id = m.reseller_id and mr.tenant_id = m.tenant_id
                    and mr.membership_id = m.id) as "permissions!"
        from session s
        join membership m on m.reseller_id = s.reseller_id and m.tenant_id = s.tenant_id
            and m.user_id = s.user_id and m.removed_at is null
        cross join lateral (
            select t.state from tenant t where t.reseller_id = s.reseller_id and t.tenant_id = s.tenant_id limit 1) own
        cross join lateral (
            select t.state from tenant t where t.reseller_id = s.reseller_id and t.tenant_id = s.reseller_id limit 1) house
        where s.token_hash = $1
            and s.ended_at is null
            and s.expires_at > $2"#,
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Standing {
        scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
        states: States {
            tenant: row.state,
            house: row.house,
        },
        user: Some(row.user_id.into()),
        id: row.id,
        permissions: known(&row.permissions),
        used_at: row.last_seen_at,
    }))
}

/// The key of this token, unless the person it goes back to left the tenant since it was made.
pub(in crate::identity) async fn api_key(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Standing>> {
    let row = sqlx::query!(
        r#"select k.reseller_id, k.tenant_id, k.id, own.state as "state!", house.state as "house!",
            k.last_used_at,
            held.permissions as "permissions!"
        from api_key k
        cross join lateral tenancy.key_permissions(k.reseller_id, k.tenant_id, k.created_by, k.created_at, k.permissions) held
        cross join lateral (
            select t.state from tenant t where t.reseller_id = k.reseller_id and t.tenant_id = k.tenant_id limit 1) own
        cross join lateral (
            select t.state from tenant t where t.reseller_id = k.reseller_id and t.tenant_id = k.reseller_id limit 1) house
        where k.secret_hash = $1
            and k.revoked_at is null
            and (k.expires_at is null or k.expires_at > $2)"#,
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Standing {
        scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
        states: States {
            tenant: row.state,
            house: row.house,
        },
        user: None,
        id: row.id,
        permissions: known(&row.permissions),
        used_at: row.last_used_at,
    }))
}

/// Notes that a key was used, at most once a minute so that busy keys do not cost a write each request. Nobody waits for
/// the disk: what a crash of the database forgets is when a key was last used.
pub(in crate::identity) async fn touch_api_key(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update api_key
        set last_used_at = $2
        from (select set_config('synchronous_commit', 'off', true)) unhurried
        where secret_hash = $1
            and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')",
        token_hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::identity) async fn insert_session(conn: &mut PgConnection, new: &NewSession) -> Result<()> {
    let done = sqlx::query!(
        "insert into session (reseller_id, tenant_id, id, user_id, token_hash, created_at, last_seen_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $6, $7)",
        new.scope.reseller().uuid(),
        new.scope.tenant().uuid(),
        new.id.uuid(),
        new.user.uuid(),
        new.token_hash,
        new.created_at,
        new.expires_at
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn move_session(
    conn: &mut PgConnection,
    to: Scope,
    id: SessionId,
) -> Result<()> {
    let done = sqlx::query!(
        "update session set tenant_id = $2 where reseller_id = $1 and id = $3",
        to.reseller().uuid(),
        to.tenant().uuid(),
        id.uuid()
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::identity) async fn end_session(
    conn: &mut PgConnection,
    of: Scope,
    id: SessionId,
    now: Timestamp,
) -> Result<()> {
    let done = sqlx::query!(
        "update session
        set ended_at = $4
        where reseller_id = $1
            and tenant_id = $2
            and id = $3
            and ended_at is null",
        of.reseller().uuid(),
        of.tenant().uuid(),
        id.uuid(),
        now
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) fn known(names: &[String]) -> Vec<Permission> {
    names.iter().filter_map(|name| Permission::parse(name)).collect()
}
