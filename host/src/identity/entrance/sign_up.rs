//! A reseller signs up by itself.

use serde_json::json;

use super::{NewUser, SignedIn, person, session};
use crate::{
    app::App,
    audit,
    db::Scope,
    fault::{Fault, OnConstraint as _, Result},
    identity::{
        AtTheEntrance, reserved, store,
        tenants::{self, NewTenant, Tenant},
    },
    ids::TenantId,
};

/// A reseller signs up by itself and is ready: tenant, key, address, owner with every permission, session.
pub async fn sign_up(app: &App, new: NewTenant, owner: NewUser, domain: &str) -> Result<(Tenant, SignedIn)> {
    let time_zone = new.check()?;
    reserved::check(&new.slug)?;
    let now = app.now();
    let id: TenantId = app.id();
    let scope = Scope::new(id, id);
    let hash = person::check(app, &owner).await?;
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
    let user = store::ensure_user(tx.conn(), app.id(), &owner, hash, now).await?;
    store::insert_membership(tx.conn(), scope, app.id(), user, role.id, now).await?;
    let signed_in = session::begin(app, &mut tx, scope, user).await?;
    let actor = person::acts(user);
    let event = audit::Event::done("reseller.sign_up", id.uuid(), json!({ "slug": tenant.slug }));
    tx.commit(scope, &actor, now, event).await?;
    Ok((tenant, signed_in))
}
