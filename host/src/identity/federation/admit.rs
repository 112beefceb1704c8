//! Who comes in: the person that this reseller knows by this issuer and subject, or a new one.

use serde_json::json;

use super::{
    Provider,
    flow::{Refused, unknown},
    journey::Ended,
    verify::Asserted,
};
use crate::{
    app::App,
    audit,
    db::{EntranceTx, Scope},
    fault::{Fault, OnConstraint as _, Result},
    identity::{
        AtTheEntrance, Caller,
        entrance::{self, SignedIn},
        store,
    },
    ids::{RoleId, UserId},
};

/// Signs in whom the provider spoke of. Who is new joins what the invitation or the provider gives; who was here before
/// and was removed stays outside until invited again.
pub(super) async fn admit(
    app: &App,
    visitor: &Caller,
    provider: &Provider,
    asserted: Asserted,
    journey: &Ended,
) -> Result<SignedIn, Refused> {
    let house = visitor.scope();
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let now = app.now();
    if !store::hold_journey(tx.conn(), house, journey.id).await? {
        return Err(unknown("the provider was removed meanwhile"));
    }
    let known = store::federated_user(tx.conn(), house, &provider.issuer, &asserted.subject).await?;
    let invited = match &journey.invitation_hash {
        Some(hash) => Some(invited(app, &mut tx, house, hash, &asserted).await?),
        None => None,
    };
    let (user, is_new) = match known {
        Some(user) => (user, None),
        None => {
            let user = make(app, &mut tx, house, provider, &asserted).await?;
            (user, provider.joins)
        }
    };
    let joins = is_new.map(|joins| (Scope::new(house.reseller(), joins.tenant), joins.role));
    if let Some((scope, role)) = invited.or(joins) {
        store::insert_membership(tx.conn(), scope, app.id(), user, role, now)
            .await
            .on_constraint("membership_once", || {
                Fault::conflict("already_a_member", "this person is a member already")
            })?;
    }
    let wanted = invited.map(|(scope, _)| scope.tenant());
    let scope = store::tenant_of(tx.conn(), house.reseller(), user, wanted).await?;
    let scope = scope.ok_or_else(|| {
        let message = "this person is known to the identity provider and a member of nothing here";
        Refused::new("no_membership", message, "no membership")
    })?;
    let signed_in = entrance::begin_session(app, &mut tx, scope, user, entrance::Shown::Otherwise).await?;
    let detail = json!({ "provider": provider.id.uuid(), "new_person": known.is_none() });
    let event = audit::Event::done("session.begin", signed_in.session.uuid(), detail);
    tx.commit(scope, &entrance::person_acts(user), now, event).await?;
    Ok(signed_in)
}

/// Uses the invitation if it is of this reseller and for the address that the provider asserts: the token alone would
/// let whoever reads the mail come in as somebody else at the provider.
async fn invited(
    app: &App,
    tx: &mut EntranceTx,
    house: Scope,
    hash: &[u8],
    asserted: &Asserted,
) -> Result<(Scope, RoleId), Refused> {
    let unknown = || {
        let fault = Fault::invalid("invitation_invalid", "the invitation is unknown, used or expired");
        Refused::from(fault)
    };
    let invited = store::invited_address(tx.conn(), hash, app.now()).await?;
    let (reseller, address) = invited.ok_or_else(unknown)?;
    let asserted = asserted.email.as_deref().filter(|_| !asserted.email_doubted);
    let asserted = asserted.map(entrance::normal_email);
    if reseller != house.reseller() || asserted != Some(address) {
        return Err(unknown());
    }
    let accepted = store::use_invitation(tx.conn(), hash, app.now()).await?;
    let accepted = accepted.ok_or_else(unknown)?;
    Ok((accepted.scope, accepted.role))
}

/// A person without a password. The address is what the provider says, and proves nothing.
async fn make(
    app: &App,
    tx: &mut EntranceTx,
    house: Scope,
    provider: &Provider,
    asserted: &Asserted,
) -> Result<UserId, Refused> {
    let disbelieved = |why| {
        let message = "the identity provider did not vouch for anybody";
        Refused::new("provider_disbelieved", message, why)
    };
    let email = asserted.email.as_deref().map(entrance::email).transpose();
    let email = email
        .ok()
        .flatten()
        .ok_or_else(|| disbelieved("no address was asserted"))?;
    let shown = asserted.name.as_deref().unwrap_or(&email).trim();
    let name = match crate::identity::tenants::check_name(shown) {
        Ok(()) => shown.to_owned(),
        Err(_) => email.chars().take(100).collect(),
    };
    let user: UserId = app.id();
    let now = app.now();
    store::insert_federated_user(tx.conn(), user, &email, &name, now).await?;
    store::insert_identity(
        tx.conn(),
        house,
        app.id(),
        (&provider.issuer, &asserted.subject),
        user,
        now,
    )
    .await
    .on_constraint("federated_identity_subject_unique", || {
        Fault::conflict(
            "sign_in_busy",
            "this person is signing in for the first time elsewhere",
        )
    })?;
    Ok(user)
}
