//! A person signs in at a reseller's address.

use serde_json::json;

use super::{
    Origin, SignedIn, normal_email, person, second_factor, session,
    throttle::{self, Counted},
};
use crate::{
    app::App,
    audit,
    db::Scope,
    fault::{Fault, RefusalKind, Result},
    identity::{
        Actor, ActorKind, AtTheEntrance, password,
        store::{self, Known},
    },
    ids::TenantId,
};

pub(super) const STRANGER: Actor = Actor {
    kind: ActorKind::Anonymous,
    id: None,
    initiated_by: None,
};

/// What a person shows to be let in.
pub struct SignIn {
    /// Where mail reaches the person.
    pub email: String,
    /// The person's own.
    pub password: String,
    /// One of the person's tenants; otherwise the first active one joined.
    pub tenant: Option<TenantId>,
    /// The second factor's, where the person has one.
    pub code: Option<String>,
}

/// A person signs in at one reseller's address. Only that reseller's members are looked among.
pub async fn sign_in(app: &App, from: Origin, reseller: TenantId, given: SignIn) -> Result<SignedIn> {
    let email = normal_email(&given.email);
    let account = Counted::account(app, "sign_in", reseller, &email);
    let client = Counted::client(app, from);
    throttle::attempt(app, &[&account, &client]).await?;
    let known = recognise(app, reseller, &email, &given).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let scope = match &known {
        Some(known) => store::tenant_of(tx.conn(), reseller, known.user, given.tenant).await?,
        None => None,
    };
    let Some((scope, Known { user, hash })) = scope.zip(known) else {
        // Not even the address is told: it may be somebody's password, typed into the wrong field.
        let event = audit::Event::refused("session.begin", None, json!({}));
        let house = Scope::new(reseller, reseller);
        tx.commit(house, &STRANGER, app.now(), event).await?;
        return Err(Fault::refused(
            RefusalKind::Unauthenticated,
            "sign_in_failed",
            "address or password is wrong, or there is no membership here",
        ));
    };
    drop(tx);
    throttle::right(app, &[&account, &client]).await?;
    let asked = second_factor::Asked {
        user,
        scope: Some(scope),
        action: "session.begin",
        refused_as: RefusalKind::Unauthenticated,
    };
    let factor = asked.check(app, given.code.as_deref()).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let shown = session::Shown::Password(hash, factor);
    let signed_in = session::begin(app, &mut tx, scope, user, shown).await?;
    let actor = person::acts(user);
    let event = audit::Event::done("session.begin", signed_in.session.uuid(), json!({}));
    tx.commit(scope, &actor, app.now(), event).await?;
    throttle::worked(app, &account).await?;
    Ok(signed_in)
}

/// Whose password it is. One is verified where nobody is known, so that it takes as long.
async fn recognise(app: &App, reseller: TenantId, email: &str, given: &SignIn) -> Result<Option<Known>> {
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let members = store::members_called(tx.conn(), reseller, given.tenant, email).await?;
    drop(tx);
    if members.is_empty() {
        password::verify(given.password.clone(), None).await?;
    }
    for member in members {
        if password::verify(given.password.clone(), Some(member.hash.clone())).await? {
            return Ok(Some(member));
        }
    }
    Ok(None)
}
