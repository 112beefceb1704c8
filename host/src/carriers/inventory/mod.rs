//! What a carrier says that it has: its ports, read page by page when somebody asks, and kept until the next time. Nothing
//! follows from it by itself; `ports::inventory` takes in what is chosen.

mod store;

use std::collections::BTreeMap;

use nexusport_sandbox::carrier::{Outcome, PortState};
use serde_json::json;

use super::operations::{self, Cause, End, NewOperation, Operation, Pinned};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Tx, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission, Purpose},
    ids::{CarrierId, OperationId},
    machine::machine,
    page::Page,
    plugins::{self, Serves},
};

/// The most ports of an inventory, and the most pages they come in.
const PORTS_MAX: i64 = 20_000;
const PAGES_MAX: u32 = 1_000;

/// What a carrier has, as it was last asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Whose.
    pub carrier: CarrierId,
    /// How far it was read.
    pub state: State,
    /// What reads the next page, or read the last.
    pub operation: OperationId,
    /// How many pages were read.
    pub pages: u32,
    /// Why it was not read to its end.
    pub reason: Option<String>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it was read, or given up.
    pub ended_at: Option<Timestamp>,
}

machine! {
    /// How far an inventory was read.
    State "inventory" "an inventory" {
        /// Page by page; what is there may not be all.
        Reading "reading" => [Read, Failed];
        /// To its end.
        Read "read" => [Reading];
        /// Not to its end.
        Failed "failed" => [Reading];
    }
}

/// A port as its carrier tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is in the list.
    pub id: uuid::Uuid,
    /// The carrier's own name for it.
    pub reference: String,
    /// Its speed.
    pub mbps: u32,
    /// Since when, if the carrier told.
    pub since: Option<Timestamp>,
}

/// Has a carrier asked for all of its ports. What it said before is forgotten.
pub async fn ask(app: &App, caller: &Caller, carrier: CarrierId) -> Result<Inventory> {
    let reseller = caller.scope().reseller();
    let mut tx = app.db.read(caller, Permission::CarriersWrite).await?;
    super::carrier(&mut tx, carrier).await?;
    drop(tx);
    let mut tx = app.db.house(&caller.for_house(Purpose::Carrier)).await?;
    let destinations = super::pinned(&mut tx, carrier).await?;
    let serving = plugins::serving(&mut tx, Serves::Carrier(carrier, reseller), app.now()).await?;
    drop(tx);
    let pinned = Pinned {
        release: serving.release,
        settings: serving.settings,
        destinations,
    };
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    let before = store::lock(&mut tx, carrier).await?;
    if before
        .as_ref()
        .is_some_and(|before| before.state == State::Reading)
    {
        let message = "the carrier's inventory is being read";
        return Err(Fault::conflict("inventory_being_read", message));
    }
    let operation = operations::start(&mut tx, page(reseller, carrier, None, pinned)).await?;
    let inventory = Inventory {
        carrier,
        state: State::Reading,
        operation,
        pages: 0,
        reason: None,
        started_at: tx.now(),
        ended_at: None,
    };
    store::put(&mut tx, &inventory).await?;
    store::forget(&mut tx, carrier).await?;
    let detail = json!({ "operation": operation.uuid() });
    tx.commit(audit::Event::done("inventory.read", carrier.uuid(), detail))
        .await?;
    Ok(inventory)
}

/// A carrier's inventory; missing where it was never asked for.
pub async fn find(app: &App, caller: &Caller, carrier: CarrierId) -> Result<Inventory> {
    let mut tx = app.db.read(caller, Permission::CarriersRead).await?;
    store::find(&mut tx, carrier).await?.ok_or(Fault::Missing)
}

/// A page of a carrier's inventory.
pub async fn entries(tx: &mut impl Tx, carrier: CarrierId, page: Page) -> Result<Vec<Entry>> {
    store::find(tx, carrier).await?.ok_or(Fault::Missing)?;
    store::entries(tx, carrier, page).await
}

