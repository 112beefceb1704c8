//! The re-run over the journal, with an adapter that reads one port and then changes it.

use super::*;

struct Acme;

impl Carrier for Acme {
    fn describe() -> Description {
        unreachable!("the re-run never asks")
    }

    fn run(operation: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
        let name: String = operation.settings()?;
        let read = link.send(Request::get("api", format!("/ports/{name}")))?.ok()?;
        let mbps: u32 = read.json()?;
        match operation.task {
            Task::ReadPort => Ok(Outcome::Feasible),
            // Swallows the halt of an unsent request, as an author might by mistake.
            Task::Probe => Ok(link
                .send(Request::get("api", "/ping"))
                .map_or(Outcome::Feasible, |_| state(1))),
            Task::Other(_) => Err(again(30).or_when("ready")),
            _ => {
                link.send(
                    Request::post("api", "/orders")
                        .header("key", &operation.id)
                        .json(&(mbps + 100)),
                )?
                .ok()?;
                Ok(state(mbps + 100))
            }
        }
    }
}

fn state(mbps: u32) -> Outcome {
    Outcome::Applied(PortState {
        reference: "7".into(),
        mbps,
        since: None,
        carrier_data: vec![],
        extras: vec![],
    })
}

fn operation(task: Task) -> Operation {
    Operation {
        id: "op-1".into(),
        asked_at: 5_000,
        settings: b"\"7\"".to_vec(),
        port: None,
        task,
        extras: vec![],
    }
}

fn change() -> Operation {
    operation(Task::ChangeBandwidth(Order {
        mbps: 2000,
        from_mbps: 1000,
        extras: vec![],
    }))
}

fn read() -> Exchange {
    let request = Request::get("api", "/ports/7");
    Exchange {
        request,
        answer: Answer::json(200, "1000"),
        at: 9_000,
        first: 9_000,
        repeats: 0,
    }
}

fn ordered(answer: Answer) -> Exchange {
    let request = Request::post("api", "/orders").header("key", "op-1").json(&1100);
    Exchange {
        request,
        answer,
        at: 9_500,
        first: 9_500,
        repeats: 0,
    }
}

fn fault(step: Step) -> (FaultKind, String) {
    match step {
        Step::Stuck(fault) => (fault.kind, fault.message),
        other => panic!("not stuck but {other:?}"),
    }
}

#[track_caller]
fn check_fault(journal: &[Exchange], kind: FaultKind, message: &str) {
    assert_eq!(
        fault(next::<Acme>(&change(), journal)),
        (kind, message.to_owned())
    );
}

#[test]
fn the_first_request_without_an_answer_is_the_step() {
    assert_eq!(next::<Acme>(&change(), &[]), Step::Send(read().request));
    assert_eq!(
        next::<Acme>(&change(), &[read()]),
        Step::Send(ordered(Answer::json(200, "")).request)
    );
    assert_eq!(
        next::<Acme>(&change(), &[read(), ordered(Answer::json(200, ""))]),
        Step::Done(state(1100))
    );
}

#[test]
fn a_request_unlike_the_journals_is_diverged_at_its_first_differing_byte() {
    let with = |spoil: fn(&mut Request)| {
        let mut exchange = ordered(Answer::json(200, ""));
        spoil(&mut exchange.request);
        [read(), exchange]
    };
    let check = |spoil, what: &str| {
        check_fault(
            &with(spoil),
            FaultKind::Diverged,
            &format!("request 2 is not the one in the journal: their {what}"),
        );
    };
    check(|r| r.method = "PUT".into(), "methods differ from byte 1 on");
    check(|r| r.target = "/orders/1".into(), "targets differ from byte 7 on");
    check(
        |r| r.headers[0].value = "op-2".into(),
        "headers differ from byte 8 on",
    );
    check(|r| r.body = b"1200".to_vec(), "bodies differ from byte 1 on");
    check(
        |r| r.credential = Some("oauth".into()),
        "credentials differ from byte 0 on",
    );
    check(
        |r| r.repeatable = true,
        "claims to be repeatable differ from byte 0 on",
    );
}

