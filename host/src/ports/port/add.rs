//! Adding a port.

use serde_json::{Map, Value, json};

use super::{Port, Standing, State, check_reseller, no_such_location, standing, store};
use crate::{
    app::App,
    audit,
    carriers::{
        self,
        operations::{self, Cause, NewOperation},
    },
    db::{Scope, WriteTx},
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission, tenants},
    ids::{CarrierId, LocationId, TenantId},
    limits::{self, Limit},
    ports::{pin, reconciliation},
    settings::{self, fields},
};

/// More than any carrier sells; keeps what people type within the database's integers.
const MBPS_MAX: u32 = 1_000_000_000;
const REFERENCE_MAX: usize = 200;

/// A port to add.
#[derive(Debug, Clone)]
pub struct NewPort {
    /// Whose it will be.
    pub customer: TenantId,
    /// 1 to 100 characters, unique for the customer.
    pub name: String,
    /// Where it is.
    pub carrier: CarrierId,
    /// Where of its carrier's locations.
    pub location: Option<LocationId>,
    /// The carrier's own name for it: 1 to 200 characters.
    pub reference: String,
    /// The permanent speed somebody believes it has, in Mbps. Only compared: the base is what the first read-back
    /// shows.
    pub believed_mbps: u32,
    /// Values of its fields.
    pub fields: Map<String, Value>,
}

/// Adds a port of one of the caller's customers, and has it read from the carrier: what that shows is the port's
/// base and opens its first interval. Until then nothing can be quoted.
pub async fn add(app: &App, caller: &Caller, new: NewPort) -> Result<Standing> {
    check_reseller(caller)?;
    check(&new)?;
    let port = Port {
        scope: Scope::new(caller.scope().reseller(), new.customer),
        id: app.id(),
        name: new.name,
        carrier: new.carrier,
        location: new.location,
        reference: new.reference,
        state: State::Active,
        version: 1,
        created_at: app.now(),
    };
    check_neighbours(app, caller, &port).await?;
    let pinned = pin::pin(app, caller, &port).await?;
    let mut tx = app.db.write(caller, Permission::PortsWrite).await?;
    tenants::hold(&mut tx).await?;
    let ports = store::count_active(&mut tx).await?;
    limits::room(&mut tx, Limit::Ports, ports).await?;
    settings::port_naming(&mut tx, new.customer)
        .await?
        .allows(&port.name)?;
    insert(&mut tx, &port).await?;
    fields::keep(&mut tx, &app.vault, port.subject(), &new.fields).await?;
    let read = NewOperation {
        mbps: Some(new.believed_mbps),
        ..pin::read_back(&port, Cause::None, pinned)
    };
    operations::start(&mut tx, read).await?;
    // Begun with the carrier; a carrier whose job an older host could not do begins again.
    reconciliation::begin(&mut tx, port.carrier).await?;
    let event = audit::Event::done(
        "port.add",
        port.id.uuid(),
        json!({
            "customer": new.customer.uuid(), "carrier": port.carrier.uuid(), "name": port.name,
            "location": port.location.map(|id| id.uuid()), "reference": port.reference, "believed_mbps": new.believed_mbps,
        }),
    );
    let now = tx.now();
    let standing = standing(&mut tx, &app.vault, port.id, now).await?;
    tx.commit(event).await?;
    Ok(standing)
}

/// Its customer and its carrier are the caller's.
async fn check_neighbours(app: &App, caller: &Caller, port: &Port) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::PortsWrite).await?;
    let customer = tenants::find(&mut tx, port.scope.tenant()).await?;
    carriers::carrier(&mut tx, port.carrier).await?;
    customer.scope.customer().map(|_| ()).ok_or(Fault::Missing)
}

async fn insert(tx: &mut WriteTx, port: &Port) -> Result<()> {
    store::insert(tx, port)
        .await
        .on_constraint("port_name_unique", || {
            Fault::conflict("name_taken", "another port of the customer has this name")
        })
        .on_constraint("port_reference_unique", || {
            Fault::conflict(
                "reference_taken",
                "another port has this reference at the carrier",
            )
        })
        .on_constraint("port_location", no_such_location)
}

fn check(new: &NewPort) -> Result<()> {
    tenants::check_name(&new.name)?;
    if new.reference.is_empty()
        || new.reference.chars().count() > REFERENCE_MAX
        || new.reference.chars().any(char::is_control)
    {
        let message = format!("a reference has 1 to {REFERENCE_MAX} visible characters");
        return Err(Fault::invalid("reference_invalid", message));
    }
    if new.believed_mbps > MBPS_MAX {
        let message = format!("{} Mbps is more than {MBPS_MAX} Mbps", new.believed_mbps);
        return Err(Fault::invalid("speed_out_of_range", message));
    }
    Ok(())
}
