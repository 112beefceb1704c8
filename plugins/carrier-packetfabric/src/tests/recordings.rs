//! The recordings in `fixtures`, at least one for each scenario that a host looks for.

use nexusport_sdk::carrier::{Answer, Operation, rehearse_with};

use super::{CIRCUIT, after_burst, fabric::no, to};
use crate::wire;

/// What the adapter makes of these answers is what is kept under this name.
#[track_caller]
fn keep(name: &str, operation: &Operation, answers: &[&[Answer]]) {
    rehearse_with::<crate::PacketFabric>(operation, answers.concat()).keep(format!("fixtures/{name}.json"));
}

/// The status with a workflow, by its number.
fn workflow(root: u32, state: &str, position: u32) -> Answer {
    let root = format!("7c9e6679-7425-40de-944b-e07fc1f9000{root}");
    let (last, object) = (position == 10, r#"{"state": "Active", "deleted": false}"#);
    let current = r#"{"state": "ACTIVE", "description": "no capacity today", "warning": false}"#;
    let workflow = format!(
        r#"{{"name": "vc/workflow/upgrade/master", "root": "{root}", "state": "{state}", "current_state": "{state}",
        "is_final": {last}, "progress": {{"position": {position}, "steps": 10}}}}"#
    );
    let status = format!(r#"{{"object": {object}, "current": {current}, "last_workflow": {workflow}}}"#);
    Answer::json(
        200,
        &format!(r#"{{"circuit_id": "{CIRCUIT}", "status": {status}}}"#),
    )
}

fn service(state: &str, mbps: u32) -> Answer {
    let speed = wire::written(mbps);
    let bandwidth =
        format!(r#"{{"longhaul_type": "dedicated", "subscription_term": 12, "speed": "{speed}"}}"#);
    let kind =
        r#""service_type": "backbone", "service_class": "longhaul", "mode": "evpl", "connected": true"#;
    Answer::json(
        200,
        &format!(r#"{{"vc_circuit_id": "{CIRCUIT}", "state": "{state}", {kind}, "bandwidth": {bandwidth}}}"#),
    )
}

fn quiet() -> Answer {
    workflow(1, "COMPLETE", 10)
}

fn busy() -> Answer {
    workflow(2, "STAGED", 4)
}

/// What an order is preceded by: a circuit of this speed, to which nothing happens.
fn before(mbps: u32) -> [Answer; 3] {
    [quiet(), service("Active", mbps), quiet()]
}

/// What an order is followed by.
fn after(mbps: u32) -> [Answer; 2] {
    [workflow(2, "COMPLETE", 10), service("Active", mbps)]
}

fn started() -> [Answer; 1] {
    [Answer::json(200, r#"{"message": "VC burst upgrade started"}"#)]
}

fn lost() -> [Answer; 1] {
    [Answer::Lost("timeout".to_owned())]
}

fn window() -> Operation {
    to(1500, 1000)
}

fn upgrade() -> Operation {
    to(2000, 2000)
}

fn end_of_window() -> Operation {
    after_burst(to(1000, 1000), 500)
}

#[test]
fn changes_are_recorded() {
    keep(
        "immediate-success",
        &window(),
        &[&before(1000), &started(), &after(1500)],
    );
    keep(
        "immediate-success.upgrade",
        &upgrade(),
        &[&before(1000), &started(), &after(2000)],
    );
    let polled = [&before(1000)[..], &started(), &[busy(), busy()], &after(2000)];
    keep("polled-success", &upgrade(), &polled);
    let returned = [&before(1500)[..], &started(), &[busy()], &after(1000)];
    keep("polled-success.return", &end_of_window(), &returned);
    let again = [quiet()];
    let smaller = [
        &before(1500)[..],
        &started(),
        &[busy()],
        &after(1000),
        &again,
        &started(),
        &after(1300),
    ];
    keep(
        "polled-success.smaller-burst",
        &after_burst(to(1300, 1000), 500),
        &smaller,
    );
    let thrice = [
        &before(1000)[..],
        &started(),
        &[busy(), busy(), busy()],
        &after(1500),
    ];
    keep("duplicate-answer", &window(), &thrice);
    let patient = Operation {
        settings: br#"{"poll_seconds": 3600}"#.to_vec(),
        ..upgrade()
    };
    let late = [&before(1000)[..], &started(), &[busy(), busy()], &after(2000)];
    keep("late-answer", &patient, &late);
}

#[test]
fn losses_are_recorded() {
    let done = [&before(1000)[..], &lost(), &[busy()], &after(1500), &after(1500)];
    keep("lost-but-done", &window(), &done);
    let returned = [&before(1500)[..], &lost(), &after(1000), &after(1000)];
    keep("lost-but-done.return", &end_of_window(), &returned);
    keep("unknown-after-crash", &window(), &[&before(1000), &lost()]);
    keep(
        "carrier-error",
        &window(),
        &[&before(1000), &[Answer::json(500, "{}")]],
    );
    keep("throttled", &window(), &[&before(1000), &[Answer::throttled(17)]]);
}

#[test]
fn refusals_and_doubts_are_recorded() {
    let metro = no(400, "Metro VCs do not support upgrades or renewals");
    keep("rejection", &upgrade(), &[&before(1000), &[metro]]);
    let failed = [workflow(2, "FAILED", 10), service("Active", 1000)];
    keep(
        "rejection.by-its-workflow",
        &window(),
        &[&before(1000), &started(), &failed],
    );
    let conflict = no(409, "A change of this circuit is under way");
    keep(
        "second-change-in-flight",
        &window(),
        &[&before(1000), &[conflict]],
    );
    keep(
        "polled-success.by-another",
        &window(),
        &[&[busy(), busy()], &after(1500)],
    );
    keep(
        "partial-application",
        &window(),
        &[&before(1000), &started(), &after(1300)],
    );
    keep("unknown-state", &window(), &[&[quiet(), service("Frozen", 1000)]]);
}