#[test]
fn a_run_that_leaves_exchanges_unread_is_diverged() {
    let journal = [read(), ordered(Answer::json(200, ""))];
    for task in [
        Task::ReadPort,
        Task::Other(Extra {
            name: String::new(),
            value: String::new(),
        }),
    ] {
        let (kind, message) = fault(next::<Acme>(&operation(task), &journal));
        assert_eq!(
            (kind, &*message),
            (
                FaultKind::Diverged,
                "the run ends after 1 of the journal's 2 exchanges"
            )
        );
    }
}

#[test]
fn an_unsent_request_is_the_step_even_if_the_adapter_swallows_it() {
    assert_eq!(
        next::<Acme>(&operation(Task::Probe), &[read()]),
        Step::Send(Request::get("api", "/ping"))
    );
}

#[test]
fn a_wait_names_what_may_wake_it() {
    let task = Task::Other(Extra {
        name: String::new(),
        value: String::new(),
    });
    let wait = Wait {
        after_seconds: 30,
        wake_on: vec!["ready".into()],
    };
    assert_eq!(next::<Acme>(&operation(task), &[read()]), Step::Again(wait));
}

#[test]
fn send_waits_out_whatever_may_pass() {
    let check = |answer: Answer, repeats, after_seconds| {
        let exchange = Exchange {
            answer,
            repeats,
            ..read()
        };
        let wait = Wait {
            after_seconds,
            wake_on: vec![],
        };
        assert_eq!(next::<Acme>(&change(), &[exchange]), Step::Again(wait));
    };
    check(Answer::throttled(17), 0, 17);
    check(Answer::throttled(86_400), 0, 3600);
    check(Answer::json(503, ""), 0, 2);
    check(Answer::json(500, ""), 1, 4);
    check(Answer::unreachable(), 3, 16);
    check(Answer::Lost("timeout".into()), 40, 300);
}

#[test]
fn send_gives_up_after_a_day() {
    let exchange = Exchange {
        answer: Answer::unreachable(),
        repeats: 400,
        at: 9_000 + 86_400_001,
        ..read()
    };
    let message = "GET /ports/7 has had no usable answer for a day, 401 attempts";
    check_fault(&[exchange], FaultKind::Other, message);
}

#[test]
fn nothing_is_guessed_about_a_request_that_must_not_be_repeated() {
    let check = |answer, kind, message: &str| check_fault(&[read(), ordered(answer)], kind, message);
    let lost = "nobody knows whether POST /orders arrived: timeout";
    check(Answer::Lost("timeout".into()), FaultKind::Uncertain, lost);
    check(
        Answer::json(500, "oops"),
        FaultKind::UnexpectedAnswer,
        "the carrier answered 500: oops",
    );
    let refused = Answer::NotSent(NotSent {
        temporary: false,
        detail: "no such destination".into(),
    });
    check(
        refused,
        FaultKind::Other,
        "POST /orders may not be sent: no such destination",
    );
}

#[test]
fn again_needs_a_request_that_may_be_repeated() {
    struct Impatient;
    impl Carrier for Impatient {
        fn describe() -> Description {
            unreachable!("the re-run never asks")
        }
        fn run(_: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
            if link.now() > 5_000 {
                link.try_send(Request::post("api", "/orders"))?;
            }
            Err(again(1))
        }
    }
    let early = Operation {
        asked_at: 5_000,
        ..change()
    };
    let (kind, message) = fault(next::<Impatient>(&early, &[]));
    assert_eq!(
        (kind, &*message),
        (FaultKind::Other, "there is no request to repeat yet")
    );

    let late = Operation {
        asked_at: 5_001,
        ..change()
    };
    let rehearsal = rehearse::<Impatient>(&late, |_| Answer::Lost("timeout".into()));
    assert_eq!(fault(rehearsal.end).0, FaultKind::Uncertain);
}

#[test]
fn a_rehearsal_carries_the_operation_to_its_end() {
    let mut throttled = false;
    let rehearsal = rehearse::<Acme>(&change(), |request| match &*request.method {
        "GET" if !std::mem::replace(&mut throttled, true) => Answer::throttled(3),
        "GET" => Answer::json(200, "1000"),
        _ => Answer::json(202, ""),
    });
    assert_eq!(rehearsal.end, Step::Done(state(1100)));
    assert_eq!(rehearsal.requests(), ["GET /ports/7", "POST /orders"]);
    assert_eq!((rehearsal.waits.len(), rehearsal.journal[0].repeats), (1, 1));
}
