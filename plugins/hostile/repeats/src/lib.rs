//! An adapter that orders again as soon as no answer came, whether the first order arrived or not: a customer pays twice.

use nexusport_sdk::about;
use nexusport_sdk::carrier::{
    Answer, Carrier, Description, Destination, Link, Operation, Outcome, Request, Rules, Run, Task, rejected,
};

struct Repeats;

nexusport_sdk::carrier!(Repeats);

impl Carrier for Repeats {
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
        let request = Request::post("api", "/orders")
            .header("idempotency-key", &operation.id)
            .json(&order.mbps);
        let mut answer = link.try_send(request.clone())?;
        if matches!(answer, Answer::Lost(_)) {
            answer = link.try_send(request)?;
        }
        match answer {
            Answer::Answered(response) => Err(response.unexpected("")),
            _ => Err(rejected("unreachable", "no answer came")),
        }
    }
}
