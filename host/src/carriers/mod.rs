//! Carriers and what is asked of them: destinations and credentials, operations and their journals. An adapter says
//! what to do next; this module does it, and its journal is the only state.

mod breaker;
mod carrier;
mod connect;
mod credential;
mod destination;
mod handle;
mod house;
pub mod inventory;
mod location;
pub mod notifications;
pub mod operations;
mod pairing;
mod secret;
mod store;

use std::collections::BTreeMap;

pub use breaker::{Breaker, State as BreakerState, watch};
pub use carrier::{Carrier, Connections, add, find, list};
pub use connect::{send, send_page};
pub use credential::{Credential, NewCredential, remove_credential, set_credential};
pub use destination::{DESTINATIONS, Destination, DestinationSet, set_destination};
pub use location::{Location, add_location, listed, locations, set_location};
pub use secret::{OAuth2Client, Secret};

use crate::{db::Tx, fault::Result, ids::CarrierId};

/// A carrier that the transaction sees.
pub async fn carrier(tx: &mut impl Tx, id: CarrierId) -> Result<Carrier> {
    store::carrier(tx, id).await
}

/// The reseller's carriers.
pub async fn ids(tx: &mut impl Tx) -> Result<Vec<CarrierId>> {
    store::ids(tx).await
}

/// Where a carrier's destinations lead: base URLs by handle.
pub type Destinations = BTreeMap<String, String>;

/// Where the carrier's destinations lead now: what an operation that begins is pinned to. Empty for a carrier that
/// the transaction does not see.
pub async fn pinned(tx: &mut impl Tx, carrier: CarrierId) -> Result<Destinations> {
    let destinations = store::destinations(tx, carrier).await?;
    Ok(destinations
        .into_iter()
        .map(|destination| (destination.handle, destination.base_url))
        .collect())
}
