//! An invitation is accepted.

use serde_json::json;

use super::{
    NewUser, Origin, SignedIn,
    person::{self, Person},
    second_factor, session,
    throttle::{self, Counted},
};
use crate::{
    app::App,
    audit,
    db::Scope,
    fault::{Fault, OnConstraint as _, RefusalKind, Result},
    identity::{
        AtTheEntrance, password, store,
        token::{self, Sort},
    },
};

/// What the invited person shows and chooses.
pub struct Acceptance {
    /// The invitation's token.
    pub token: String,
    /// Name for people.
    pub name: String,
    /// A new password, or the known person's own.
    pub password: String,
    /// The second factor's, where the known person has one.
    pub code: Option<String>,
}

/// The person an invitation was for accepts it, once. The token came by mail, so the address is theirs: the person
/// is made here unless an account proved it before, whose password must come along.
pub async fn accept_invitation(app: &App, from: Origin, given: Acceptance) -> Result<SignedIn> {
    let Acceptance {
        token,
        name,
        password,
        code,
    } = given;
    let client = Counted::client(app, from);
    throttle::attempt(app, &[&client]).await?;
    let unknown = || Fault::invalid("invitation_invalid", "the invitation is unknown, used or expired");
    let hash = token::read(&token)
        .filter(|(sort, _)| *sort == Sort::Invitation)
        .map(|(_, hash)| hash)
        .ok_or_else(unknown)?;
    let now = app.now();
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let (reseller, email) = store::invited_address(tx.conn(), &hash, now)
        .await?
        .ok_or_else(unknown)?;
    if from.reseller.is_some_and(|at| at != reseller) {
        return Err(unknown());
    }
    drop(tx);
    let person_given = NewUser {
        email,
        name,
        password,
    };
    let person_given = person_given.checked()?;
    let person = recognise(app, &person_given).await?;
    throttle::right(app, &[&client]).await?;
    let mut factor = None;
    if let Person::Proven(known) = &person {
        let asked = second_factor::Asked {
            user: known.user,
            scope: Some(Scope::new(reseller, reseller)),
            action: "invitation.accept",
            refused_as: RefusalKind::Unauthenticated,
        };
        factor = asked.check(app, code.as_deref()).await?;
    }
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let invitation = store::use_invitation(tx.conn(), &hash, now)
        .await?
        .ok_or_else(unknown)?;
    let (user, shown) = match person {
        Person::Proven(known) => (known.user, session::Shown::Password(known.hash, factor)),
        Person::New(hash) => {
            let user = app.id();
            store::insert_user(tx.conn(), user, &person_given, Some(now), now).await?;
            store::insert_password(tx.conn(), user, &hash, now).await?;
            (user, session::Shown::Otherwise)
        }
    };
    let scope = invitation.scope;
    store::insert_membership(tx.conn(), scope, app.id(), user, invitation.role, now)
        .await
        .on_constraint("membership_once", || {
            Fault::conflict("already_a_member", "this person is a member already")
        })?;
    let signed_in = session::begin(app, &mut tx, scope, user, shown).await?;
    let actor = person::acts(user);
    let event = audit::Event::done("invitation.accept", invitation.id, json!({}));
    tx.commit(scope, &actor, now, event).await?;
    Ok(signed_in)
}

/// Whoever holds the token reads the mailbox, and so may know that its account is there.
async fn recognise(app: &App, given: &NewUser) -> Result<Person> {
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let known = store::proven(tx.conn(), &given.email).await?;
    drop(tx);
    let Some(known) = known else {
        return Ok(Person::New(password::hash(given.password.clone()).await?));
    };
    match password::verify(given.password.clone(), Some(known.hash.clone())).await? {
        true => Ok(Person::Proven(known)),
        false => Err(Fault::invalid(
            "person_unverified",
            "this address has an account already, and the password is not its own",
        )),
    }
}
