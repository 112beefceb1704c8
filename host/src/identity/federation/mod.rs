//! Signing in with an identity provider that a reseller names, by OpenID Connect's code flow.
//!
//! A provider speaks for its reseller alone. The person it speaks of is (reseller, issuer, subject) and never anybody who
//! was there before, whatever address is asserted: the first sign-in makes a person without a password, who reaches that
//! reseller's tenants and no others.

mod admit;
mod flow;
mod journey;
mod line;
mod verify;

use serde_json::json;
use zeroize::Zeroizing;

use super::{Caller, Permission, roles, store, tenants::check_name};
use crate::{
    app::{App, Timestamp},
    audit,
    db::Scope,
    fault::{Fault, OnConstraint as _, Result},
    identity::Purpose,
    ids::{IdentityProviderId, RoleId, TenantId},
    page::{Items, Page},
};

pub use flow::{begin, finish};
pub use journey::{Answer, Begun, Start};
pub(super) use journey::{Ended, Journey, Shown};

/// The longest client id, and the longest client secret, in bytes.
const CLIENT_BYTES: usize = 1024;

/// An identity provider, without its secret.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Which one.
    pub id: IdentityProviderId,
    /// What people choose it by.
    pub name: String,
    /// Its own name for itself, a URL; compared to the letter.
    pub issuer: String,
    /// The reseller's name at the provider.
    pub client_id: String,
    /// What people join whom nobody invited.
    pub joins: Option<Joins>,
    /// Since when.
    pub created_at: Timestamp,
}

/// What people join whom nobody invited: a tenant of the reseller, with one of that tenant's roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joins {
    /// The reseller itself or a customer.
    pub tenant: TenantId,
    /// The role there.
    pub role: RoleId,
}

/// An identity provider to add.
pub struct NewProvider {
    /// What people choose it by.
    pub name: String,
    /// `https`, or this machine in development.
    pub issuer: String,
    /// The reseller's name at the provider.
    pub client_id: String,
    /// Kept sealed and never shown.
    pub client_secret: Zeroizing<String>,
    /// None: only people who were invited come in.
    pub joins: Option<Joins>,
}

/// Names an identity provider of the caller's reseller.
pub async fn add(app: &App, caller: &Caller, new: NewProvider) -> Result<Provider> {
    check(app, &new)?;
    let mut tx = app.db.write(caller, Permission::FederationWrite).await?;
    let reseller = caller.scope().reseller();
    if let Some(joins) = new.joins {
        let of = Scope::new(reseller, joins.tenant);
        let gives = store::role_gives(&mut tx, of, joins.role).await?;
        roles::within(caller, &gives.ok_or(Fault::Missing)?)?;
    }
    let provider = Provider {
        id: app.id(),
        name: new.name,
        issuer: new.issuer,
        client_id: new.client_id,
        joins: new.joins,
        created_at: tx.now(),
    };
    let key = app.vault.key(&mut tx, reseller).await?;
    let sealed = key.seal(&secret_of(provider.id), new.client_secret.as_bytes());
    store::insert_provider(&mut tx, &provider, &sealed)
        .await
        .on_constraint("identity_provider_name_unique", || {
            Fault::conflict("name_taken", "another identity provider has this name")
        })?;
    let detail = json!({ "name": provider.name, "issuer": provider.issuer });
    tx.commit(audit::Event::done(
        "identity_provider.add",
        provider.id.uuid(),
        detail,
    ))
    .await?;
    Ok(provider)
}

/// The reseller's identity providers.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Provider>> {
    let mut tx = app.db.read(caller, Permission::FederationRead).await?;
    let rows = store::providers(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "identity-providers", rows, |provider| {
        provider.id.uuid()
    }))
}

/// Nobody signs in with it any more. Sessions that began by it last until they end.
pub async fn remove(app: &App, caller: &Caller, id: IdentityProviderId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::FederationWrite).await?;
    store::delete_provider(&mut tx, id).await?;
    tx.commit(audit::Event::done(
        "identity_provider.remove",
        id.uuid(),
        json!({}),
    ))
    .await
}

/// What a visitor can sign in with: every provider's id and name.
pub async fn options(app: &App, visitor: &Caller) -> Result<Vec<(IdentityProviderId, String)>> {
    let mut tx = app.db.house(&visitor.for_house(Purpose::Federation)).await?;
    store::provider_names(&mut tx).await
}

fn check(app: &App, new: &NewProvider) -> Result<()> {
    check_name(&new.name)?;
    if let Err(bad) = app.egress.check_base_url(&new.issuer) {
        return Err(Fault::invalid(
            "issuer_invalid",
            format!("the issuer cannot be used: {bad}"),
        ));
    }
    let visible = |text: &str| {
        (1..=CLIENT_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    };
    if !visible(&new.client_id) || !visible(&new.client_secret) {
        let rule = format!("client_id and client_secret have 1 to {CLIENT_BYTES} visible ASCII characters");
        return Err(Fault::invalid("client_invalid", rule));
    }
    Ok(())
}

/// What a provider's secret is sealed as.
fn secret_of(id: IdentityProviderId) -> String {
    format!("identity_provider:{id}")
}
