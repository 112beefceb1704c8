//! Taking in ports that are at a carrier already.

use std::collections::HashMap;

use serde_json::Map;

use super::port::{self, NewPort, Port};
use crate::{
    app::App,
    carriers::inventory::{self, Entry},
    fault::{Fault, Refusal, Result},
    identity::{Caller, Permission, tenants},
    ids::{CarrierId, LocationId, PortId, TenantId},
    page::{Items, Page},
};

/// The most ports that are taken in at once.
pub const AT_ONCE_MAX: usize = 50;

/// A port of a carrier's inventory, and who has it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// As the carrier tells of it.
    pub entry: Entry,
    /// What it is here, if it is.
    pub port: Option<Port>,
}

/// A port to take in.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The carrier's own name for it.
    pub reference: String,
    /// Whose it will be.
    pub customer: TenantId,
    /// Its name; 1 to 100 characters, unique for the customer.
    pub name: String,
    /// Where of its carrier's locations.
    pub location: Option<LocationId>,
}

/// A carrier's inventory, with what of it is here.
pub async fn list(app: &App, caller: &Caller, carrier: CarrierId, page: Page) -> Result<Items<Offered>> {
    let mut tx = app.db.read(caller, Permission::CarriersRead).await?;
    let entries = inventory::entries(&mut tx, carrier, page).await?;
    let entries = page.cut(caller.scope(), &listed(carrier), entries, |entry| entry.id);
    let references: Vec<_> = entries
        .items
        .iter()
        .map(|entry| entry.reference.clone())
        .collect();
    let here = port::store::by_reference(&mut tx, carrier, &references).await?;
    let mut here: HashMap<_, _> = here
        .into_iter()
        .filter(|port| port.check_active().is_ok())
        .map(|port| (port.reference.clone(), port))
        .collect();
    let offered = entries.items.into_iter().map(|entry| Offered {
        port: here.remove(&entry.reference),
        entry,
    });
    Ok(Items {
        items: offered.collect(),
        next: entries.next,
    })
}

/// What cursors of a carrier's inventory are bound to.
pub fn listed(carrier: CarrierId) -> String {
    format!("carriers/{carrier}/inventory")
}

/// Adds ports that a carrier's inventory has, each by itself: what one is refused for keeps no other out.
pub async fn take(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    wanted: Vec<Taken>,
) -> Result<Vec<(String, std::result::Result<PortId, Refusal>)>> {
    if wanted.is_empty() || wanted.len() > AT_ONCE_MAX {
        let message = format!("1 to {AT_ONCE_MAX} ports are taken in at once");
        return Err(Fault::invalid("too_many_ports", message));
    }
    for taken in &wanted {
        tenants::check_name(&taken.name)?;
    }
    let mut tx = app.db.read(caller, Permission::CarriersWrite).await?;
    let references: Vec<_> = wanted.iter().map(|taken| taken.reference.clone()).collect();
    crate::carriers::carrier(&mut tx, carrier).await?;
    let known = inventory::named(&mut tx, carrier, &references).await?;
    drop(tx);
    let speeds: HashMap<_, _> = known
        .into_iter()
        .map(|entry| (entry.reference, entry.mbps))
        .collect();
    let mut results = Vec::with_capacity(wanted.len());
    for taken in wanted {
        let reference = taken.reference.clone();
        let result = match speeds.get(&reference) {
            None => Err(Fault::invalid(
                "not_in_inventory",
                "the carrier's inventory has no such reference",
            )),
            Some(mbps) => add(app, caller, carrier, taken, *mbps).await,
        };
        results.push((
            reference,
            match result {
                Ok(id) => Ok(id),
                Err(Fault::Refused(refusal)) => Err(refusal),
                Err(Fault::Missing) => Err(no_customer()),
                Err(fault) => return Err(fault),
            },
        ));
    }
    Ok(results)
}

async fn add(app: &App, caller: &Caller, carrier: CarrierId, taken: Taken, mbps: u32) -> Result<PortId> {
    let new = NewPort {
        customer: taken.customer,
        name: taken.name,
        carrier,
        location: taken.location,
        reference: taken.reference,
        believed_mbps: mbps,
        fields: Map::new(),
    };
    Ok(port::add(app, caller, new).await?.port.id)
}

fn no_customer() -> Refusal {
    match Fault::invalid("customer_unknown", "the reseller has no such customer") {
        Fault::Refused(refusal) => refusal,
        _ => unreachable!("an invalid wish is a refusal"),
    }
}
