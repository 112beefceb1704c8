//! The adapter against canned answers in Megaport's words.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod before;
mod others;
mod recordings;

use nexusport_sdk::carrier::{
    Answer, Carrier, Fault, FaultKind, Operation, Order, Outcome, Port, Rehearsal, Request, Step, Task,
    rehearse,
};

use crate::Megaport;

const AT: i64 = 1_767_225_600_000;
const SET: &str = "PUT /v3/product/vxc/vxc-1";
const READ: &str = "GET /v2/product/vxc-1";

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
    Answer::json(
        200,
        &format!(r#"{{"message": "Found", "terms": "", "data": {vxc}}}"#),
    )
}

fn vxc(mbps: u32) -> Answer {
    shown(&vxc_like(mbps, "LIVE", "null"))
}

fn old() -> (&'static str, Answer) {
    (READ, vxc(1000))
}

fn waiting(status: &str) -> Answer {
    let approval = format!(
        r#"{{"status": "{status}", "message": "too costly", "uid": "a-1", "type": "CHANGE", "newSpeed": 5000}}"#
    );
    shown(&vxc_like(1000, "LIVE", &approval))
}

fn refusal(status: u16, message: &str) -> Answer {
    Answer::json(
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
        old(),
        (SET, vxc(1000)),
        (READ, vxc(1000)),
        (READ, shown(&vxc_like(5000, "DEPLOYABLE", "null"))),
        (READ, vxc(5000)),
    ];
    let played = play(&change(), &answers);
    check_applied(&played);
    assert_eq!(played.requests(), [READ, SET, READ]);
    assert_eq!(
        (played.waits[0].after_seconds, &*played.waits[0].wake_on),
        (30, &["vxc-1".to_owned()][..])
    );
    let set = &played.journal[1].request;
    assert!(!set.repeatable);
    assert_eq!(
        (set.credential.as_deref(), &*set.body),
        (Some("oauth"), &br#"{"rateLimit":5000}"#[..])
    );
}

#[test]
fn a_lost_change_that_arrived_is_not_sent_again() {
    check_applied(&play(&change(), &[old(), (SET, lost()), (READ, vxc(5000))]));
    // It shows late: one look is not enough.
    let late = [old(), (SET, lost()), (READ, vxc(1000)), (READ, vxc(5000))];
    let played = play(&change(), &late);
    check_applied(&played);
    assert_eq!(played.waits[0].after_seconds, 60);
    let approved = [
        old(),
        (SET, Answer::json(502, "")),
        (READ, waiting("PENDING")),
        (READ, vxc(5000)),
    ];
    check_applied(&play(&change(), &approved));
}

#[test]
fn a_change_that_did_not_arrive_is_sent_again_after_two_looks() {
    for unanswered in [lost(), Answer::json(500, "")] {
        let answers = [
            old(),
            (SET, unanswered),
            (READ, vxc(1000)),
            (READ, vxc(1000)),
            (SET, vxc(5000)),
            (READ, vxc(5000)),
        ];
        let played = play(&change(), &answers);
        check_applied(&played);
        assert_eq!(played.requests(), [READ, SET, READ, SET, READ]);
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
        old(),
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
        old(),
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
    let at_once = play(&change(), &[old(), (SET, refusal(400, "above the port's speed"))]);
    check_rejected(&at_once, "refused", "above the port's speed");
    for ended in ["DECLINED", "EXPIRED"] {
        let answers = [
            old(),
            (SET, vxc(1000)),
            (READ, waiting("PENDING")),
            (READ, waiting(ended)),
        ];
        check_rejected(
            &play(&change(), &answers),
            &ended.to_ascii_lowercase(),
            "too costly",
        );
    }
    let ended = [
        old(),
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
fn a_change_that_never_shows_is_a_matter_for_a_person() {
    let patient = Operation {
        settings: br#"{"poll_seconds": 3600}"#.to_vec(),
        ..change()
    };
    let played = rehearse::<Megaport>(&patient, |_| vxc(1000));
    check_stuck(&played, FaultKind::Uncertain);
    assert_eq!((played.requests().len(), played.waits.len()), (3, 72));
}

#[test]
fn an_unknown_status_is_never_taken_for_success() {
    for unknown in [
        shown(&vxc_like(5000, "HALF_DONE", "null")),
        waiting("MAYBE"),
        Answer::json(200, "[]"),
    ] {
        let played = play(&change(), &[old(), (SET, vxc(1000)), (READ, unknown)]);
        check_stuck(&played, FaultKind::UnexpectedAnswer);
    }
}
