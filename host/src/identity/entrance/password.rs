//! A forgotten password, by mail, and a new one by whoever knows the old.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Origin,
    mailbox::{self, Asked, PASSWORD_RESET},
    normal_email, person, second_factor,
    sign_in::STRANGER,
    throttle::{self, Counted},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::Scope,
    fault::{Fault, RefusalKind, Result},
    identity::{AtTheEntrance, Caller, password, store, token::Sort},
    ids::TenantId,
    notify,
};

/// How long a reset's mail can be answered.
const RESET: TimeDelta = TimeDelta::hours(1);

/// Somebody asks for a new password at a reseller's address. A member there gets a mail; nobody is told whether there is
/// one.
pub async fn ask_reset(app: &App, from: Origin, reseller: TenantId, email: &str) -> Result<()> {
    let email = normal_email(email);
    let account = Counted::account(app, "password_reset", reseller, &email);
    let (mailbox, client) = (Counted::mailbox(app, &email), Counted::client(app, from));
    throttle::attempt(app, &[&account, &mailbox, &client]).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let member = store::members_called(tx.conn(), reseller, None, &email).await?;
    let Some(user) = member.first().map(|member| member.user) else {
        let event = audit::Event::refused("password.reset_ask", None, json!({}));
        let house = Scope::new(reseller, reseller);
        return tx.commit(house, &STRANGER, app.now(), event).await;
    };
    let scope = store::tenant_of(tx.conn(), reseller, user, None).await?;
    let scope = scope.ok_or(Fault::Missing)?;
    let asked = Asked {
        scope,
        user,
        email: &email,
        sort: Sort::PasswordReset,
        kind: PASSWORD_RESET,
        lasts: RESET,
    };
    let mail = asked.mail(app, &mut tx, notify::Kind::PasswordReset).await?;
    let mut tx = app.db.admit(tx, scope, STRANGER).await?;
    notify::queue(app, &mut tx, scope, &mail).await?;
    let event = audit::Event::done("password.reset_ask", user.uuid(), json!({}));
    tx.commit(event).await
}

/// Whoever reads the mailbox chooses a new password. That proves the address too, and ends every session of the person.
pub async fn reset_password(app: &App, from: Origin, token: &str, new: String) -> Result<()> {
    password::check(&new)?;
    let client = Counted::client(app, from);
    throttle::attempt(app, &[&client]).await?;
    let unknown = || Fault::invalid("reset_invalid", "the reset is unknown, used or expired");
    let token = mailbox::hash_of(token, Sort::PasswordReset).ok_or_else(unknown)?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let found = store::mailbox_token(tx.conn(), PASSWORD_RESET, &token, from.reseller, app.now()).await?;
    found.ok_or_else(unknown)?;
    drop(tx);
    let hash = password::hash(new).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let now = app.now();
    let found = store::mailbox_token(tx.conn(), PASSWORD_RESET, &token, from.reseller, now).await?;
    let found = found.ok_or_else(unknown)?;
    store::use_mailbox_tokens(tx.conn(), found.user, PASSWORD_RESET, now).await?;
    let user = mailbox::prove(&mut tx, found.user, now).await?;
    store::set_password(tx.conn(), user, &hash, now).await?;
    store::end_sessions_of(tx.conn(), user, None, now).await?;
    let (email, _) = store::person(tx.conn(), user).await?;
    let event = audit::Event::done("password.reset", user.uuid(), json!({}));
    let mut tx = app.db.admit(tx, found.scope, person::acts(user)).await?;
    notify::queue(app, &mut tx, found.scope, &notice(email, "password", now)).await?;
    tx.commit(event).await?;
    throttle::right(app, &[&client]).await
}

/// A signed-in person chooses a new password. Every other session of theirs ends.
pub async fn change_password(app: &App, from: Origin, caller: &Caller, change: Change) -> Result<()> {
    password::check(&change.new)?;
    let (store::Known { user, hash: old }, session) =
        person::shows_password(app, from, caller, change.old).await?;
    let asked = second_factor::Asked {
        user,
        scope: Some(caller.scope()),
        action: "password.change",
        refused_as: RefusalKind::Invalid,
    };
    asked.check(app, change.code.as_deref()).await?;
    let hash = password::hash(change.new).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let now = app.now();
    if store::hold_password(tx.conn(), user).await? != Some(old) {
        return Err(Fault::invalid("password_wrong", "the password is wrong"));
    }
    store::set_password(tx.conn(), user, &hash, now).await?;
    store::use_mailbox_tokens(tx.conn(), user, PASSWORD_RESET, now).await?;
    store::end_sessions_of(tx.conn(), user, Some(session.uuid()), now).await?;
    let (email, _) = store::person(tx.conn(), user).await?;
    let event = audit::Event::done("password.change", user.uuid(), json!({}));
    let mut tx = app.db.admit(tx, caller.scope(), caller.actor()).await?;
    notify::queue(app, &mut tx, caller.scope(), &notice(email, "password", now)).await?;
    tx.commit(event).await
}

/// Tells the mailbox what is different about how its person signs in, for whoever did not do it.
pub(super) fn notice(to: String, changed: &str, now: Timestamp) -> notify::Mail {
    let values = [("changed", changed.to_owned()), ("at", notify::moment(now))];
    notify::Mail {
        kind: notify::Kind::SignInNotice,
        to,
        token: None,
        values: values.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

/// A password for another one.
pub struct Change {
    /// The one that holds now.
    pub old: String,
    /// The one to hold from now on.
    pub new: String,
    /// The second factor's, where the person has one.
    pub code: Option<String>,
}
