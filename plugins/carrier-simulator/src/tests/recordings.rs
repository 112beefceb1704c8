//! What the adapter is asked and answers, kept as fixtures in `sdk/fixtures`: its component and its twins in other languages are
//! asked the same, and answer the same to the byte.

use nexusport_sdk::carrier::{NotSent, next, rehearse_with};

use super::*;

/// On a port whose name has to be encoded.
fn asked(task: Task) -> Operation {
    Operation {
        settings: br#"{"poll_seconds": 7}"#.to_vec(),
        port: Some(Port {
            reference: "p/1 ü".into(),
            carrier_data: vec![],
        }),
        ..operation(task)
    }
}

/// What the adapter makes of these answers is what is kept under this name.
fn keep(name: &str, task: Task, answers: &[Answer]) {
    rehearse_with::<Simulator>(&asked(task), answers.to_vec()).keep(file(name));
}

fn file(name: &str) -> String {
    format!("../../sdk/fixtures/carrier-simulator/{name}.json")
}

fn wanted() -> Order {
    Order {
        mbps: 5000,
        from_mbps: 1000,
        extras: vec![],
    }
}

/// With a reason in every state, which only a rejection makes known.
fn told(status: &str) -> String {
    format!(
        r#"{{"id": "ord-1", "reference": "op-1", "port": "p-1", "mbps": 5000, "status": "{status}",
            "reason": {{"code": "no_capacity", "message": "the link is full"}},
            "created_at": "2026-01-01T00:00:00.000Z", "completed_at": "2026-01-01T00:00:20.125Z"}}"#
    )
}

fn unsent(temporary: bool) -> Answer {
    let detail = "no such host".into();
    Answer::NotSent(NotSent { temporary, detail })
}

#[test]
fn a_change_answers_as_it_is_kept() {
    let nothing = || json(200, r#"{"orders": []}"#);
    let placed = || json(202, &told("ACCEPTED"));
    let found = || json(200, &format!(r#"{{"orders": [{}]}}"#, told("ACCEPTED")));
    let keep = |name: &str, answers: &[Answer]| keep(name, Task::ChangeBandwidth(wanted()), answers);
    keep("order", &[]);
    keep("poll", &[placed()]);
    keep("wait", &[placed(), json(200, &told("PROVISIONING"))]);
    keep(
        "applied",
        &[
            placed(),
            json(200, &told("ACCEPTED")),
            json(200, &told("COMPLETED")),
        ],
    );
    keep("rejected-later", &[placed(), json(200, &told("REJECTED"))]);
    keep("cancelled", &[placed(), json(200, &told("CANCELLED"))]);
    keep(
        "rejected-at-once",
        &[json(422, r#"{"code": "too_fast", "message": "no"}"#)],
    );
    keep("throttled", &[Answer::throttled(17)]);
    keep("another-order-is-open", &[json(409, "{}")]);
    keep("look-up-after-a-lost-order", &[lost()]);
    keep("look-up-after-a-failure", &[json(500, "oops")]);
    keep("found-after-a-lost-order", &[lost(), found()]);
    keep("look-again", &[lost(), nothing()]);
    keep("order-again", &[lost(), nothing(), nothing()]);
    keep("unreachable", &[unsent(true), unsent(true)]);
    keep("may-not-be-sent", &[unsent(false)]);
    keep("busy-while-polling", &[placed(), json(503, ""), json(502, "")]);
}

#[test]
fn other_tasks_answer_as_they_are_kept() {
    let port = r#"{"id": "p/1 ü", "mbps": 1000, "max_mbps": 9000, "since": "2026-01-01T02:00:00+02:00"}"#;
    keep("read-a-port", Task::ReadPort, &[json(200, port)]);
    keep(
        "no-such-port",
        Task::ReadPort,
        &[json(404, r#"{"code": "unknown", "message": "none"}"#)],
    );
    let page = format!(r#"{{"ports": [{port}], "next": "x=1&y"}}"#);
    keep(
        "a-page-of-ports",
        Task::ListPorts(String::new()),
        &[json(200, &page)],
    );
    keep("the-next-page-of-ports", Task::ListPorts("x=1&y".into()), &[]);
    keep("check", Task::CheckChange(wanted()), &[lost()]);
    keep(
        "feasible",
        Task::CheckChange(wanted()),
        &[json(200, r#"{"feasible": true}"#)],
    );
    keep("cancel-without-a-reference", Task::Cancel(wanted()), &[]);
    keep("probe", Task::Probe, &[json(200, r#"{"account": "acme"}"#)]);
}

#[test]
fn a_journal_that_is_not_the_adapters_is_kept_as_diverged() {
    let change = asked(Task::ChangeBandwidth(wanted()));
    let mut played = rehearse_with::<Simulator>(&change, [json(202, &told("ACCEPTED"))]);
    played.journal[0].request.body[8] = b'9';
    played.end = next::<Simulator>(&played.operation, &played.journal);
    assert!(matches!(&played.end, Step::Stuck(fault) if fault.kind == FaultKind::Diverged));
    played.keep(file("diverged"));
}
