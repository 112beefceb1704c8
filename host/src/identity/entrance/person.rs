//! People as they present themselves at the entrance.

use super::{
    Origin,
    throttle::{self, Counted},
};
use crate::{
    app::App,
    fault::{Fault, Result},
    identity::{
        Actor, ActorKind, AtTheEntrance, Caller, Principal, password,
        store::{self, Known},
        tenants,
    },
    ids::{SessionId, UserId},
    notify,
};

/// A person to make.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Where mail reaches the person.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// At least 12 characters.
    pub password: String,
}

/// Who a person turned out to be.
pub(super) enum Person {
    /// Whoever proved the address, shown by the password.
    Proven(Known),
    /// Somebody new, with the hash to store.
    New(String),
}

impl NewUser {
    /// The same with its address in the one way to write it; refuses what is not well formed.
    pub(super) fn checked(self) -> Result<Self> {
        tenants::check_name(&self.name)?;
        password::check(&self.password)?;
        Ok(Self {
            email: email(&self.email)?,
            ..self
        })
    }
}

/// Whoever proved this address, where the password is that person's; otherwise somebody new. Takes as long either way.
pub(super) async fn recognise(app: &App, given: &NewUser) -> Result<Person> {
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let known = store::proven(tx.conn(), &given.email).await?;
    drop(tx);
    let hash = known.as_ref().map(|known| known.hash.clone());
    let verified = password::verify(given.password.clone(), hash).await?;
    match known.filter(|_| verified) {
        Some(known) => Ok(Person::Proven(known)),
        None => Ok(Person::New(password::hash(given.password.clone()).await?)),
    }
}

/// Somebody signed in shows the password once more, before something that a stolen session must not do.
pub(super) async fn shows_password(
    app: &App,
    from: Origin,
    caller: &Caller,
    given: String,
) -> Result<(Known, SessionId)> {
    let Principal::User { user, session } = caller.principal() else {
        return Err(Fault::invalid("not_a_session", "an API key has no password"));
    };
    let (account, client) = (Counted::person(app, "password", user), Counted::client(app, from));
    throttle::attempt(app, &[&account, &client]).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let (_, hash) = store::person(tx.conn(), user).await?;
    drop(tx);
    if !password::verify(given, Some(hash.clone())).await? {
        return Err(Fault::invalid("password_wrong", "the password is wrong"));
    }
    throttle::right(app, &[&client]).await?;
    throttle::worked(app, &account).await?;
    Ok((Known { user, hash }, session))
}

/// The person as the one who acts.
pub(in crate::identity) fn acts(user: UserId) -> Actor {
    Actor {
        kind: ActorKind::User,
        id: Some(user.uuid()),
        initiated_by: None,
    }
}

/// The one way to write an address, if it is one.
pub(in crate::identity) fn email(given: &str) -> Result<String> {
    let email = normal_email(given);
    if email.len() > 254 || !notify::is_address(&email) {
        return Err(Fault::invalid(
            "email_invalid",
            "an address has the form name@host and at most 254 bytes",
        ));
    }
    Ok(email)
}

/// How addresses are compared.
pub(in crate::identity) fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}
