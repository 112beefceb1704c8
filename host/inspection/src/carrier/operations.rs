//! Everything that a host asks adapters to do, in the same words for everybody.

use nexusport_sandbox::carrier::{Description, Extra, Operation, Order, Port, Task};

/// Noon on 1 January 2026, UTC.
pub(super) const NOON_MS: i64 = 1_767_268_800_000;
const ID: &str = "01900000-0000-7000-8000-00000000000a";
pub(super) const OTHER_ID: &str = "01900000-0000-7000-8000-00000000000b";

/// One operation of each kind.
pub(super) fn operations(description: &Description, settings: &[u8]) -> Vec<Operation> {
    let rules = &description.rules;
    let (low, high) = match rules.speeds_mbps[..] {
        [low, high, ..] => (low, high),
        _ => (rules.min_mbps, rules.min_mbps.saturating_add(rules.step_mbps)),
    };
    let order = |from_mbps, mbps| Order {
        mbps,
        from_mbps,
        extras: Vec::new(),
    };
    [
        Task::ReadPort,
        Task::ListPorts(String::new()),
        Task::CheckChange(order(low, high)),
        Task::ChangeBandwidth(order(low, high)),
        Task::ChangeBandwidth(order(high, low)),
        Task::Cancel(order(low, high)),
        Task::Probe,
        Task::Other(Extra {
            name: "a-task-of-tomorrow".to_owned(),
            value: String::new(),
        }),
    ]
    .map(|task| Operation {
        id: ID.to_owned(),
        asked_at: NOON_MS,
        settings: settings.to_vec(),
        port: names_a_port(&task).then(|| Port {
            reference: "port-1".to_owned(),
            carrier_data: Vec::new(),
        }),
        task,
        extras: Vec::new(),
    })
    .into()
}

fn names_a_port(task: &Task) -> bool {
    !matches!(task, Task::ListPorts(_) | Task::Probe | Task::Other(_))
}
