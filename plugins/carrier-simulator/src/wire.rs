//! What the simulated carrier says and is told, in its own words.

use nexusport_sdk::carrier::{Extra, Halt, PortState, rejected};
use nexusport_sdk::time;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub struct Account {
    pub account: String,
}

#[derive(Deserialize)]
pub struct Port {
    id: String,
    mbps: u32,
    max_mbps: u32,
    since: Option<String>,
}

#[derive(Deserialize)]
pub struct Ports {
    pub ports: Vec<Port>,
    pub next: Option<String>,
}

#[derive(Serialize)]
pub struct Check {
    pub mbps: u32,
}

#[derive(Deserialize)]
pub struct Checked {
    pub feasible: bool,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub message: Option<String>,
}

#[derive(Serialize)]
pub struct NewOrder<'a> {
    pub mbps: u32,
    pub reference: &'a str,
}

#[derive(Deserialize)]
pub struct Order {
    pub id: String,
    pub port: String,
    pub mbps: u32,
    pub status: Status,
    #[serde(default)]
    pub reason: Option<Reason>,
    #[serde(default)]
    pub completed_at: Option<String>,
}

/// A status that is not among these is an answer that nobody expects, and stuck.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Accepted,
    Provisioning,
    Completed,
    Rejected,
    Cancelled,
}

#[derive(Deserialize)]
pub struct Orders {
    pub orders: Vec<Order>,
}

/// Why something is refused: an error's body, or an order's reason.
#[derive(Deserialize)]
pub struct Reason {
    pub code: String,
    pub message: String,
}

impl Port {
    pub fn state(self) -> PortState {
        let since = self.since.as_deref().and_then(time::from_rfc3339);
        let max_mbps = Extra {
            name: "max_mbps".to_owned(),
            value: self.max_mbps.to_string(),
        };
        PortState {
            extras: vec![max_mbps],
            ..PortState::new(self.id, self.mbps, since)
        }
    }
}

impl Order {
    /// The port as a completed order leaves it.
    pub fn state(self) -> PortState {
        let since = self.completed_at.as_deref().and_then(time::from_rfc3339);
        PortState::new(self.port, self.mbps, since)
    }
}

impl From<Reason> for Halt {
    fn from(reason: Reason) -> Self {
        rejected(reason.code, reason.message)
    }
}
