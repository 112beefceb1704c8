//! Carriers themselves: a reseller's connections to network providers.

use serde_json::json;

use super::{
    breaker::Breaker,
    credential::Credential,
    destination::Destination,
    store::{self, Row},
};
use crate::{
    app::{App, Timestamp},
    audit,
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission, tenants},
    ids::CarrierId,
    page::{Items, Page},
    ports,
};

/// A reseller's connection to a network provider.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// Which one.
    pub id: CarrierId,
    /// Name for people, unique in the reseller's house.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A carrier with what its adapter is given. Secrets are not in it.
#[derive(Debug, Clone)]
pub struct Connections {
    /// The carrier.
    pub carrier: Carrier,
    /// Where its requests may go, by handle.
    pub destinations: Vec<Destination>,
    /// Which secrets it has, by handle.
    pub credentials: Vec<Credential>,
    /// Whether requests to it are held back.
    pub breaker: Breaker,
}

/// Adds a carrier without destinations or credentials.
pub async fn add(app: &App, caller: &Caller, name: &str) -> Result<Carrier> {
    tenants::check_name(name)?;
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    let carrier = Carrier {
        id: app.id(),
        name: name.to_owned(),
        created_at: tx.now(),
    };
    store::insert_carrier(&mut tx, &carrier)
        .await
        .on_constraint("carrier_name_unique", || {
            Fault::conflict("name_taken", "another carrier has this name")
        })?;
    ports::reconciliation::begin(&mut tx, carrier.id).await?;
    let event = audit::Event::done("carrier.add", carrier.id.uuid(), json!({ "name": name }));
    tx.commit(event).await?;
    Ok(carrier)
}

/// The caller's carriers.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Carrier>> {
    let mut tx = app.db.read(caller, Permission::CarriersRead).await?;
    let rows = store::carriers(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "carriers", rows, |carrier| carrier.id.uuid()))
}

/// One of the caller's carriers with its destinations and credentials.
pub async fn find(app: &App, caller: &Caller, id: CarrierId) -> Result<Connections> {
    let mut tx = app.db.read(caller, Permission::CarriersRead).await?;
    let carrier = store::carrier(&mut tx, id).await?;
    let destinations = store::destinations(&mut tx, id).await?;
    let credentials = store::credentials(&mut tx, id).await?;
    let breaker = store::breaker::find(&mut tx, id).await?;
    let breaker = breaker.unwrap_or_else(|| Breaker::new(carrier.created_at));
    Ok(Connections {
        carrier,
        destinations,
        credentials: credentials.into_iter().map(Row::without_secret).collect(),
        breaker,
    })
}
