//! A person signs in at a reseller's address.

use serde_json::json;

use super::{SignedIn, normal_email, person, session};
use crate::{
    app::App,
    audit,
    db::Scope,
    fault::{Fault, RefusalKind, Result},
    identity::{Actor, ActorKind, AtTheEntrance, password, store},
    ids::TenantId,
};

const STRANGER: Actor = Actor {
    kind: ActorKind::Anonymous,
    id: None,
    initiated_by: None,
};

/// A person signs in at one reseller's address, to a named tenant there or to the first one joined.
pub async fn sign_in(
    app: &App,
    reseller: TenantId,
    email: &str,
    password: String,
    tenant: Option<TenantId>,
) -> Result<SignedIn> {
    let wrong = || {
        Fault::refused(
            RefusalKind::Unauthenticated,
            "sign_in_failed",
            "address or password is wrong, or there is no membership here",
        )
    };
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let known = store::password(tx.conn(), &normal_email(email)).await?;
    drop(tx);
    let (user, hash) = known.unzip();
    let verified = password::verify(password, hash).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let standing = match user.filter(|_| verified) {
        Some(user) => {
            let scope = store::tenant_of(tx.conn(), reseller, user, tenant).await?;
            scope.map(|scope| (scope, user))
        }
        None => None,
    };
    let Some((scope, user)) = standing else {
        // Not even the address is told: it may be somebody's password, typed into the wrong field.
        let event = audit::Event::refused("session.begin", None, json!({}));
        let house = Scope::new(reseller, reseller);
        tx.commit(house, &STRANGER, app.now(), event).await?;
        return Err(wrong());
    };
    let signed_in = session::begin(app, &mut tx, scope, user).await?;
    let actor = person::acts(user);
    let event = audit::Event::done("session.begin", signed_in.session.uuid(), json!({}));
    tx.commit(scope, &actor, app.now(), event).await?;
    Ok(signed_in)
}
