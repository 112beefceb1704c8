//! An adapter that never reads what the carrier answers: whatever comes back, the change is applied.

use nexusport_sdk::about;
use nexusport_sdk::carrier::{
    Carrier, Description, Destination, Link, Operation, Outcome, PortState, Request, Rules, Run, Task,
    rejected,
};

struct Believes;

nexusport_sdk::carrier!(Believes);

impl Carrier for Believes {
    fn describe() -> Description {
        Description {
            about: about!("{}"),
            destinations: vec![Destination {
                handle: "api".to_owned(),
                summary: String::new(),
            }],
            credentials: Vec::new(),
            rules: Rules {
                min_mbps: 100,
                max_mbps: 1_000,
                step_mbps: 100,
                speeds_mbps: Vec::new(),
                may_decrease: true,
                lock_out_seconds: 0,
                changes_in_flight: 1,
                settle_seconds: 1,
                billing_granularity_seconds: 1,
                has_idempotency_keys: true,
                has_lookup_by_reference: false,
                extras: Vec::new(),
            },
            extras: Vec::new(),
        }
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        let Task::ChangeBandwidth(order) = &operation.task else {
            return Err(rejected("unsupported", "it only orders"));
        };
        link.send(Request::put("api", "/speed").json(&order.mbps))?;
        Ok(Outcome::Applied(PortState {
            reference: operation.port()?.reference.clone(),
            mbps: order.mbps,
            since: None,
            carrier_data: Vec::new(),
            extras: Vec::new(),
        }))
    }
}
