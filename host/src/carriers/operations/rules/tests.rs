//! What may leave after which journal, and when an operation is over.

use chrono::TimeZone as _;
use nexusport_sandbox::carrier::{Extra, Fault, FaultKind, PortState, Rejection};

mod wishes;

use super::*;

const BOUNDS: Bounds = Bounds {
    exchanges: 64,
    request_bytes: 256 * 1024,
    settle_s: 5,
};

fn at(seconds: i64) -> Timestamp {
    chrono::Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn request(method: &str, repeatable: bool) -> Request {
    Request {
        method: method.into(),
        destination: "api".into(),
        target: "/orders".into(),
        headers: Vec::new(),
        body: Vec::new(),
        credential: None,
        repeatable,
    }
}

fn order(known: Known) -> Slot {
    slot(&request("POST", false), known)
}

fn lookup(known: Known) -> Slot {
    slot(&request("GET", true), known)
}

fn slot(request: &Request, known: Known) -> Slot {
    Slot {
        hash: Hash::of(request),
        repeatable: request.repeatable,
        asks: asks(request),
        repeated: false,
        known,
        at: at(0),
    }
}

/// What the step comes to, so many seconds after the last answer.
fn decided(slots: &[Slot], step: Step, seconds: i64) -> Decision {
    let moment = Moment {
        asked_at: at(0),
        retried_at: None,
        now: at(seconds),
        woken_at: None,
    };
    decide(Kind::ChangeBandwidth, slots, step, &BOUNDS, moment)
}

fn send(method: &str, repeatable: bool) -> Step {
    Step::Send(request(method, repeatable))
}

fn again(after_seconds: u32) -> Step {
    Step::Again(Wait {
        after_seconds,
        wake_on: Vec::new(),
    })
}

#[track_caller]
fn gives_up(slots: &[Slot], step: Step, words: &str) -> Reason {
    match decided(slots, step, 3_600) {
        Decision::GiveUp(reason) if reason.text.contains(words) => reason,
        other => panic!("{other:?}"),
    }
}

fn state() -> PortState {
    PortState {
        reference: "p".into(),
        mbps: 1,
        since: None,
        carrier_data: Vec::new(),
        extras: Vec::new(),
    }
}

#[test]
fn the_first_request_leaves_at_once() {
    assert_eq!(
        decided(&[], send("POST", false), 0),
        Decision::Send(request("POST", false))
    );
}

#[test]
fn after_a_lost_request_nothing_leaves_before_it_has_settled() {
    let lost = [order(Known::Lost)];
    assert_eq!(decided(&lost, send("GET", true), 0), Decision::Wait(at(35)));
    assert_eq!(decided(&lost, send("GET", true), 34), Decision::Wait(at(35)));
    assert_eq!(
        decided(&lost, send("GET", true), 35),
        Decision::Send(request("GET", true))
    );
    let lost_lookup = [lookup(Known::Lost)];
    assert_eq!(decided(&lost_lookup, again(2), 2), Decision::Wait(at(35)));
    assert_eq!(decided(&lost_lookup, again(60), 35), Decision::Wait(at(60)));
    assert_eq!(decided(&lost_lookup, again(2), 35), Decision::Repeat);
}

#[test]
fn a_carrier_that_broke_down_over_an_order_is_given_time_to_settle_too() {
    let broke = [order(Known::Answered(500))];
    assert_eq!(decided(&broke, send("GET", true), 0), Decision::Wait(at(35)));
    let broke_over_a_lookup = [lookup(Known::Answered(500))];
    assert_eq!(
        decided(&broke_over_a_lookup, send("GET", true), 0),
        Decision::Send(request("GET", true))
    );
}

#[test]
fn nothing_unrepeatable_is_sent_until_the_carrier_has_told_what_it_has() {
    for doubtful in [Known::Lost, Known::Answered(500), Known::Answered(504)] {
        for no_evidence in [
            Known::NotSent,
            Known::Answered(500),
            Known::Answered(429),
            Known::Answered(401),
        ] {
            let slots = [order(doubtful), lookup(no_evidence)];
            gives_up(&slots, send("POST", false), "must be asked first");
            // Not even another one: it may be the same order in other words.
            gives_up(&slots, send("PUT", false), "must be asked first");
        }
        gives_up(&[order(doubtful)], send("POST", false), "must be asked first");
        for evidence in [Known::Answered(200), Known::Answered(404), Known::Answered(410)] {
            let slots = [order(doubtful), lookup(evidence)];
            assert_eq!(
                decided(&slots, send("POST", false), 3_600),
                Decision::Send(request("POST", false))
            );
        }
    }
}

#[test]
fn evidence_from_before_a_loss_proves_nothing() {
    let slots = [lookup(Known::Answered(404)), order(Known::Lost)];
    gives_up(&slots, send("POST", false), "must be asked first");
}

#[test]
fn an_order_is_repeated_only_where_the_carrier_did_not_take_it() {
    for refused in [
        Known::NotSent,
        Known::Answered(429),
        Known::Answered(409),
        Known::Answered(503),
    ] {
        assert_eq!(decided(&[order(refused)], again(5), 5), Decision::Repeat);
    }
    for doubtful in [
        Known::Lost,
        Known::Answered(500),
        Known::Answered(502),
        Known::Answered(401),
    ] {
        let reason = gives_up(&[order(doubtful)], again(5), "nobody knows");
        assert!(reason.may_have_happened);
    }
    gives_up(&[order(Known::Answered(202))], again(5), "took the last request");
}

#[test]
fn what_is_repeatable_is_repeated_after_any_answer() {
    for known in [
        Known::NotSent,
        Known::Lost,
        Known::Answered(200),
        Known::Answered(500),
    ] {
        assert_eq!(decided(&[lookup(known)], again(5), 3_600), Decision::Repeat);
    }
}

#[test]
fn there_is_nothing_to_repeat_before_any_request() {
    let reason = gives_up(&[], again(5), "no request to repeat");
    assert!(!reason.may_have_happened);
}

#[test]
fn pauses_are_kept_within_a_second_and_a_day() {
    let slots = [lookup(Known::Answered(200))];
    assert_eq!(decided(&slots, again(0), 0), Decision::Wait(at(1)));
    assert_eq!(decided(&slots, again(u32::MAX), 0), Decision::Wait(at(86_400)));
}

#[test]
fn the_journal_and_its_requests_have_limits() {
    let full = [lookup(Known::Answered(200)); 64];
    gives_up(&full, send("GET", true), "64 exchanges");
    let mut large = request("POST", false);
    large.body = vec![0; 256 * 1024];
    gives_up(&[], Step::Send(large), "the limit is 262144");
}

#[test]
fn an_operation_ends_after_thirty_days_whatever_the_adapter_wants() {
    let moment = Moment {
        asked_at: at(0),
        retried_at: None,
        now: at(31 * 86_400),
        woken_at: None,
    };
    let slots = [lookup(Known::Answered(200))];
    let late = decide(Kind::ReadPort, &slots, again(60), &BOUNDS, moment);
    assert!(matches!(late, Decision::GiveUp(reason) if reason.text.contains("30 days")));
    let done = Step::Done(Outcome::State(state()));
    assert!(matches!(
        decide(Kind::ReadPort, &slots, done, &BOUNDS, moment),
        Decision::Done(_)
    ));
}

#[test]
fn an_outcome_must_be_of_the_kind_that_was_asked() {
    let rejected = Outcome::Rejected(Rejection {
        code: "no".into(),
        text: "no".into(),
    });
    for kind in Kind::ALL {
        assert!(fits(kind, &rejected));
        assert_eq!(
            fits(kind, &Outcome::Applied(state())),
            matches!(kind, Kind::ChangeBandwidth | Kind::Cancel)
        );
        assert_eq!(
            fits(kind, &Outcome::State(state())),
            matches!(kind, Kind::ReadPort | Kind::Cancel)
        );
    }
    let other = Outcome::Other(Extra {
        name: "a".into(),
        value: "b".into(),
    });
    gives_up(&[], Step::Done(other), "outcome of another kind");
}

#[test]
fn a_stuck_adapter_gives_up_in_its_own_words() {
    let stuck = Step::Stuck(Fault {
        kind: FaultKind::Uncertain,
        message: "nobody can tell".into(),
    });
    let reason = gives_up(&[order(Known::Lost)], stuck, "nobody can tell");
    assert!(reason.may_have_happened);
}

#[test]
fn giving_up_says_whether_anything_may_have_happened() {
    let may = |slots: &[Slot]| reason(slots, String::new()).may_have_happened;
    assert!(!may(&[]));
    assert!(!may(&[
        lookup(Known::Answered(200)),
        order(Known::Answered(422)),
        order(Known::NotSent)
    ]));
    assert!(may(&[order(Known::Answered(202))]));
    assert!(may(&[order(Known::Sending)]));
    assert!(may(&[order(Known::Lost), lookup(Known::Answered(404))]));
}
