//! Where a carrier's ports are, and how much windows may have there together.

use serde_json::json;

use super::store;
use crate::{
    app::{App, Timestamp},
    audit,
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission, tenants},
    ids::{CarrierId, LocationId},
    page::{Items, Page},
};

/// More than any carrier has at one place; keeps what people type within the database's integers.
const MBPS_MAX: u32 = 1_000_000_000;

/// Where ports of a carrier are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Which one.
    pub id: LocationId,
    /// Of which carrier.
    pub carrier: CarrierId,
    /// Name for people, unique among the carrier's.
    pub name: String,
    /// What the windows booked there may have together at any instant, in Mbps; none: as much as anybody likes.
    /// Permanent speeds do not count.
    pub capacity_mbps: Option<u32>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// Adds a location to one of the caller's carriers.
pub async fn add_location(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    name: &str,
    capacity_mbps: Option<u32>,
) -> Result<Location> {
    check(name, capacity_mbps)?;
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    store::carrier(&mut tx, carrier).await?;
    let location = Location {
        id: app.id(),
        carrier,
        name: name.to_owned(),
        capacity_mbps,
        created_at: tx.now(),
        changed_at: tx.now(),
    };
    store::location::insert(&mut tx, &location)
        .await
        .on_constraint("location_name_unique", name_taken)?;
    tx.commit(event("location.add", &location)).await?;
    Ok(location)
}

/// A carrier's locations.
pub async fn locations(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    page: Page,
) -> Result<Items<Location>> {
    let mut tx = app.db.read(caller, Permission::CarriersRead).await?;
    store::carrier(&mut tx, carrier).await?;
    let rows = store::location::list(&mut tx, carrier, page).await?;
    Ok(page.cut(caller.scope(), &listed(carrier), rows, |location| {
        location.id.uuid()
    }))
}

/// What cursors of a carrier's locations are bound to.
pub fn listed(carrier: CarrierId) -> String {
    format!("carriers/{carrier}/locations")
}

/// Gives a location another name and capacity. Refused where more is booked from now on than it would have room for.
pub async fn set_location(
    app: &App,
    caller: &Caller,
    id: LocationId,
    name: &str,
    capacity_mbps: Option<u32>,
) -> Result<Location> {
    check(name, capacity_mbps)?;
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    let booked = || {
        let message = "windows are booked at the location that add up to more than that";
        Fault::conflict("capacity_booked", message)
    };
    store::location::hold(&mut tx, id).await?;
    let set = store::location::update(&mut tx, id, name, capacity_mbps)
        .await
        .on_constraint("location_name_unique", name_taken)
        .on_constraint("location_keeps_room", booked)?;
    let location = set.ok_or(Fault::Missing)?;
    tx.commit(event("location.set", &location)).await?;
    Ok(location)
}

fn check(name: &str, capacity_mbps: Option<u32>) -> Result<()> {
    tenants::check_name(name)?;
    match capacity_mbps {
        Some(mbps) if mbps > MBPS_MAX => {
            let message = format!("{mbps} Mbps is more than {MBPS_MAX} Mbps");
            Err(Fault::invalid("capacity_out_of_range", message))
        }
        _ => Ok(()),
    }
}

fn name_taken() -> Fault {
    Fault::conflict("name_taken", "another location of the carrier has this name")
}

fn event(action: &'static str, location: &Location) -> audit::Event {
    let detail = json!({
        "carrier": location.carrier.uuid(), "name": location.name, "capacity_mbps": location.capacity_mbps,
    });
    audit::Event::done(action, location.id.uuid(), detail)
}
