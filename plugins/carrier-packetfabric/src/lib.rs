//! The adapter for PacketFabric's API: the speed of a virtual circuit. What stays is bought by a modify, which only ever
//! raises; what is for a while is a burst on top, which is taken off again. An order has no name that a buyer gives and no
//! key, so what became of one is read from the circuit.

mod change;
#[cfg(test)]
mod tests;
mod wire;

use nexusport_sdk::about;
use nexusport_sdk::carrier::{
    Carrier, Credential, Description, Destination, Extra, Link, Operation, Outcome, Rules, Run, Task,
    rejected,
};
use serde::Deserialize;

use wire::{API, Circuit, KEY};

const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "poll_seconds": {
      "type": "integer", "minimum": 5, "maximum": 3600, "default": 30,
      "description": "How long to wait before a circuit that is being changed is asked about again"
    }
  }
}"#;

/// How long a lost order may still take effect: PacketFabric says a few minutes, its own client gives up after ten.
const SETTLE_SECONDS: u32 = 600;

struct PacketFabric;

nexusport_sdk::carrier!(PacketFabric);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default = "default_poll_seconds")]
    poll_seconds: u32,
}

fn default_poll_seconds() -> u32 {
    30
}

impl Carrier for PacketFabric {
    fn describe() -> Description {
        Description {
            about: about!(SETTINGS_SCHEMA),
            destinations: vec![Destination::new(API, "PacketFabric's API")],
            credentials: vec![Credential::new(KEY, "An API key, as bearer token", &[API])],
            rules: rules(),
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        match &operation.task {
            Task::ReadPort => {
                let kept = operation.port()?.carrier_data.clone();
                let delivered = circuit(operation)?.delivered(link)?;
                Ok(Outcome::State(delivered.state(kept)))
            }
            Task::ListPorts(_) => wire::list(link).map(Outcome::States),
            Task::Probe => wire::list(link).map(|_| Outcome::Feasible),
            Task::ChangeBandwidth(order) => change::change(operation, order, link),
            Task::CheckChange(order) => change::check(operation, order, link),
            Task::Cancel(_) => Err(rejected(
                "unsupported",
                "PacketFabric has no way to withdraw a change",
            )),
            Task::Other(task) => Err(rejected(
                "unsupported",
                format!("this adapter has no task {}", task.name),
            )),
        }
    }
}

fn rules() -> Rules {
    Rules {
        min_mbps: 50,
        max_mbps: 100_000,
        step_mbps: 50,
        speeds_mbps: Vec::new(),
        // A burst may; what is bought never.
        may_decrease: true,
        lock_out_seconds: 0,
        changes_in_flight: 1,
        settle_seconds: SETTLE_SECONDS,
        // Hours of a burst are rounded up.
        billing_granularity_seconds: 3600,
        has_idempotency_keys: false,
        has_lookup_by_reference: false,
        // Bursts are multiples of 100 Mbps on top of what is bought.
        extras: vec![
            extra("may_go_below_base", "false"),
            extra("window_step_mbps", "100"),
        ],
    }
}

fn extra(name: &str, value: &str) -> Extra {
    Extra {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn circuit(operation: &Operation) -> Run<Circuit<'_>> {
    let Settings { poll_seconds } = operation.settings()?;
    Ok(Circuit {
        id: &operation.port()?.reference,
        poll_seconds,
    })
}
