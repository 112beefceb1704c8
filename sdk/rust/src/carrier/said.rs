//! What adapters say, without what is seldom said.

use super::{Credential, Destination, PortState};

impl Destination {
    /// One that requests name by this handle. People read the summary where they give its address.
    pub fn new(handle: &str, summary: &str) -> Self {
        Self {
            handle: handle.to_owned(),
            summary: summary.to_owned(),
        }
    }
}

impl Credential {
    /// One that requests to these destinations name by this handle. People read the summary where they give the secret.
    pub fn new(handle: &str, summary: &str, destinations: &[&str]) -> Self {
        Self {
            handle: handle.to_owned(),
            summary: summary.to_owned(),
            destinations: destinations.iter().map(|it| (*it).to_owned()).collect(),
        }
    }
}

impl PortState {
    /// A port by the carrier's name, its speed, and since when that is in force where the carrier tells: milliseconds since 1970.
    pub fn new(reference: impl Into<String>, mbps: u32, since: Option<i64>) -> Self {
        Self {
            reference: reference.into(),
            mbps,
            since,
            carrier_data: Vec::new(),
            extras: Vec::new(),
        }
    }
}
