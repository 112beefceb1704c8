//! A customer's port at a carrier: closing it, and how it stands: the speed it is meant to have, the
//! speed that was last seen, and the difference.

mod add;
mod edit;
pub(super) mod store;

use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::{
    LOOK_BACK, pin,
    verified::{self, Latest},
};
use crate::{
    app::{App, Timestamp},
    audit,
    carriers::operations::{self, Cause, NewOperation},
    db::{Scope, Tx},
    etag::Etag,
    fault::{Fault, Result},
    identity::{Asker, Caller, Permission},
    ids::{CarrierId, LocationId, OperationId, PortId, TenantId},
    machine::machine,
    page::{Items, Page},
    settings::{
        self, Key,
        fields::{self, Filter, Shown},
        status::{Names, Thing},
    },
    vault::Vault,
};

pub use add::{NewPort, add};
pub use edit::{Edit, edit};

/// A customer's port at a carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The customer whose port it is, and its reseller.
    pub scope: Scope,
    /// Which one.
    pub id: PortId,
    /// Name for people, unique for the customer.
    pub name: String,
    /// Where it is.
    pub carrier: CarrierId,
    /// Where of its carrier's locations, if anybody said.
    pub location: Option<LocationId>,
    /// The carrier's own name for it.
    pub reference: String,
    /// `active` or `closed`.
    pub state: State,
    /// Counts up with every edit.
    pub version: i32,
    /// When it was added.
    pub created_at: Timestamp,
}

machine! {
    /// Whether a port is in use.
    State "port" "a port" {
        /// In use.
        Active "active" => [Closed];
        /// No longer; nothing can be asked of it.
        Closed "closed" => [];
    }
}

/// How a port stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The port.
    pub port: Port,
    /// Its permanent speed; none before the first read-back.
    pub base_mbps: Option<u32>,
    /// The speed it is meant to have now; none before the first read-back.
    pub intended_mbps: Option<u32>,
    /// What the last read-back showed.
    pub observed: Option<Latest>,
    /// Its state in the reader's own words.
    pub state_name: String,
    /// Its fields.
    pub values: Shown,
    /// This version, for an edit of it.
    pub etag: Etag,
}

/// What an adapter is told of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtCarrier {
    /// The carrier's own name for it.
    pub reference: String,
    /// What the adapter gave to keep, at most 16 KiB.
    pub carrier_data: Vec<u8>,
}

impl Port {
    fn etag(&self, asking: Scope) -> Etag {
        Etag::new(asking, "port", &self.id.to_string(), &[self.version])
    }

    /// Refuses a port that is closed.
    pub fn check_active(&self) -> Result<()> {
        match self.state {
            State::Active => Ok(()),
            State::Closed => Err(Fault::conflict("port_closed", "the port is closed")),
        }
    }
}

impl Standing {
    /// Observed less intended speed, in Mbps; none while either is unknown.
    pub fn drift_mbps(&self) -> Option<i64> {
        let (observed, intended) = (self.observed?.mbps, self.intended_mbps?);
        Some(i64::from(observed) - i64::from(intended))
    }
}

/// The ports that the caller can see, or those with these values of fields.
pub async fn list(
    app: &App,
    caller: &Caller,
    asked: &[(String, String)],
    list: &str,
    page: Page,
) -> Result<Items<Standing>> {
    let mut tx = app.db.read(caller, Permission::PortsRead).await?;
    let ids = if asked.is_empty() {
        store::list(&mut tx, page).await?
    } else {
        let filter = Filter::read(&mut tx, Key::PortFields, asked).await?;
        fields::find(&mut tx, Key::PortFields, &filter, page).await?
    };
    let ids = page.cut(caller.scope(), list, ids, |id| *id);
    Ok(Items {
        items: standings(&mut tx, &app.vault, &ids.items, app.now()).await?,
        next: ids.next,
    })
}

/// One port.
pub async fn get(app: &App, asker: &Asker, id: PortId) -> Result<Standing> {
    let now = app.now();
    let since = now - LOOK_BACK;
    let port = store::OnePort { id, since };
    let answer = asker.ask(app, Permission::PortsRead, &port).await?;
    let (caller, stands) = answer.ok_or(Fault::Missing)?;
    let subjects = [stands.port.subject()];
    let (names, values) = if stands.has_settings {
        let mut tx = app.db.read(&caller, Permission::PortsRead).await?;
        settings::words_and_fields(&mut tx, &app.vault, &subjects).await?
    } else {
        settings::words_without_settings(&subjects)?
    };
    Ok(shown(
        stands,
        values.into_iter().next().unwrap_or_default(),
        &names,
        caller.scope(),
        now,
    ))
}

