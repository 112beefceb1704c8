//! What the adapter for the simulated carrier and the committed rule are asked and answer, kept as fixtures in
//! `sdk/fixtures`: their twins in other languages are asked the same, and answer the same to the byte.
//! `NEXUSPORT_WRITE_FIXTURES=1` writes them anew.

use std::path::Path;

use nexusport_sandbox::carrier::{
    Answer, Exchange, Header, NotSent, Operation, Order, Port, Response, Step, Task,
};
use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::pricing::{Event, Fact, Interval, Period, Request};
use nexusport_sandbox::{Limits, Next, Plugin, Question, Sandbox};

use crate::keep_in;

const AT: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;

fn plugin(component: &[u8]) -> Plugin {
    let limits = Limits {
        concurrent_calls: 1,
        ..Limits::default()
    };
    let artifact = compile_trusted(component, &limits).artifact.unwrap();
    Plugin::load(&Sandbox::new(limits).unwrap(), &artifact).unwrap()
}

/// Asks, and compares with what is kept in the folder of the plugin.
fn keep<Q: Question>(plugin: &Plugin, folder: &str, name: &str, question: &Q) -> Q::Answer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(folder);
    keep_in(&folder, plugin, &name.replace(' ', "-"), question)
}

fn json(status: u16, body: &str) -> Answer {
    let body = body.as_bytes().to_vec();
    Answer::Answered(Response {
        status,
        headers: vec![],
        body,
    })
}

fn throttled() -> Answer {
    let headers = vec![Header {
        name: "Retry-After".into(),
        value: "17".into(),
    }];
    Answer::Answered(Response {
        status: 429,
        headers,
        body: vec![],
    })
}

fn lost() -> Answer {
    Answer::Lost("timeout".into())
}

fn not_sent(temporary: bool) -> Answer {
    Answer::NotSent(NotSent {
        temporary,
        detail: "no such host".into(),
    })
}

fn order(status: &str) -> String {
    format!(
        r#"{{"id": "ord-1", "reference": "op-1", "port": "p-1", "mbps": 5000, "status": "{status}",
            "reason": {{"code": "no_capacity", "message": "the link is full"}},
            "created_at": "2026-01-01T00:00:00.000Z", "completed_at": "2026-01-01T00:00:20.125Z"}}"#
    )
}

fn change() -> Task {
    let extras = vec![];
    Task::ChangeBandwidth(Order {
        mbps: 5000,
        from_mbps: 1000,
        extras,
    })
}

fn operation(task: Task) -> Operation {
    Operation {
        id: "op-1".into(),
        asked_at: AT,
        settings: br#"{"poll_seconds": 7}"#.to_vec(),
        port: Some(Port {
            reference: "p/1 ü".into(),
            carrier_data: vec![],
        }),
        task,
        extras: vec![],
    }
}

/// Carries the task out until the answers are used up, and keeps what is asked for then.
fn scenario(plugin: &Plugin, name: &str, task: Task, answers: &[Answer]) {
    let operation = operation(task);
    let (mut journal, mut now) = (Vec::<Exchange>::new(), AT);
    let budget = plugin.sandbox().limits().carrier().more_time(200);
    for answer in answers {
        now += 1000;
        let answer = answer.clone();
        match plugin.carrier_next(&operation, &journal, &budget).result.unwrap() {
            Step::Send(request) => journal.push(Exchange {
                request,
                answer,
                at: now,
                first: now,
                repeats: 0,
            }),
            Step::Again(wait) => {
                now += i64::from(wait.after_seconds) * 1000;
                let last = journal.last_mut().unwrap();
                (last.answer, last.at, last.repeats) = (answer, now, last.repeats + 1);
            }
            step => panic!("{name} ends early: {step:?}"),
        }
    }
    keep(plugin, "carrier-simulator", name, &Next { operation, journal });
}

