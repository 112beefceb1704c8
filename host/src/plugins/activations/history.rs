//! Which release served whom at any time, after whatever was activated and taken back since.

use nexusport_sandbox::World;

use super::{Activation, Serves, Serving, store, store::Asked};
use crate::{
    app::{App, Timestamp},
    fault::Result,
    identity::{Caller, Permission, tenants},
    ids::{ActivationId, CarrierId, TenantId},
    plugins::releases::{self, Release},
};

/// A question about a day.
#[derive(Debug, Clone, Copy)]
pub struct Served {
    /// In which world.
    pub world: World,
    /// At which carrier, in the carrier world.
    pub carrier: Option<CarrierId>,
    /// Which customer.
    pub customer: TenantId,
    /// When; none for now.
    pub at: Option<Timestamp>,
}

/// What served the customer then, and by which activation; none where nothing did.
pub async fn served(app: &App, caller: &Caller, asked: Served) -> Result<Option<(Serving, Release)>> {
    let what = Serves::of(asked.world, asked.carrier, asked.customer)?;
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    tenants::find_customer(&mut tx, asked.customer).await?;
    let at = asked.at.unwrap_or_else(|| app.now());
    let Some(serving) = store::serving(&mut tx, Asked::at(what, at)).await? else {
        return Ok(None);
    };
    let release = releases::stored(&mut tx, serving.release).await?;
    Ok(Some((serving, release)))
}

/// One activation.
pub async fn activation(app: &App, caller: &Caller, id: ActivationId) -> Result<Activation> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    store::find(&mut tx, id).await
}
