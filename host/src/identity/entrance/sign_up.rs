//! A reseller signs up by itself.

use serde_json::json;

use super::{
    NewUser, Origin, SignedIn, mailbox,
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
        AtTheEntrance, reserved, store,
        tenants::{self, NewTenant, Tenant},
    },
    ids::TenantId,
    notify,
};

/// A reseller to make, and the person who owns it.
pub struct SignUp {
    /// The reseller.
    pub tenant: NewTenant,
    /// Its owner.
    pub owner: NewUser,
    /// The second factor's, where the owner is known and has one.
    pub code: Option<String>,
}

/// A reseller signs up by itself and is ready: tenant, key, address, owner with every permission, session.
///
/// An address that somebody proved is treated like any other unless their own password comes with it: its owner is a
/// person of their own, until the mailbox shows who they are.
pub async fn sign_up(app: &App, from: Origin, new: SignUp, domain: &str) -> Result<(Tenant, SignedIn)> {
    let SignUp {
        tenant: new,
        owner,
        code,
    } = new;
    let time_zone = new.check()?;
    reserved::check(&new.slug)?;
    let now = app.now();
    let id: TenantId = app.id();
    let scope = Scope::new(id, id);
    let owner = owner.checked()?;
    let mailbox = Counted::mailbox(app, &owner.email);
    throttle::attempt(app, &[&mailbox, &Counted::client(app, from)]).await?;
    let person = person::recognise(app, &owner).await?;
    let mut factor = None;
    if let Person::Proven(known) = &person {
        let asked = second_factor::Asked {
            user: known.user,
            scope: None,
            action: "reseller.sign_up",
            refused_as: RefusalKind::Unauthenticated,
        };
        factor = asked.check(app, code.as_deref()).await?;
    }
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let tenant = tenants::tenant(scope, "reseller", new, time_zone, now);
    let taken = || Fault::conflict("slug_taken", "another reseller has this slug");
    store::insert_tenant(tx.conn(), &tenant)
        .await
        .on_constraint("tenant_house_slug_unique", taken)?;
    app.vault.create_key(tx.conn(), scope, now).await?;
    store::insert_domain(
        tx.conn(),
        scope,
        app.id(),
        &format!("{}.{domain}", tenant.slug),
        now,
    )
    .await
    .on_constraint("domain_host_unique", taken)?;
    let role = tenants::owner_role(scope, app.id());
    store::insert_role(tx.conn(), &role, now).await?;
    let (user, shown, mail) = match person {
        Person::Proven(known) => (known.user, session::Shown::Password(known.hash, factor), None),
        Person::New(hash) => {
            let user = app.id();
            store::insert_user(tx.conn(), user, &owner, None, now).await?;
            store::insert_password(tx.conn(), user, &hash, now).await?;
            let proof = mailbox::address_proof(app, &mut tx, scope, user, &owner.email).await?;
            (user, session::Shown::Otherwise, Some(proof))
        }
    };
    store::insert_membership(tx.conn(), scope, app.id(), user, role.id, now).await?;
    let signed_in = session::begin(app, &mut tx, scope, user, shown).await?;
    let actor = person::acts(user);
    let event = audit::Event::done("reseller.sign_up", id.uuid(), json!({}));
    let mut tx = app.db.admit(tx, scope, actor).await?;
    if let Some(mail) = mail {
        notify::queue(app, &mut tx, scope, &mail).await?;
    }
    tx.commit(event).await?;
    Ok((tenant, signed_in))
}
