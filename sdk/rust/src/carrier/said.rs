//! What adapters say, without what is seldom said.

use std::ops::RangeInclusive;

use super::{Credential, Destination, PortState, Rules};
use crate::Extra;

impl Extra {
    /// What has no field of its own, under its name.
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
        }
    }
}

impl Rules {
    /// Every speed between two in Mbps, up and down, one change at a time and the next one at once; for a carrier that knows
    /// neither keys nor references, charges for every second, and is done with a lost request after a minute.
    pub fn within(speeds_mbps: RangeInclusive<u32>) -> Self {
        Self {
            min_mbps: *speeds_mbps.start(),
            max_mbps: *speeds_mbps.end(),
            step_mbps: 1,
            speeds_mbps: Vec::new(),
            may_decrease: true,
            lock_out_seconds: 0,
            changes_in_flight: 1,
            settle_seconds: 60,
            billing_granularity_seconds: 1,
            has_idempotency_keys: false,
            has_lookup_by_reference: false,
            extras: Vec::new(),
        }
    }
}

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
