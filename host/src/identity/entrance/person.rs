//! People as they present themselves at the entrance.

use crate::{
    app::App,
    fault::{Fault, Result},
    identity::{Actor, ActorKind, AtTheEntrance, password, store, tenants},
    ids::UserId,
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

/// Checks what a person gave. A known address must come with its own password; a new one gets the hash to store.
pub(super) async fn check(app: &App, given: &NewUser) -> Result<Option<String>> {
    let email = email(&given.email)?;
    tenants::check_name(&given.name)?;
    password::check(&given.password)?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let known = store::password(tx.conn(), &email).await?;
    drop(tx);
    let Some((_, hash)) = known else {
        return Ok(Some(password::hash(given.password.clone()).await?));
    };
    match password::verify(given.password.clone(), Some(hash)).await? {
        true => Ok(None),
        false => Err(Fault::invalid(
            "person_unverified",
            "this address cannot be used with this password",
        )),
    }
}

/// The person as the one who acts.
pub(super) fn acts(user: UserId) -> Actor {
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
