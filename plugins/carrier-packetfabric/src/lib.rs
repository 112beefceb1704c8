//! The adapter for PacketFabric's API: the speed of a virtual circuit. What stays is bought by a modify, which only ever
//! raises; what is for a while is a burst on top, which is taken off again. An order has no name that a buyer gives and no
//! key, so what became of one is read from the circuit.

mod change;
#[cfg(test)]
mod tests;
mod wire;

use nexusport_sdk::about;
use nexusport_sdk::carrier::{
    Carrier, Credential, Description, Destination, Extra, Link, Operation, Outcome, Polling, Rules, Run,
    Task, rejected,
};

use wire::{API, Circuit, KEY};

/// How long a lost order may still take effect: PacketFabric says a few minutes, its own client gives up after ten.
const SETTLE_SECONDS: u32 = 600;

struct PacketFabric;

nexusport_sdk::carrier!(PacketFabric);

impl Carrier for PacketFabric {
    fn describe() -> Description {
        Description {
            about: about!(Polling::SCHEMA),
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
        step_mbps: 50,
        settle_seconds: SETTLE_SECONDS,
        // Hours of a burst are rounded up.
        billing_granularity_seconds: 3600,
        // A burst is a multiple of 100 Mbps on top of what is bought, which never goes down.
        extras: vec![
            Extra::new("may_go_below_base", "false"),
            Extra::new("window_step_mbps", "100"),
        ],
        ..Rules::within(50..=100_000)
    }
}

fn circuit(operation: &Operation) -> Run<Circuit<'_>> {
    let Polling { poll_seconds } = operation.settings()?;
    Ok(Circuit {
        id: &operation.port()?.reference,
        poll_seconds,
    })
}
