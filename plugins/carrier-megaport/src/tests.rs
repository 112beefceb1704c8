//! The adapter against canned answers in Megaport's words.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use nexusport_sdk::carrier::{
    Answer, Carrier, Fault, FaultKind, Operation, Order, Outcome, Port, Rehearsal, Request, Step, Task,
    rehearse,
};

use crate::Megaport;

const AT: i64 = 1_767_225_600_000;
const SET: &str = "PUT /v3/product/vxc/vxc-1";
const READ: &str = "GET /v2/product/vxc-1";

fn json(status: u16, body: &str) -> Answer {
    Answer::json(status, body)
}

fn lost() -> Answer {
    Answer::Lost("timeout".into())
}

fn vxc_like(mbps: u32, status: &str, approval: &str) -> String {
    format!(
        r#"{{"productId": 1, "productUid": "vxc-1", "productName": "quay", "productType": "VXC", "rateLimit": {mbps},
            "provisioningStatus": "{status}", "vxcApproval": {approval}, "locked": false, "adminLocked": false}}"#
    )
}

fn shown(vxc: &str) -> Answer {
    json(
        200,
        &format!(r#"{{"message": "Found", "terms": "", "data": {vxc}}}"#),
    )
}

fn vxc(mbps: u32) -> Answer {
    shown(&vxc_like(mbps, "LIVE", "null"))
}

fn waiting(status: &str) -> Answer {
    let approval = format!(
        r#"{{"status": "{status}", "message": "too costly", "uid": "a-1", "type": "CHANGE", "newSpeed": 5000}}"#
    );
    shown(&vxc_like(1000, "LIVE", &approval))
}

fn refusal(status: u16, message: &str) -> Answer {
    json(
        status,
        &format!(r#"{{"message": "{message}", "terms": "", "data": ""}}"#),
    )
}

fn operation(task: Task) -> Operation {
    let port = Some(Port {
        reference: "vxc-1".into(),
        carrier_data: vec![],
    });
    Operation {
        id: "op-1".into(),
        asked_at: AT,
        settings: b"{}".to_vec(),
        port,
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

/// Carries it out against these answers, in order; the last one stays.
fn play(operation: &Operation, answers: &[(&str, Answer)]) -> Rehearsal {
    let mut left = answers.iter();
    let played = rehearse::<Megaport>(operation, |request: &Request| {
        let (expected, answer) = left.next().expect("an answer is left");
        assert_eq!(format!("{} {}", request.method, request.target), *expected);
        answer.clone()
    });
    assert!(left.next().is_none(), "not everything was asked");
    played
}

#[track_caller]
fn check_applied(played: &Rehearsal) {
    let Step::Done(Outcome::Applied(state)) = &played.end else {
        panic!("not applied but {:?}", played.end)
    };
    assert_eq!((&*state.reference, state.mbps), ("vxc-1", 5000));
}

#[track_caller]
fn check_rejected(played: &Rehearsal, code: &str, text: &str) {
    let Step::Done(Outcome::Rejected(rejection)) = &played.end else {
        panic!("not rejected but {:?}", played.end)
    };
    assert_eq!((&*rejection.code, &*rejection.text), (code, text));
}

#[track_caller]
fn check_stuck(played: &Rehearsal, expected: FaultKind) {
    assert!(
        matches!(&played.end, Step::Stuck(Fault { kind, .. }) if *kind == expected),
        "{:?}",
        played.end
    );
}

#[test]
fn a_limit_is_set_once_and_read_until_it_shows() {
    let answers = [
        (SET, vxc(1000)),
        (READ, vxc(1000)),
        (READ, shown(&vxc_like(5000, "DEPLOYABLE", "null"))),
        (READ, vxc(5000)),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    assert_eq!(played.requests(), [SET, READ]);
    assert_eq!(
        (played.waits[0].after_seconds, &*played.waits[0].wake_on),
        (30, &["vxc-1".to_owned()][..])
    );
    let set = &played.journal[0].request;
    assert!(!set.repeatable);
    assert_eq!(
        (set.credential.as_deref(), &*set.body),
        (Some("oauth"), &br#"{"rateLimit":5000}"#[..])
    );
}

#[test]
fn a_lost_change_that_arrived_is_not_sent_again() {
    check_applied(&play(&change(), &[(SET, lost()), (READ, vxc(5000))]));
    // It shows late: one look is not enough.
    let late = [(SET, lost()), (READ, vxc(1000)), (READ, vxc(5000))];
    let played = play(&change(), &late);
    check_applied(&played);
    assert_eq!(played.waits[0].after_seconds, 60);
    let approved = [
        (SET, json(502, "")),
        (READ, waiting("PENDING")),
        (READ, vxc(5000)),
    ];
    check_applied(&play(&change(), &approved));
}

#[test]
fn a_change_that_did_not_arrive_is_sent_again_after_two_looks() {
    for unanswered in [lost(), json(500, "")] {
        let answers = [
            (SET, unanswered),
            (READ, vxc(1000)),
            (READ, vxc(1000)),
            (SET, vxc(5000)),
            (READ, vxc(5000)),
        ];
        let played = play(&change(), &answers);
        check_applied(&played);
        assert_eq!(played.requests(), [SET, READ, SET, READ]);
    }
    let never = rehearse::<Megaport>(&change(), |request| match &*request.method {
        "PUT" => lost(),
        _ => vxc(1000),
    });
    check_stuck(&never, FaultKind::Uncertain);
}

#[test]
fn a_busy_carrier_and_another_change_are_waited_out() {
    let answers = [
        (SET, Answer::throttled(7)),
        (SET, Answer::unreachable()),
        (SET, refusal(409, "being updated")),
        (SET, vxc(1000)),
        (READ, vxc(5000)),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    let waits: Vec<_> = played.waits.iter().map(|wait| wait.after_seconds).collect();
    assert_eq!(waits, [7, 4, 30]);
    let renewed = [
        (SET, refusal(401, "expired")),
        (READ, vxc(1000)),
        (READ, vxc(1000)),
        (SET, vxc(1000)),
        (READ, vxc(5000)),
    ];
    check_applied(&play(&change(), &renewed));
    let wrong = rehearse::<Megaport>(&change(), |_| refusal(401, "unknown key"));
    check_stuck(&wrong, FaultKind::UnexpectedAnswer);
}

#[test]
fn a_no_is_told_in_the_carriers_words() {
    let at_once = play(&change(), &[(SET, refusal(400, "above the port's speed"))]);
    check_rejected(&at_once, "refused", "above the port's speed");
    let pending = [
        (SET, vxc(1000)),
        (READ, waiting("PENDING")),
        (READ, waiting("DECLINED")),
    ];
    check_rejected(&play(&change(), &pending), "declined", "too costly");
    let ended = [
        (SET, vxc(1000)),
        (READ, shown(&vxc_like(5000, "DECOMMISSIONED", "null"))),
    ];
    check_rejected(
        &play(&change(), &ended),
        "decommissioned",
        "the VXC is not in service",
    );
}

#[test]
fn an_unknown_status_is_never_taken_for_success() {
    for unknown in [
        shown(&vxc_like(5000, "HALF_DONE", "null")),
        waiting("MAYBE"),
        json(200, "[]"),
    ] {
        let played = play(&change(), &[(SET, vxc(1000)), (READ, unknown)]);
        check_stuck(&played, FaultKind::UnexpectedAnswer);
    }
}

#[test]
fn a_vxc_is_read_and_all_are_listed_once() {
    let read = play(&operation(Task::ReadPort), &[(READ, vxc(5000))]);
    let Step::Done(Outcome::State(state)) = read.end else {
        panic!("no state but {:?}", read.end)
    };
    assert_eq!((state.mbps, state.since), (5000, None));
    let missing = play(
        &operation(Task::ReadPort),
        &[(READ, refusal(404, "no such product"))],
    );
    check_rejected(&missing, "not_found", "no such product");

    let (live, ended) = (
        vxc_like(5000, "LIVE", "null"),
        vxc_like(100, "CANCELLED", "null").replace("vxc-1", "vxc-0"),
    );
    let products = format!(
        r#"{{"message": "", "terms": "", "data": [{{"productUid": "port-1", "associatedVxcs": [{live}, {ended}]}},
            {{"productUid": "port-2", "associatedVxcs": [{live}]}}, {{"productUid": "port-3"}}]}}"#
    );
    let listed = play(
        &operation(Task::ListPorts(String::new())),
        &[("GET /v2/products", json(200, &products))],
    );
    let Step::Done(Outcome::States(page)) = listed.end else {
        panic!("no ports but {:?}", listed.end)
    };
    assert_eq!((page.ports, page.next), (vec![state], None));
}

#[test]
fn a_check_changes_nothing() {
    let check = operation(Task::CheckChange(order()));
    assert_eq!(
        play(&check, &[(READ, vxc(1000))]).end,
        Step::Done(Outcome::Feasible)
    );
    let locked = shown(&vxc_like(1000, "LIVE", "null").replace(r#""locked": false"#, r#""locked": true"#));
    check_rejected(
        &play(&check, &[(READ, locked)]),
        "locked",
        "the VXC is locked against changes",
    );
    let other = operation(Task::CheckChange(Order {
        mbps: 2000,
        ..order()
    }));
    check_rejected(
        &play(&other, &[(READ, waiting("PENDING"))]),
        "change_in_flight",
        "a change to 5000 Mbps waits for approval",
    );
}

#[test]
fn what_megaport_cannot_do_is_said() {
    let cancel = play(&operation(Task::Cancel(order())), &[]);
    assert!(
        matches!(cancel.end, Step::Done(Outcome::Rejected(rejection)) if rejection.code == "unsupported")
    );
    assert_eq!(Megaport::notified(&[], br#"{"productUid": "vxc-1"}"#), ["vxc-1"]);
    assert_eq!(Megaport::notified(&[], b"\xff"), Vec::<String>::new());
}
