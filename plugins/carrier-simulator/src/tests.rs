//! The adapter against canned answers. That they are what the simulator really answers is tested over HTTP, by the host.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod recordings;

use nexusport_sdk::carrier::{
    Answer, Carrier, Fault, FaultKind, Operation, Order, Outcome, Port, Rehearsal, Request, Step, Task,
    rehearse,
};

use crate::Simulator;

const AT: i64 = 1_767_225_600_000;
const NONE: &str = r#"{"orders": []}"#;
const LOOKUP: &str = "GET /v1/orders?reference=op-1";
const POLL: &str = "GET /v1/orders/ord-1";
const PLACE: &str = "POST /v1/ports/p-1/orders";

fn order(status: &str) -> String {
    let ended = if status == "COMPLETED" {
        r#""2026-01-01T00:00:20.000Z""#
    } else {
        "null"
    };
    format!(
        r#"{{"id": "ord-1", "reference": "op-1", "port": "p-1", "mbps": 5000, "status": "{status}", "reason": null,
            "created_at": "2026-01-01T00:00:00.000Z", "completed_at": {ended}}}"#
    )
}

fn operation(task: Task) -> Operation {
    let port = Some(Port {
        reference: "p-1".into(),
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

fn change() -> Operation {
    operation(Task::ChangeBandwidth(Order {
        mbps: 5000,
        from_mbps: 1000,
        extras: vec![],
    }))
}

/// Carries out the change against these answers, in order; the last one stays.
fn play(operation: &Operation, answers: &[(&str, Answer)]) -> Rehearsal {
    let mut left = answers.iter();
    rehearse::<Simulator>(operation, |request: &Request| {
        let (expected, answer) = left.next().expect("an answer is left");
        assert_eq!(format!("{} {}", request.method, request.target), *expected);
        answer.clone()
    })
}

fn json(status: u16, body: &str) -> Answer {
    Answer::json(status, body)
}

fn lost() -> Answer {
    Answer::Lost("timeout".into())
}

#[track_caller]
fn check_applied(end: &Step) {
    let Step::Done(Outcome::Applied(state)) = end else {
        panic!("not applied but {end:?}")
    };
    assert_eq!(
        (&*state.reference, state.mbps, state.since),
        ("p-1", 5000, Some(AT + 20_000))
    );
}

#[test]
fn an_order_is_placed_once_and_polled_until_it_is_carried_out() {
    let answers = [
        (PLACE, json(202, &order("ACCEPTED"))),
        (POLL, json(200, &order("ACCEPTED"))),
        (POLL, json(200, &order("PROVISIONING"))),
        (POLL, json(200, &order("COMPLETED"))),
    ];
    let played = play(&change(), &answers);
    check_applied(&played.end);
    assert_eq!(played.requests(), [PLACE, POLL]);
    let wait = &played.waits[0];
    assert_eq!(
        (wait.after_seconds, &*wait.wake_on),
        (5, &["ord-1".to_owned()][..])
    );

    let placed = &played.journal[0].request;
    assert!(!placed.repeatable);
    assert_eq!(placed.credential.as_deref(), Some("oauth"));
    assert_eq!(placed.headers[0].value, "op-1");
    assert_eq!(placed.body, br#"{"mbps":5000,"reference":"op-1"}"#);
}

#[test]
fn a_lost_order_that_arrived_is_found_and_not_placed_again() {
    let found = format!(r#"{{"orders": [{}]}}"#, order("PROVISIONING"));
    let answers = [
        (PLACE, lost()),
        (LOOKUP, json(200, &found)),
        (POLL, json(200, &order("COMPLETED"))),
    ];
    let played = play(&change(), &answers);
    check_applied(&played.end);
    assert_eq!(played.requests(), [PLACE, LOOKUP, POLL]);
}

#[test]
fn a_lost_order_is_placed_again_only_when_it_is_absent_twice() {
    for unanswered in [lost(), json(500, "")] {
        let answers = [
            (PLACE, unanswered),
            (LOOKUP, json(200, NONE)),
            (LOOKUP, json(200, NONE)),
            (PLACE, json(202, &order("ACCEPTED"))),
            (POLL, json(200, &order("COMPLETED"))),
        ];
        let played = play(&change(), &answers);
        check_applied(&played.end);
        assert_eq!(played.requests(), [PLACE, LOOKUP, PLACE, POLL]);
        assert_eq!(played.journal[0].request, played.journal[2].request);
    }
}

#[test]
fn an_order_that_never_arrives_is_a_matter_for_a_person() {
    let played = rehearse::<Simulator>(&change(), |request| {
        if request.method == "POST" {
            lost()
        } else {
            json(200, NONE)
        }
    });
    assert!(
        matches!(
            played.end,
            Step::Stuck(Fault {
                kind: FaultKind::Uncertain,
                ..
            })
        ),
        "{:?}",
        played.end
    );
    assert_eq!(played.journal.len(), 10);
}

#[test]
fn a_busy_carrier_is_waited_out_with_the_same_order() {
    let answers = [
        (PLACE, Answer::throttled(7)),
        (PLACE, Answer::unreachable()),
        (
            PLACE,
            json(
                409,
                r#"{"code": "order_in_flight", "message": "another order is open"}"#,
            ),
        ),
        (PLACE, json(202, &order("ACCEPTED"))),
        (POLL, json(200, &order("COMPLETED"))),
    ];
    let played = play(&change(), &answers);
    check_applied(&played.end);
    assert_eq!(
        played
            .waits
            .iter()
            .map(|wait| wait.after_seconds)
            .collect::<Vec<_>>(),
        [7, 4, 5]
    );
}

#[test]
fn a_refusal_is_told_in_the_carriers_words() {
    let refusal = r#"{"code": "too_fast", "message": "at most 1000"}"#;
    let later = order("REJECTED").replace("\"reason\": null", &format!("\"reason\": {refusal}"));
    let at_once = play(&change(), &[(PLACE, json(422, refusal))]);
    let at_the_end = play(
        &change(),
        &[(PLACE, json(202, &order("ACCEPTED"))), (POLL, json(200, &later))],
    );
    for played in [at_once, at_the_end] {
        let Step::Done(Outcome::Rejected(rejection)) = played.end else {
            panic!("not rejected but {:?}", played.end)
        };
        assert_eq!((&*rejection.code, &*rejection.text), ("too_fast", "at most 1000"));
    }
}

#[test]
fn an_unknown_status_is_never_taken_for_success() {
    let unknown = order("HALF_DONE");
    let found = format!(r#"{{"orders": [{unknown}]}}"#);
    let answers = [(PLACE, json(202, &unknown)), (LOOKUP, json(200, &found))];
    let played = play(&change(), &answers);
    assert!(
        matches!(
            played.end,
            Step::Stuck(Fault {
                kind: FaultKind::UnexpectedAnswer,
                ..
            })
        ),
        "{:?}",
        played.end
    );
}

#[test]
fn ports_are_read_and_listed_with_their_since() {
    let port = r#"{"id": "p-1", "mbps": 5000, "max_mbps": 10000, "since": "2026-01-01T00:00:20.000Z", "status": "ACTIVE"}"#;
    let read = play(
        &operation(Task::ReadPort),
        &[("GET /v1/ports/p-1", json(200, port))],
    );
    let Step::Done(Outcome::State(state)) = read.end else {
        panic!("no state but {:?}", read.end)
    };
    assert_eq!((state.mbps, state.since), (5000, Some(AT + 20_000)));

    let page = format!(r#"{{"ports": [{port}], "next": "p-1"}}"#);
    let listed = play(
        &operation(Task::ListPorts("p 0".into())),
        &[("GET /v1/ports?cursor=p%200", json(200, &page))],
    );
    let Step::Done(Outcome::States(page)) = listed.end else {
        panic!("no ports but {:?}", listed.end)
    };
    assert_eq!((page.ports, page.next.as_deref()), (vec![state], Some("p-1")));
}

#[test]
fn a_check_orders_nothing() {
    let path = "POST /v1/ports/p-1/check";
    let check = operation(Task::CheckChange(Order {
        mbps: 5000,
        from_mbps: 1000,
        extras: vec![],
    }));
    let feasible = play(
        &check,
        &[
            (path, lost()),
            (
                path,
                json(200, r#"{"feasible": true, "code": null, "message": null}"#),
            ),
        ],
    );
    assert_eq!(feasible.end, Step::Done(Outcome::Feasible));
    let refused = play(
        &check,
        &[(
            path,
            json(200, r#"{"feasible": false, "code": "too_fast", "message": "no"}"#),
        )],
    );
    let Step::Done(Outcome::Rejected(rejection)) = refused.end else {
        panic!("not rejected but {:?}", refused.end)
    };
    assert_eq!(rejection.code, "too_fast");
}

#[test]
fn a_push_names_its_order_and_an_unreadable_one_nothing() {
    let push = format!(r#"{{"event": "order.updated", "order": {}}}"#, order("COMPLETED"));
    assert_eq!(Simulator::notified(&[], push.as_bytes()), ["ord-1"]);
    assert_eq!(Simulator::notified(&[], b"\xff"), Vec::<String>::new());
}
