//! What an adapter is told of an operation, and how its outcome is shown. Both only translate.

use chrono::{DateTime, SecondsFormat};
use nexusport_sandbox::carrier::{self, Extra, Order, Outcome, Port, PortState, Task};
use serde_json::{Value, json};

use super::{Kind, NewOperation, Operation};
use crate::fault::{Fault, Result};

/// The operation as the adapter is told of it: the same for every run.
pub(super) fn told(operation: &Operation) -> Result<carrier::Operation> {
    let order = || Order {
        mbps: operation.mbps.unwrap_or_default(),
        from_mbps: operation.from_mbps.unwrap_or_default(),
        extras: operation.base_mbps.map(base).into_iter().collect(),
    };
    Ok(carrier::Operation {
        id: operation.id.to_string(),
        asked_at: operation.asked_at.timestamp_millis(),
        settings: serde_json::to_vec(&operation.pinned.settings)?,
        port: operation.at_carrier.as_ref().map(|port| Port {
            reference: port.reference.clone(),
            carrier_data: port.carrier_data.clone(),
        }),
        task: match operation.kind {
            Kind::ReadPort => Task::ReadPort,
            Kind::ListPorts => Task::ListPorts(operation.cursor.clone().unwrap_or_default()),
            Kind::CheckChange => Task::CheckChange(order()),
            Kind::ChangeBandwidth => Task::ChangeBandwidth(order()),
            Kind::Cancel => Task::Cancel(order()),
            Kind::Probe => Task::Probe,
        },
        extras: Vec::new(),
    })
}

/// What stays once the order is done: carriers sell that in another way than what is for a while.
fn base(mbps: u32) -> Extra {
    Extra {
        name: "base_mbps".to_owned(),
        value: mbps.to_string(),
    }
}

/// Refuses an operation that could not be told: one without the port or the speed that its kind is about.
pub(super) fn check(new: &NewOperation) -> Result<()> {
    let about_a_port = !matches!(new.kind, Kind::ListPorts | Kind::Probe);
    let orders = matches!(new.kind, Kind::CheckChange | Kind::ChangeBandwidth | Kind::Cancel);
    if about_a_port != new.port.is_some() || (orders && new.mbps.is_none()) {
        return Err(Fault::broken(format!(
            "a {} was started without its port or speed",
            new.kind.name()
        )));
    }
    Ok(())
}

/// The outcome for people. What an adapter keeps for itself, its carrier data, is not among it.
pub(super) fn shown(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::State(state) => json!({ "kind": "state", "port": port(state) }),
        Outcome::States(page) => {
            let ports: Vec<Value> = page.ports.iter().map(port).collect();
            json!({ "kind": "states", "ports": ports, "next": page.next })
        }
        Outcome::Applied(state) => json!({ "kind": "applied", "port": port(state) }),
        Outcome::Feasible => json!({ "kind": "feasible" }),
        Outcome::Rejected(rejection) => {
            json!({ "kind": "rejected", "code": rejection.code, "text": rejection.text })
        }
        Outcome::Other(extra) => json!({ "kind": "other", "name": extra.name, "value": extra.value }),
    }
}

fn port(state: &PortState) -> Value {
    let since = state
        .since
        .and_then(DateTime::from_timestamp_millis)
        .map(|since| since.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    json!({ "reference": state.reference, "mbps": state.mbps, "since": since })
}
