//! Which release serves a world, with which settings, for whom, since when. Rows never change: a change of mind is another
//! activation, and taking one back is a row beside it.

mod history;
mod rules;
mod serving;
mod store;
mod trip;
mod watch;
mod withdraw;

use nexusport_inspection::schema;
use nexusport_sandbox::World;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{App, Timestamp},
    audit,
    billing::shadow,
    db::{Tx, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{ActivationId, CarrierId, ReleaseId, TenantId},
    page::{Items, Page},
    settings,
};

use store::Asked;

use super::releases::{self, Release};

pub use history::{Served, activation, served};
pub use serving::{Serves, Serving, serving, serving_before, serving_throughout};
pub use store::find as stored_activation;
pub use trip::{FailureTrip, PriceTrip, Trip};
pub(super) use watch::failed;
pub use watch::{judge, reject_answer, take_back};
pub use withdraw::{Reason, Withdrawal, cancel, roll_back};

/// A release that shall serve.
#[derive(Debug, Clone)]
pub struct NewActivation {
    /// An approved release.
    pub release: ReleaseId,
    /// The carrier it reaches: for the carrier world, and for no other.
    pub carrier: Option<CarrierId>,
    /// Whom it serves.
    pub whom: Whom,
    /// What the release's settings schema demands.
    pub settings: Value,
    /// Since when; none for now. Never in the past, which other releases have served.
    pub effective_at: Option<Timestamp>,
    /// When the host takes it back by itself.
    pub trip: Option<Trip>,
}

/// Whom an activation serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Every customer that has nothing of its own.
    All {
        /// What customers had of their own before counts no more.
        replacing_own: bool,
    },
    /// These, before what serves all.
    Customers(Vec<TenantId>),
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
    /// Whom it serves.
    pub whom: Whom,
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
    /// When the host takes it back by itself.
    pub trip: Option<Trip>,
    /// That it was taken back.
    pub withdrawal: Option<Withdrawal>,
}

/// Has an approved release serve from a time on, for some customers or all.
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
    let release = candidate(app, caller, new.release, new.settings.clone()).await?;

    let mut tx = app.db.write(caller, Permission::PluginsActivate).await?;
    if release.world == World::Pricing
        && settings::shadow(&mut tx).await?.required
        && !shadow::finished(&mut tx, release.id, &new.settings).await?
    {
        return Err(rules::shadow_required());
    }
    let now = tx.now();
    let activation = Activation {
        id: app.id(),
        world: release.world,
        carrier: new.carrier,
        whom: new.whom,
        release: release.id,
        settings: new.settings,
        effective_at: new.effective_at.unwrap_or(now),
        created_at: now,
        created_by: caller.actor().id,
        trip: new.trip,
        withdrawal: None,
    };
    keep(app, &mut tx, &activation).await?;
    let customers = match &activation.whom {
        Whom::Customers(customers) => Some(customers.iter().map(|id| id.uuid()).collect::<Vec<_>>()),
        Whom::All { .. } => None,
    };
    let detail = json!({
        "world": activation.world.name(),
        "plugin": release.plugin_name,
        "digest": release.digest,
        "release": activation.release.uuid(),
        "carrier": activation.carrier.map(CarrierId::uuid),
        "customers": customers,
        "replaces_own": activation.whom == Whom::All { replacing_own: true },
        "effective_at": activation.effective_at,
        "trip": activation.trip.as_ref().map(Trip::to_stored),
    });
    tx.commit(audit::Event::done("activation.add", activation.id.uuid(), detail))
        .await?;
    Ok(activation)
}

/// An approved release whose schema these settings fit: it could be activated.
pub async fn candidate(app: &App, caller: &Caller, id: ReleaseId, settings: Value) -> Result<Release> {
    let mut tx = app.db.read(caller, Permission::PluginsActivate).await?;
    let release = releases::stored(&mut tx, id).await?;
    drop(tx);
    rules::check_approved(release.state)?;
    let description = release
        .description
        .as_ref()
        .ok_or_else(|| Fault::broken("an approved release has no description"))?;
    settings_fit(description.settings_schema.clone(), settings).await?;
    Ok(release)
}

/// One row for all, or one for each customer.
async fn keep(app: &App, tx: &mut WriteTx, activation: &Activation) -> Result<()> {
    let Whom::Customers(customers) = &activation.whom else {
        return store::insert(tx, activation, None).await;
    };
    let (first, others) = customers.split_first().ok_or_else(rules::nobody)?;
    store::insert(tx, activation, Some(*first)).await?;
    for customer in others {
        store::insert_part(tx, app.id(), activation.id, *customer).await?;
    }
    Ok(())
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
    let serving = match (release.world, carrier) {
        (World::Carrier, None) => None,
        (world, carrier) => {
            let what = Serves::of(world, carrier, everybody)?;
            store::serving(tx, Asked::at(what, at)).await?
        }
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
