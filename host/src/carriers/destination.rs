//! Destinations: the only places where a carrier's requests may go.

use serde_json::json;

use super::{handle, store};
use crate::{
    app::{App, Timestamp},
    audit,
    egress::BadUrl,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::CarrierId,
};

/// The most destinations of a carrier.
pub const DESTINATIONS: usize = 8;

/// Where requests for a handle go.
#[derive(Debug, Clone)]
pub struct Destination {
    /// What the adapter calls it.
    pub handle: String,
    /// `https://host[:port][/path]`, without a slash at its end.
    pub base_url: String,
    /// When the base URL became this one.
    pub changed_at: Timestamp,
}

/// What setting a destination did.
#[derive(Debug, Clone)]
pub struct DestinationSet {
    /// As it is now.
    pub destination: Destination,
    /// Handles of the credentials that were bound to the former base URL and are no more: they must be set again
    /// before they leave the host for the new one.
    pub detached: Vec<String>,
}

/// Grants a base URL for a handle, or another one than before. Another one detaches every credential: a secret was
/// given for a place, not for a name.
pub async fn set_destination(
    app: &App,
    caller: &Caller,
    carrier: CarrierId,
    handle: &str,
    base_url: &str,
) -> Result<DestinationSet> {
    handle::check(handle)?;
    let base_url = app.egress.check_base_url(base_url).map_err(bad_url)?;
    let mut tx = app.db.write(caller, Permission::CarriersWrite).await?;
    store::lock_carrier(&mut tx, carrier).await?;
    let present = store::destinations(&mut tx, carrier).await?;
    let destination = Destination {
        handle: handle.to_owned(),
        base_url,
        changed_at: tx.now(),
    };
    let detached = match present.iter().find(|present| present.handle == handle) {
        Some(same) if same.base_url == destination.base_url => {
            return Ok(DestinationSet {
                destination: same.clone(),
                detached: Vec::new(),
            });
        }
        Some(_) => {
            store::update_destination(&mut tx, carrier, &destination).await?;
            store::detach(&mut tx, carrier, handle).await?
        }
        None if present.len() == DESTINATIONS => {
            let limit = format!("a carrier can have {DESTINATIONS} destinations");
            return Err(Fault::invalid("too_many_destinations", limit));
        }
        None => {
            store::insert_destination(&mut tx, carrier, &destination).await?;
            Vec::new()
        }
    };
    let detail = json!({ "handle": handle, "base_url": destination.base_url, "detached": detached });
    tx.commit(audit::Event::done("destination.set", carrier.uuid(), detail))
        .await?;
    Ok(DestinationSet {
        destination,
        detached,
    })
}

fn bad_url(bad: BadUrl) -> Fault {
    Fault::invalid("base_url_invalid", bad.to_string())
}
