//! What happened, in numbers: everything here was read back from the API or from the carrier's ledger.

use serde::Serialize;
use serde_json::Value;

use super::isolation::Isolation;
use crate::app::Timestamp;

/// The demo's one JSON object.
#[derive(Serialize)]
pub struct Report {
    /// From when to when business time went.
    pub clock: Span,
    /// The resellers.
    pub resellers: Vec<Reseller>,
    /// The first reseller's bandwidth change.
    pub change: Change,
    /// What brought it down again.
    pub return_leg: State,
    /// Everything that carriers were asked to do.
    pub operations: Vec<Operation>,
    /// Every invoice.
    pub invoices: Vec<Invoice>,
    /// What strangers found.
    pub isolation: Probes,
    /// The audit trail.
    pub audit: Audit,
    /// What the carrier was really asked.
    pub carrier: Carrier,
}

#[derive(Serialize)]
#[allow(missing_docs)] // the names are the contract
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Reseller {
    pub slug: String,
    /// The name that its customers see, from its brand plugin's invoice.
    pub brand: String,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Change {
    pub state: String,
    pub from_mbps: u64,
    pub to_mbps: u64,
    pub quoted: String,
    pub currency: String,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct State {
    pub state: String,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Operation {
    pub kind: String,
    pub state: String,
    pub exchanges: usize,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Invoice {
    pub reseller: String,
    pub number: String,
    pub currency: String,
    pub total: String,
    pub lines: Vec<Line>,
    /// Whether every receipt gave the same price when it was run again.
    pub receipts_verified: bool,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Line {
    pub port: String,
    pub from: Value,
    pub to: Value,
    pub amount: String,
    pub digest: String,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Probes {
    pub probes: usize,
    pub leaks: usize,
    /// What leaked, for people.
    pub found: Vec<String>,
    /// The same questions that their owner got an answer to.
    pub reachable: usize,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Audit {
    pub events: usize,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Carrier {
    pub orders: u64,
    pub duplicates: u64,
    pub lost_replies: u64,
    pub throttled: u64,
}

impl From<Isolation> for Probes {
    fn from(found: Isolation) -> Self {
        let Isolation {
            probes,
            leaks,
            reachable,
        } = found;
        Self {
            probes,
            leaks: leaks.len(),
            found: leaks,
            reachable,
        }
    }
}