/// Closes a port: its interval ends now, and nothing more can be asked of it. Refused while a change is booked or
/// under way, so that none is stranded.
pub async fn close(app: &App, caller: &Caller, id: PortId) -> Result<Standing> {
    check_reseller(caller)?;
    let mut tx = app.db.write(caller, Permission::PortsWrite).await?;
    let port = store::lock(&mut tx, id).await?;
    port.check_active()?;
    if super::change::store::unfinished(&mut tx, id).await? {
        let message = "a bandwidth change or correction of the port is booked or under way";
        return Err(Fault::conflict("port_has_changes", message));
    }
    store::close(&mut tx, id).await?;
    let now = tx.now();
    verified::close(&mut tx, id, now).await?;
    super::drift::port_closed(&mut tx, &port).await?;
    let standing = standing(&mut tx, &app.vault, id, now).await?;
    tx.commit(audit::Event::done("port.close", id.uuid(), json!({})))
        .await?;
    Ok(standing)
}

/// Has a port read from its carrier now: for a port whose first read-back failed, or that somebody suspects of drift.
pub async fn read(app: &App, caller: &Caller, id: PortId) -> Result<OperationId> {
    check_reseller(caller)?;
    let mut tx = app.db.read(caller, Permission::PortsWrite).await?;
    let port = store::find(&mut tx, id).await?;
    drop(tx);
    port.check_active()?;
    let pinned = pin::pin(app, caller, &port).await?;
    let mut tx = app.db.write(caller, Permission::PortsWrite).await?;
    let operation = operations::start(&mut tx, pin::read_back(&port, Cause::None, pinned)).await?;
    let event = audit::Event::done("port.read", id.uuid(), json!({ "operation": operation.uuid() }));
    tx.commit(event).await?;
    Ok(operation)
}

/// What reads the active ports at a carrier that have these references; not those that are read or were within a minute.
pub async fn to_look_at(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    references: &[String],
) -> Result<Vec<NewOperation>> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let since = app.now() - TimeDelta::minutes(1);
    let mut ports = Vec::new();
    for port in store::by_reference(&mut tx, carrier, references).await? {
        if port.check_active().is_ok() && !operations::is_read(&mut tx, port.id, since).await? {
            ports.push(port);
        }
    }
    drop(tx);
    let mut reads = Vec::with_capacity(ports.len());
    for port in ports {
        match pin::pin(app, caller, &port).await {
            Ok(pinned) => reads.push(pin::read_back(&port, Cause::None, pinned)),
            // No adapter serves this one.
            Err(Fault::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(reads)
}

/// Every port that a customer has or had, in the order in which they were added.
pub async fn of_customer(tx: &mut impl Tx, customer: TenantId) -> Result<Vec<Port>> {
    store::of_customer(tx, customer).await
}

/// What ports are called. One that the transaction cannot see has no name.
pub async fn names(tx: &mut impl Tx, ids: &[PortId]) -> Result<HashMap<PortId, String>> {
    store::names(tx, ids).await
}

/// What the adapter is told of a port.
pub async fn at_carrier(tx: &mut impl Tx, id: PortId) -> Result<AtCarrier> {
    store::at_carrier(tx, id).await
}

async fn standing(tx: &mut impl Tx, vault: &Vault, id: PortId, now: Timestamp) -> Result<Standing> {
    let standings = standings(tx, vault, &[id.uuid()], now).await?;
    standings.into_iter().next().ok_or(Fault::Missing)
}

/// How these ports stand, in the order of their ids.
async fn standings(tx: &mut impl Tx, vault: &Vault, ids: &[Uuid], now: Timestamp) -> Result<Vec<Standing>> {
    let ports = store::stands(tx, ids, now - LOOK_BACK).await?;
    let subjects: Vec<_> = ports.iter().map(|stands| stands.port.subject()).collect();
    let (names, values) = if ports.iter().any(|stands| stands.has_settings) {
        settings::words_and_fields(tx, vault, &subjects).await?
    } else {
        settings::words_without_settings(&subjects)?
    };
    let asking = tx.scope();
    let standings = ports.into_iter().zip(values);
    Ok(standings
        .map(|(stands, values)| shown(stands, values, &names, asking, now))
        .collect())
}

fn shown(stands: store::Stands, values: Shown, names: &Names, asking: Scope, now: Timestamp) -> Standing {
    let store::Stands {
        port, plan, observed, ..
    } = stands;
    Standing {
        base_mbps: plan.base_mbps(now),
        intended_mbps: plan.intended_mbps(now),
        observed,
        state_name: names.of(Thing::Port, port.state.name()),
        values,
        etag: port.etag(asking),
        port,
    }
}

/// Which ports there are is the reseller's business, whatever a customer's role says.
fn check_reseller(caller: &Caller) -> Result<()> {
    match caller.scope().customer() {
        None => Ok(()),
        Some(_) => Err(Fault::Denied(Permission::PortsWrite)),
    }
}

fn no_such_location() -> Fault {
    Fault::invalid("location_unknown", "the port's carrier has no such location")
}
