//! The question that every call of a plugin begins with: which release, with which settings.

use nexusport_sandbox::World;
use serde_json::Value;

use super::{rules, store, store::Asked};
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
    /// What a world serves a customer, at a carrier where it is of the carrier world.
    pub(super) fn of(world: World, carrier: Option<CarrierId>, customer: TenantId) -> Result<Self> {
        match (world, carrier) {
            (World::Carrier, Some(carrier)) => Ok(Self::Carrier(carrier, customer)),
            (World::Carrier, None) => Err(rules::carrier_missing()),
            (World::Pricing, None) => Ok(Self::Pricing(customer)),
            (World::Branding, None) => Ok(Self::Branding(customer)),
            (World::Pricing | World::Branding, Some(_)) => Err(rules::carrier_unexpected()),
        }
    }

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
    let found = store::serving(tx, Asked::at(what, at)).await?;
    found.ok_or_else(|| nothing(what))
}

/// What serves a stretch of time as a whole: what serves at its start, so that a later activation touches later
/// stretches only. Where nothing does yet, the first that comes to serve before `until`: a house's first month is served
/// too. What was taken back since never counts, so that a stretch that nobody was billed for yet is not priced by it.
pub async fn serving_throughout(
    tx: &mut impl Tx,
    what: Serves,
    from: Timestamp,
    until: Timestamp,
) -> Result<Serving> {
    throughout(tx, what, None, (from, until)).await
}

/// What would serve the stretch if this activation had never been.
pub async fn serving_before(
    tx: &mut impl Tx,
    what: Serves,
    without: ActivationId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Serving> {
    throughout(tx, what, Some(without), (from, until)).await
}

async fn throughout(
    tx: &mut impl Tx,
    what: Serves,
    without: Option<ActivationId>,
    (from, until): (Timestamp, Timestamp),
) -> Result<Serving> {
    let asked = |at| Asked {
        what,
        at,
        withdrawn_by: None,
        without,
    };
    if let Some(found) = store::serving(tx, asked(from)).await? {
        return Ok(found);
    }
    let found = match store::first_effective(tx, asked(from)).await? {
        Some(at) if at < until => store::serving(tx, asked(at)).await?,
        _ => None,
    };
    found.ok_or_else(|| nothing(what))
}

fn nothing(what: Serves) -> Fault {
    let message = format!("no release of the world {} is active", what.world());
    Fault::conflict("nothing_serves", message)
}
