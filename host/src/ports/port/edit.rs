//! Editing what people call a port and what its reseller notes of it.

use serde_json::{Map, Value, json};

use super::{Port, Standing, check_reseller, no_such_location, standing, store};
use crate::{
    app::App,
    audit,
    db::WriteTx,
    etag::Expected,
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission, tenants},
    ids::{LocationId, PortId},
    ports::change,
    settings::{
        self,
        fields::{self, Subject},
    },
};

/// What to change; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Another name.
    pub name: Option<String>,
    /// Another location of its carrier, or none.
    pub location: Option<Option<LocationId>>,
    /// Values by field; null takes one away.
    pub fields: Map<String, Value>,
}

/// Edits a port, of the version that was expected.
pub async fn edit(
    app: &App,
    caller: &Caller,
    id: PortId,
    edit: Edit,
    expected: &Expected,
) -> Result<Standing> {
    check_reseller(caller)?;
    let mut tx = app.db.write(caller, Permission::PortsWrite).await?;
    let mut port = store::lock(&mut tx, id).await?;
    expected.check(&port.etag(caller.scope()))?;
    let old = port.name.clone();
    if let Some(name) = edit.name {
        tenants::check_name(&name)?;
        port.name = name;
    }
    if let Some(location) = edit.location.filter(|location| *location != port.location) {
        if change::store::unfinished(&mut tx, id).await? {
            let message = "a bandwidth change on the port is booked or under way where it is";
            return Err(Fault::conflict("port_has_changes", message));
        }
        port.location = location;
    }
    // Also where the name stays: a rule that came later is asked at the next edit.
    settings::port_naming(&mut tx, port.scope.tenant())
        .await?
        .allows(&port.name)?;
    let changes = fields::keep(&mut tx, &app.vault, port.subject(), &edit.fields).await?;
    port.version += 1;
    update(&mut tx, &port).await?;
    let now = tx.now();
    let detail = json!({ "from": old, "to": port.name, "location": port.location.map(|id| id.uuid()), "fields": changes });
    let standing = standing(&mut tx, &app.vault, id, now).await?;
    tx.commit(audit::Event::done("port.edit", id.uuid(), detail))
        .await?;
    Ok(standing)
}

async fn update(tx: &mut WriteTx, port: &Port) -> Result<()> {
    store::update(tx, port)
        .await
        .on_constraint("port_name_unique", || {
            Fault::conflict("name_taken", "another port of the customer has this name")
        })
        .on_constraint("port_location", no_such_location)
}

impl Port {
    /// What has its fields.
    pub(super) fn subject(&self) -> Subject {
        Subject::Port(self.scope.tenant(), self.id)
    }
}
