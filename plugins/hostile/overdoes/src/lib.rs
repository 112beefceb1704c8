//! An adapter that asks for more than any adapter may: too many destinations when it describes itself, too large a request
//! when a change is ordered, too much to keep when a port is read, a hidden character when it is probed.

use nexusport_sdk::carrier::{
    Carrier, Description, Destination, Link, Operation, Outcome, PortState, Request, Rules, Run, Task,
    rejected,
};

struct Overdoes;

impl Carrier for Overdoes {
    fn describe() -> Description {
        let destination = |number| Destination {
            handle: format!("place-{number}"),
            summary: "One more place".to_owned(),
        };
        Description {
            about: nexusport_sdk::about!("{}"),
            destinations: (1..=1_000).map(destination).collect(),
            credentials: Vec::new(),
            rules: Rules {
                min_mbps: 1,
                max_mbps: 1_000,
                step_mbps: 1,
                speeds_mbps: Vec::new(),
                may_decrease: true,
                lock_out_seconds: 0,
                changes_in_flight: 1,
                settle_seconds: 0,
                billing_granularity_seconds: 1,
                has_idempotency_keys: false,
                has_lookup_by_reference: false,
                extras: Vec::new(),
            },
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        match operation.task {
            Task::ReadPort => Ok(Outcome::State(PortState {
                reference: "port".to_owned(),
                mbps: 1,
                since: None,
                carrier_data: vec![0; 1024 * 1024],
                extras: Vec::new(),
            })),
            Task::ChangeBandwidth(_) => {
                let mut request = Request::post("place-1", "orders");
                request.body = vec![b' '; 1024 * 1024];
                link.send(request)?;
                Ok(Outcome::Feasible)
            }
            Task::Probe => {
                link.send(Request::get("place-1", "health\r\nhost: elsewhere"))?;
                Ok(Outcome::Feasible)
            }
            _ => Err(rejected("unknown", "only reads, changes and probes")),
        }
    }
}

nexusport_sdk::carrier!(Overdoes);
