//! The question that every call of a plugin begins with: which release, with which settings.

use nexusport_sandbox::World;
use serde_json::Value;

use super::store;
use crate::{
    app::Timestamp,
    db::Tx,
    fault::{Fault, Result},
    ids::{ActivationId, CarrierId, ReleaseId, TenantId},
};

/// What is to be served, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// What is asked of a carrier for a customer.
    Carrier(CarrierId, TenantId),
    /// A customer's prices.
    Pricing(TenantId),
    /// What a customer sees.
    Branding(TenantId),
}

impl Serves {
    pub(super) const fn world(self) -> World {
        match self {
            Self::Carrier(..) => World::Carrier,
            Self::Pricing(_) => World::Pricing,
            Self::Branding(_) => World::Branding,
        }
    }

    pub(super) const fn carrier(self) -> Option<CarrierId> {
        match self {
            Self::Carrier(carrier, _) => Some(carrier),
            Self::Pricing(_) | Self::Branding(_) => None,
        }
    }

    pub(super) const fn customer(self) -> TenantId {
        match self {
            Self::Carrier(_, customer) | Self::Pricing(customer) | Self::Branding(customer) => customer,
        }
    }
}

/// The release that serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Serving {
    /// What says so.
    pub activation: ActivationId,
    /// What to call.
    pub release: ReleaseId,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// What to call it with.
    pub settings: Value,
}

/// What serves at a time: the newest activation in effect then, one for the customer before one for all. Refused as
/// `nothing_serves` where there is none.
pub async fn serving(tx: &mut impl Tx, what: Serves, at: Timestamp) -> Result<Serving> {
    let found = store::serving(tx, what, at).await?;
    found.ok_or_else(|| nothing(what))
}

/// What serves a stretch of time as a whole: what serves at its start, so that a later activation touches later
/// stretches only. Where nothing does yet, the first that comes to serve before `until`: a house's first month is served
/// too.
pub async fn serving_throughout(
    tx: &mut impl Tx,
    what: Serves,
    from: Timestamp,
    until: Timestamp,
) -> Result<Serving> {
    if let Some(found) = store::serving(tx, what, from).await? {
        return Ok(found);
    }
    match store::first_effective(tx, what, from).await? {
        Some(at) if at < until => serving(tx, what, at).await,
        _ => Err(nothing(what)),
    }
}

fn nothing(what: Serves) -> Fault {
    let message = format!("no release of the world {} is active", what.world());
    Fault::conflict("nothing_serves", message)
}