#[test]
fn the_adapter_answers_as_it_is_kept() {
    let plugin = plugin(nexusport_plugins::CARRIER_SIMULATOR);
    let nothing = || json(200, r#"{"orders": []}"#);
    let placed = || json(202, &order("ACCEPTED"));
    let found = || json(200, &format!(r#"{{"orders": [{}]}}"#, order("ACCEPTED")));
    let play = |name: &str, answers: &[Answer]| scenario(&plugin, name, change(), answers);
    play("order", &[]);
    play("poll", &[placed()]);
    play("wait", &[placed(), json(200, &order("PROVISIONING"))]);
    play(
        "applied",
        &[
            placed(),
            json(200, &order("ACCEPTED")),
            json(200, &order("COMPLETED")),
        ],
    );
    play("rejected later", &[placed(), json(200, &order("REJECTED"))]);
    play("cancelled", &[placed(), json(200, &order("CANCELLED"))]);
    play(
        "rejected at once",
        &[json(422, r#"{"code": "too_fast", "message": "no"}"#)],
    );
    play("throttled", &[throttled()]);
    play("another order is open", &[json(409, "{}")]);
    play("look up after a lost order", &[lost()]);
    play("look up after a failure", &[json(500, "oops")]);
    play("found after a lost order", &[lost(), found()]);
    play("look again", &[lost(), nothing()]);
    play("order again", &[lost(), nothing(), nothing()]);
    play("unreachable", &[not_sent(true), not_sent(true)]);
    play("may not be sent", &[not_sent(false)]);
    play("busy while polling", &[placed(), json(503, ""), json(502, "")]);

    let port = r#"{"id": "p/1 ü", "mbps": 1000, "max_mbps": 9000, "since": "2026-01-01T02:00:00+02:00"}"#;
    scenario(&plugin, "read a port", Task::ReadPort, &[json(200, port)]);
    scenario(
        &plugin,
        "no such port",
        Task::ReadPort,
        &[json(404, r#"{"code": "unknown", "message": "none"}"#)],
    );
    let page = format!(r#"{{"ports": [{port}], "next": "x=1&y"}}"#);
    scenario(
        &plugin,
        "a page of ports",
        Task::ListPorts(String::new()),
        &[json(200, &page)],
    );
    scenario(
        &plugin,
        "the next page of ports",
        Task::ListPorts("x=1&y".into()),
        &[],
    );
    let wanted = || Order {
        mbps: 5000,
        from_mbps: 1000,
        extras: vec![],
    };
    scenario(&plugin, "check", Task::CheckChange(wanted()), &[lost()]);
    scenario(
        &plugin,
        "feasible",
        Task::CheckChange(wanted()),
        &[json(200, r#"{"feasible": true}"#)],
    );
    scenario(&plugin, "cancel without a reference", Task::Cancel(wanted()), &[]);
    scenario(
        &plugin,
        "probe",
        Task::Probe,
        &[json(200, r#"{"account": "acme"}"#)],
    );
}

#[test]
fn a_journal_that_is_not_the_adapter_s_is_kept_as_diverged() {
    let plugin = plugin(nexusport_plugins::CARRIER_SIMULATOR);
    let operation = operation(change());
    let budget = plugin.sandbox().limits().carrier().more_time(200);
    let Step::Send(mut request) = plugin.carrier_next(&operation, &[], &budget).result.unwrap() else {
        panic!("nothing to send")
    };
    request.body[8] = b'9';
    let answer = json(202, &order("ACCEPTED"));
    let journal = vec![Exchange {
        request,
        answer,
        at: AT,
        first: AT,
        repeats: 0,
    }];
    let step = keep(
        &plugin,
        "carrier-simulator",
        "diverged",
        &Next { operation, journal },
    );
    assert!(matches!(step, Step::Stuck(_)), "{step:?}");
}

#[test]
fn the_rule_answers_as_it_is_kept() {
    let plugin = plugin(nexusport_plugins::PRICING_COMMITTED);
    let interval = |start, end, mbps| {
        Fact::Interval(Interval {
            start,
            end,
            mbps,
            base_mbps: 1000,
            extras: vec![],
        })
    };
    let request = |price: &str, facts| Request {
        period: Period {
            start: AT,
            end: AT + 744 * HOUR,
        },
        time_zone: "Europe/Vienna".into(),
        currency: "EUR".into(),
        settings: format!(r#"{{"price_per_mbps": "{price}"}}"#).into_bytes(),
        facts,
        extras: vec![],
    };
    let keep = |name: &str, request: Request| drop(keep(&plugin, "pricing-committed", name, &request));
    keep("nothing", request("0.40", vec![]));
    keep(
        "a whole period",
        request("0.40", vec![interval(AT, AT + 744 * HOUR, 1000)]),
    );
    let odd = vec![
        interval(AT, AT + 1, 1),
        interval(AT + 1, AT + 12_345_678, 5000),
        interval(AT + HOUR * 7, AT + HOUR * 11, 399_999),
    ];
    keep("odd lengths", request("0.123456789", odd.clone()));
    keep("a large price", request("999999999.999999999", odd));
    keep("free", request("0", vec![interval(AT, AT + HOUR, 1000)]));
    let event = Event {
        at: AT,
        name: "setup".into(),
        quantity: "1".into(),
        extras: vec![],
    };
    keep("an event", request("0.40", vec![Fact::Event(event)]));
    let empty = Period { start: AT, end: AT };
    keep(
        "an empty period",
        Request {
            period: empty,
            ..request("0.40", vec![interval(AT, AT + 1, 1)])
        },
    );
    keep("an empty interval", request("0.40", vec![interval(AT, AT, 1)]));
    keep(
        "too large a price",
        request("79228162514264337593543950335", vec![interval(AT, AT + HOUR, 1)]),
    );
}
