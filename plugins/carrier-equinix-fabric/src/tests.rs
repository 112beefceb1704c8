//! The adapter against canned answers, their bodies written from the published document.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use nexusport_sdk::carrier::{
    Answer, Carrier, FaultKind, Operation, Order, Outcome, Port, Rehearsal, Request, Step, Task, rehearse,
};

use crate::Fabric;

mod ends;
mod orders;
mod other_tasks;
mod recordings;

/// Noon on 1 January 2026, UTC.
const AT: i64 = 1_767_268_800_000;
const UUID: &str = "5b7c1d6e-0f52-4b8e-9d37-2a64c8e1f903";
const READ: &str = "GET /fabric/v4/connections/5b7c1d6e-0f52-4b8e-9d37-2a64c8e1f903";
const ORDER: &str = "PATCH /fabric/v4/connections/5b7c1d6e-0f52-4b8e-9d37-2a64c8e1f903";
const TRANSIENT: &str =
    r#"[{"errorCode": "EQ-3142510", "errorMessage": "Connection is in transient state"}]"#;
const LOCKED: &str = r#"[{"errorCode": "EQ-3142999", "errorMessage": "one change in 24 hours"}]"#;

/// A connection that carries so much, with its latest change.
fn connection(mbps: u32, change: &str) -> String {
    with_statuses(mbps, change, ["ACTIVE", "PROVISIONED", "PROVISIONED"])
}

fn with_statuses(mbps: u32, change: &str, [state, equinix, provider]: [&str; 3]) -> String {
    format!(
        r#"{{"uuid": "{UUID}", "type": "EVPL_VC", "name": "north", "bandwidth": {mbps}, "state": "{state}", "change": {change},
            "operation": {{"equinixStatus": "{equinix}", "providerStatus": "{provider}"}},
            "aSide": {{"accessPoint": {{"type": "COLO"}}}}, "zSide": {{"accessPoint": {{"type": "SP"}}}}}}"#
    )
}

/// What made the connection, long ago.
fn made() -> String {
    r#"{"uuid": "c-0", "type": "CONNECTION_CREATION", "status": "COMPLETED", "createdDateTime": "2025-06-01T08:00:00Z"}"#
        .to_owned()
}

/// A change of speed, by its number, that stands so.
fn changed(number: u32, mbps: u32, status: &str) -> String {
    format!(
        r#"{{"uuid": "c-{number}", "type": "CONNECTION_UPDATE", "status": "{status}", "information": "no capacity",
            "createdDateTime": "2026-01-01T12:00:0{number}Z", "updatedDateTime": "2026-01-01T12:00:30.5Z",
            "data": {{"op": "replace", "path": "/bandwidth", "value": {mbps}}}}}"#
    )
}

fn operation(task: Task) -> Operation {
    Operation {
        id: "op-1".into(),
        asked_at: AT,
        settings: b"{}".to_vec(),
        port: Some(Port {
            reference: UUID.into(),
            carrier_data: vec![],
        }),
        task,
        extras: vec![],
    }
}

fn order() -> Order {
    Order {
        mbps: 5000,
        from_mbps: 1000,
        extras: vec![],
    }
}

fn change() -> Operation {
    operation(Task::ChangeBandwidth(order()))
}

/// Carries out an operation against these answers, in order.
fn play(operation: &Operation, answers: &[(&str, Answer)]) -> Rehearsal {
    let mut left = answers.iter();
    rehearse::<Fabric>(operation, |request: &Request| {
        let (expected, answer) = left.next().expect("an answer is left");
        assert_eq!(format!("{} {}", request.method, request.target), *expected);
        answer.clone()
    })
}

fn ok(body: &str) -> Answer {
    Answer::json(200, body)
}

fn before() -> (&'static str, Answer) {
    (READ, ok(&connection(1000, &made())))
}

fn accepted() -> (&'static str, Answer) {
    (
        ORDER,
        Answer::json(202, &connection(1000, &changed(1, 5000, "REQUESTED"))),
    )
}

fn underway() -> (&'static str, Answer) {
    (READ, ok(&connection(1000, &changed(1, 5000, "APPROVED"))))
}

fn completed() -> (&'static str, Answer) {
    (READ, ok(&connection(5000, &changed(1, 5000, "COMPLETED"))))
}

fn lost() -> (&'static str, Answer) {
    (ORDER, Answer::Lost("timeout".into()))
}

#[track_caller]
fn check_applied(played: &Rehearsal) {
    let Step::Done(Outcome::Applied(state)) = &played.end else {
        panic!("not applied but {:?}", played.end)
    };
    assert_eq!(
        (&*state.reference, state.mbps, state.since),
        (UUID, 5000, Some(AT + 30_500))
    );
}

#[track_caller]
fn check_rejected(played: &Rehearsal, code: &str) {
    let Step::Done(Outcome::Rejected(rejection)) = &played.end else {
        panic!("not rejected but {:?}", played.end)
    };
    assert_eq!(rejection.code, code);
}

#[track_caller]
fn check_stuck(played: &Rehearsal, kind: FaultKind) {
    assert!(
        matches!(&played.end, Step::Stuck(fault) if fault.kind == kind),
        "{:?}",
        played.end
    );
}

fn orders(played: &Rehearsal) -> usize {
    played
        .journal
        .iter()
        .filter(|it| it.request.method == "PATCH")
        .count()
}

fn waits(played: &Rehearsal) -> Vec<u32> {
    played.waits.iter().map(|wait| wait.after_seconds).collect()
}
