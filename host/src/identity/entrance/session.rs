//! Sessions begun at the entrance, and what tenant they act for.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    app::{App, Timestamp},
    audit,
    db::{EntranceTx, Scope},
    fault::{Fault, RefusalKind, Result},
    identity::{
        AtTheEntrance, Caller, Permissions, Principal, TenantState,
        store::{self, NewSession},
        token::{self, Sort, Token},
    },
    ids::{SessionId, TenantId, UserId},
};

/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// A person signed in, with the token that shows it, given out once.
pub struct SignedIn {
    /// For whom the session acts.
    pub scope: Scope,
    /// The person.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// What the person's programs send from here on.
    pub token: Token,
}

/// Whoever holds a session that can be used, if it is one: also somebody who was removed from its tenant since, and who may
/// do nothing but go on in another.
pub async fn holder(app: &App, token: &str) -> Result<Option<Caller>> {
    let Some((Sort::Session, hash)) = token::read(token) else {
        return Ok(None);
    };
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let found = store::session_holder(tx.conn(), &hash, app.now()).await?;
    Ok(found.map(|(scope, user, session)| {
        let principal = Principal::User { user, session };
        Caller::new(scope, principal, Permissions::default(), TenantState::Active)
    }))
}

/// A session goes on in another tenant of the same reseller, where the person is a member.
pub async fn switch_tenant(app: &App, caller: &Caller, tenant: TenantId) -> Result<Scope> {
    let Principal::User { user, session } = caller.principal() else {
        return Err(Fault::invalid(
            "not_a_session",
            "an API key names its tenant and cannot switch",
        ));
    };
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let reseller = caller.scope().reseller();
    let scope = store::tenant_of(tx.conn(), reseller, user, Some(tenant))
        .await?
        .ok_or(Fault::Missing)?;
    store::move_session(tx.conn(), scope, session).await?;
    let event = audit::Event::done("session.switch", session.uuid(), json!({}));
    tx.commit(scope, &caller.actor(), app.now(), event).await?;
    Ok(scope)
}

/// What showed who a person is, a while before the session begins.
pub(in crate::identity) enum Shown {
    /// The password of this hash, and the second factor that was on since then, if one was.
    Password(String, Option<Timestamp>),
    /// Something else, or a password that is made in the same transaction.
    Otherwise,
}

/// Begins a session of the person in one tenant. What changed since the person showed it counts: who takes an account back
/// by a new password or a second factor ends also the sessions that are just beginning.
pub(in crate::identity) async fn begin(
    app: &App,
    tx: &mut EntranceTx,
    scope: Scope,
    user: UserId,
    shown: Shown,
) -> Result<SignedIn> {
    if let Shown::Password(hash, factor) = shown {
        let held = store::hold_password(tx.conn(), user).await?;
        let since = store::second_factor(tx.conn(), user)
            .await?
            .and_then(|factor| factor.confirmed_at);
        if held != Some(hash) || since != factor {
            return Err(Fault::refused(
                RefusalKind::Unauthenticated,
                "sign_in_failed",
                "the password or the second factor was changed meanwhile",
            ));
        }
    }
    let token = Token::new(Sort::Session);
    let now = app.now();
    let session = app.id();
    let new = NewSession {
        scope,
        id: session,
        user,
        token_hash: token.hash(),
        created_at: now,
        expires_at: now + SESSION,
    };
    store::insert_session(tx.conn(), &new).await?;
    Ok(SignedIn {
        scope,
        user,
        session,
        token,
    })
}
