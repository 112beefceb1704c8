//! Where people are signed in: one's own sessions at a reseller, and those that a tenant's members hold in it.

use serde_json::json;

use super::{AtTheEntrance, Caller, Permission, Principal, entrance, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::Scope,
    fault::{Fault, Result},
    ids::{SessionId, TenantId, UserId},
    page::{Items, Page},
};

/// A session that can still be used, without its token.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which one.
    pub id: SessionId,
    /// The tenant that it acts for at this moment.
    pub tenant: TenantId,
    /// Whose it is.
    pub user: UserId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A tenant of the caller's reseller in which the person is a member.
#[derive(Debug, Clone)]
pub struct Belonging {
    /// The tenant.
    pub tenant: TenantId,
    /// `reseller` or `customer`.
    pub kind: String,
    /// Name for people.
    pub name: String,
    /// `active`, `suspended` or `leaving`.
    pub state: String,
}

/// The caller's own sessions at this reseller.
pub async fn own(app: &App, caller: &Caller, page: Page) -> Result<Items<Session>> {
    let (user, _) = person(caller)?;
    let mut tx = entrance::enter(app).await?;
    let reseller = caller.scope().reseller();
    let rows = store::own_sessions(tx.conn(), reseller, user, app.now(), page).await?;
    Ok(page.cut(caller.scope(), "sessions", rows, |session| session.id.uuid()))
}

/// Ends one of the caller's own sessions at this reseller.
pub async fn end_own(app: &App, caller: &Caller, id: SessionId) -> Result<()> {
    let ((user, _), now) = (person(caller)?, app.now());
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let reseller = caller.scope().reseller();
    let tenant = store::end_own_session(tx.conn(), reseller, user, id, now).await?;
    let event = audit::Event::done("session.end", id.uuid(), json!({}));
    tx.commit(Scope::new(reseller, tenant), &caller.actor(), now, event)
        .await
}

/// Ends every session of the caller but the one that asks, at other resellers too.
pub async fn end_others(app: &App, caller: &Caller) -> Result<()> {
    let ((user, session), now) = (person(caller)?, app.now());
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    store::end_sessions_of(tx.conn(), user, Some(session.uuid()), now).await?;
    let event = audit::Event::done("session.end_others", session.uuid(), json!({}));
    tx.commit(caller.scope(), &caller.actor(), now, event).await
}

/// The sessions that members hold in the caller's tenant; for a reseller, in its customers too.
pub async fn of_members(app: &App, caller: &Caller, page: Page) -> Result<Items<Session>> {
    let mut tx = app.db.read(caller, Permission::KeysRead).await?;
    let rows = store::members_sessions(&mut tx, app.now(), page).await?;
    Ok(page.cut(caller.scope(), "member-sessions", rows, |session| {
        session.id.uuid()
    }))
}

/// Ends a session that a member holds in the caller's tenant or, for a reseller, in a customer of it.
pub async fn end_of_member(app: &App, caller: &Caller, id: SessionId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::KeysWrite).await?;
    let now = tx.now();
    let user = store::end_members_session(&mut tx, id, now).await?;
    let detail = json!({ "user_id": user.uuid() });
    tx.commit(audit::Event::done("session.end", id.uuid(), detail))
        .await
}

/// Where the caller's person is a member at this reseller; nowhere for a key or an operator.
pub async fn belongings(app: &App, caller: &Caller) -> Result<Vec<Belonging>> {
    let Ok((user, _)) = person(caller) else {
        return Ok(Vec::new());
    };
    let mut tx = entrance::enter(app).await?;
    store::belongings(tx.conn(), caller.scope().reseller(), user).await
}

fn person(caller: &Caller) -> Result<(UserId, SessionId)> {
    match caller.principal() {
        Principal::User { user, session } => Ok((user, session)),
        _ => Err(Fault::invalid("not_a_session", "an API key has no sessions")),
    }
}
