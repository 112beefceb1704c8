//! Bandwidth changes from quote to verified, over HTTP, with the simulated carrier and its adapter.

mod booking;
mod corrections;
mod drift;
mod holds;
mod inventory;
mod locations;
mod meanwhile;
mod pinned;
mod reconciliation;
mod repair;
mod returns;
mod schedules;
mod trouble;
mod windows;

use serde_json::{Value, json};

use crate::harness::text;

fn window(port: &str, mbps: u32, from: &str, to: &str) -> Value {
    json!({ "port_id": port, "kind": "window", "mbps": mbps, "starts_at": from, "ends_at": to })
}

/// On 4 March 2026.
fn at(time: &str) -> String {
    format!("2026-03-04T{time}Z")
}

fn states(change: &Value) -> (String, String) {
    (text(&change["state"]), text(&change["return_leg"]["state"]))
}

fn of(change: &str, leg: &str) -> (String, String) {
    (change.to_owned(), leg.to_owned())
}