/// What a carrier's inventory says of these references.
pub async fn named(tx: &mut impl Tx, carrier: CarrierId, references: &[String]) -> Result<Vec<Entry>> {
    store::named(tx, carrier, references).await
}

/// Takes in how the reading of a page ended. Without effect on an operation that reads no inventory, or one before this.
pub(super) async fn listed(tx: &mut WriteTx, operation: &Operation, end: &End) -> Result<()> {
    if operation.tenant != tx.scope().reseller() {
        return Ok(());
    }
    let Some(inventory) = store::lock(tx, operation.carrier).await? else {
        return Ok(());
    };
    if inventory.operation != operation.id {
        return Ok(());
    }
    // It was given up, and somebody had it taken up again.
    let state = match inventory.state {
        State::Reading => State::Reading,
        other => other.become_(State::Reading)?,
    };
    let inventory = Inventory { state, ..inventory };
    store::put(tx, &inventory).await?;
    let after = match end {
        End::Done(Outcome::States(page)) => {
            let full = keep(tx, operation.carrier, &page.ports).await?;
            let inventory = Inventory {
                pages: inventory.pages + 1,
                ..inventory
            };
            let next = page.next.clone().filter(|next| !next.is_empty());
            match (full, next) {
                (Some(text), _) => failed(tx, inventory, text)?,
                (None, None) => over(tx, inventory, State::Read, None)?,
                (None, Some(_)) if inventory.pages == PAGES_MAX => failed(
                    tx,
                    inventory,
                    format!("the carrier has more than {PAGES_MAX} pages"),
                )?,
                (None, Some(next)) => {
                    let next = page_after(operation, next);
                    let operation = operations::start(tx, next).await?;
                    Inventory {
                        operation,
                        ..inventory
                    }
                }
            }
        }
        End::Done(Outcome::Rejected(no)) => failed(tx, inventory, format!("{} ({})", no.text, no.code))?,
        End::Done(_) => failed(tx, inventory, "the adapter listed no ports".to_owned())?,
        End::GivenUp(reason) => failed(tx, inventory, reason.to_string())?,
    };
    store::put(tx, &after).await
}

/// Keeps a page; says so where there is no room for more.
async fn keep(tx: &mut WriteTx, carrier: CarrierId, ports: &[PortState]) -> Result<Option<String>> {
    // The last word on a port counts.
    let ports: BTreeMap<_, _> = ports.iter().map(|port| (&port.reference, port)).collect();
    let now = tx.now();
    let entries: Vec<_> = ports
        .into_values()
        .map(|port| Entry {
            id: crate::app::new_id(now),
            reference: port.reference.clone(),
            mbps: port.mbps,
            since: port.since.and_then(Timestamp::from_timestamp_millis),
        })
        .collect();
    store::keep(tx, carrier, &entries).await?;
    let full = store::count(tx, carrier).await? > PORTS_MAX;
    Ok(full.then(|| format!("the carrier has more than {PORTS_MAX} ports")))
}

fn over(tx: &WriteTx, inventory: Inventory, state: State, reason: Option<String>) -> Result<Inventory> {
    Ok(Inventory {
        state: inventory.state.become_(state)?,
        reason,
        ended_at: Some(tx.now()),
        ..inventory
    })
}

fn failed(tx: &WriteTx, inventory: Inventory, reason: String) -> Result<Inventory> {
    over(tx, inventory, State::Failed, Some(reason))
}

fn page(
    reseller: crate::ids::TenantId,
    carrier: CarrierId,
    cursor: Option<String>,
    pinned: Pinned,
) -> NewOperation {
    NewOperation {
        tenant: reseller,
        kind: operations::Kind::ListPorts,
        carrier,
        port: None,
        cause: Cause::None,
        from_mbps: None,
        mbps: None,
        base_mbps: None,
        cursor,
        pinned,
    }
}

/// The page after an operation's, on what that one was pinned to.
fn page_after(operation: &Operation, cursor: String) -> NewOperation {
    page(
        operation.tenant,
        operation.carrier,
        Some(cursor),
        operation.pinned.clone(),
    )
}
