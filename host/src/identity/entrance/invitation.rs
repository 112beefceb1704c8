//! An invitation is accepted.

use serde_json::json;

use super::{NewUser, SignedIn, person, session};
use crate::{
    app::App,
    audit,
    fault::{Fault, OnConstraint as _, Result},
    identity::{
        AtTheEntrance, store,
        token::{self, Sort},
    },
    ids::TenantId,
};

/// What the invited person shows and chooses.
pub struct Acceptance {
    /// The invitation's token.
    pub token: String,
    /// Name for people.
    pub name: String,
    /// A new password, or the known person's own.
    pub password: String,
}

/// The person an invitation was for accepts it, once; the person is made here if unknown. `at` is the reseller
/// whose address it was shown at, where it was one's.
pub async fn accept_invitation(app: &App, at: Option<TenantId>, given: Acceptance) -> Result<SignedIn> {
    let Acceptance {
        token,
        name,
        password,
    } = given;
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
    if at.is_some_and(|at| at != reseller) {
        return Err(unknown());
    }
    drop(tx);
    let person_given = NewUser {
        email,
        name,
        password,
    };
    let password_hash = person::check(app, &person_given).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let invitation = store::use_invitation(tx.conn(), &hash, now)
        .await?
        .ok_or_else(unknown)?;
    let user = store::ensure_user(tx.conn(), app.id(), &person_given, password_hash, now).await?;
    let scope = invitation.scope;
    store::insert_membership(tx.conn(), scope, app.id(), user, invitation.role, now)
        .await
        .on_constraint("membership_once", || {
            Fault::conflict("already_a_member", "this person is a member already")
        })?;
    let signed_in = session::begin(app, &mut tx, scope, user).await?;
    let actor = person::acts(user);
    let event = audit::Event::done("invitation.accept", invitation.id, json!({}));
    tx.commit(scope, &actor, now, event).await?;
    Ok(signed_in)
}
