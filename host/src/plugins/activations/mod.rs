//! Which release serves a world, with which settings, for whom, since when. Rows never change: a change of mind, a
//! rollback too, is another activation.

mod rules;
mod serving;
mod store;

use nexusport_inspection::schema;
use nexusport_sandbox::World;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{App, Timestamp},
    audit,
    db::Tx,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{ActivationId, CarrierId, ReleaseId, TenantId},
    page::{Items, Page},
};

use super::releases::{self, Release};

pub use serving::{Serves, Serving, serving, serving_throughout};

/// A release that shall serve.
#[derive(Debug, Clone)]
pub struct NewActivation {
    /// An approved release.
    pub release: ReleaseId,
    /// The carrier it reaches: for the carrier world, and for no other.
    pub carrier: Option<CarrierId>,
    /// The one customer it serves; none for all.
    pub customer: Option<TenantId>,
    /// What the release's settings schema demands.
    pub settings: Value,
    /// Since when; none for now. Never in the past, which other releases have served.
    pub effective_at: Option<Timestamp>,
}

/// Which release serves a world since when.
#[derive(Debug, Clone, PartialEq)]
pub struct Activation {
    /// Its id.
    pub id: ActivationId,
    /// What it serves.
    pub world: World,
    /// The carrier, in the carrier world.
    pub carrier: Option<CarrierId>,
    /// The one customer; none for all.
    pub customer: Option<TenantId>,
    /// What serves.
    pub release: ReleaseId,
    /// What every call is given.
    pub settings: Value,
    /// Since when.
    pub effective_at: Timestamp,
    /// When it was decided.
    pub created_at: Timestamp,
    /// Who decided it: a person or a key.
    pub created_by: Option<Uuid>,
}

/// Has an approved release serve from a time on, for one customer or all.
pub async fn activate(app: &App, caller: &Caller, new: NewActivation) -> Result<Activation> {
    let mut tx = app.db.read(caller, Permission::PluginsActivate).await?;
    let release = releases::stored(&mut tx, new.release).await?;
    drop(tx);
    rules::check(
        &new,
        release.state,
        release.world,
        caller.scope().reseller(),
        app.now(),
    )?;
    let description = release
        .description
        .ok_or_else(|| Fault::broken("an approved release has no description"))?;
    settings_fit(description.settings_schema, new.settings.clone()).await?;

    let mut tx = app.db.write(caller, Permission::PluginsActivate).await?;
    let now = tx.now();
    let activation = Activation {
        id: app.id(),
        world: release.world,
        carrier: new.carrier,
        customer: new.customer,
        release: release.id,
        settings: new.settings,
        effective_at: new.effective_at.unwrap_or(now),
        created_at: now,
        created_by: caller.actor().id,
    };
    store::insert(&mut tx, &activation).await?;
    let detail = json!({
        "world": activation.world.name(),
        "plugin": release.plugin_name,
        "digest": release.digest,
        "release": activation.release.uuid(),
        "carrier": activation.carrier.map(CarrierId::uuid),
        "customer": activation.customer.map(TenantId::uuid),
        "effective_at": activation.effective_at,
    });
    tx.commit(audit::Event::done("activation.add", activation.id.uuid(), detail))
        .await?;
    Ok(activation)
}

/// The caller's activations, in the order in which they were decided.
pub async fn activations(app: &App, caller: &Caller, page: Page) -> Result<Items<Activation>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let rows = store::list(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "activations", rows, |activation| {
        activation.id.uuid()
    }))
}

/// What a release is compared with: what serves all customers in its world, at the carrier where one is named; where
/// nothing does, its plugin's active release.
pub(super) async fn active_beside(
    tx: &mut impl Tx,
    release: &Release,
    carrier: Option<CarrierId>,
    at: Timestamp,
) -> Result<Option<ReleaseId>> {
    // Nothing is activated for the reseller itself, so what serves it is what serves all.
    let everybody = tx.scope().reseller();
    let what = match (release.world, carrier) {
        (World::Carrier, Some(carrier)) => Some(Serves::Carrier(carrier, everybody)),
        (World::Carrier, None) => None,
        (World::Pricing | World::Branding, Some(_)) => return Err(rules::carrier_unexpected()),
        (World::Pricing, None) => Some(Serves::Pricing(everybody)),
        (World::Branding, None) => Some(Serves::Branding(everybody)),
    };
    let serving = match what {
        Some(what) => store::serving(tx, what, at).await?,
        None => None,
    };
    match serving {
        Some(serving) => Ok(Some(serving.release)),
        None => store::active_of_plugin(tx, release.plugin, at).await,
    }
}

/// A stranger's schema can make this take a while, so it keeps no other request waiting.
async fn settings_fit(schema: Value, settings: Value) -> Result<()> {
    tokio::task::spawn_blocking(move || schema::accepts(&schema, &settings))
        .await?
        .map_err(|message| Fault::invalid("settings_invalid", message))
}
