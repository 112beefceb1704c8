//! The recordings in `fixtures`: what the adapter did in a rehearsal, up to the step that shows what a file is named for.
//! `NEXUSPORT_WRITE_FIXTURES=1` writes them anew.

use std::{env, fs, path::PathBuf};

use nexusport_sdk::carrier::{Answer, Exchange, Operation, Outcome, PortState, Request, Step, Task, next};
use nexusport_sdk::serde_json::{Value, json};

use crate::Fabric;

/// Compares the file of this name with what the adapter does after the first exchanges of a journal, or writes it.
pub fn check(name: &str, operation: &Operation, journal: &[Exchange]) {
    let step = next::<Fabric>(operation, journal);
    let recording = json!({
        "format": 1,
        "interface": "0.1.0",
        "digest": "0".repeat(64),
        "function": "carrier.next",
        "input": {
            "operation": asked(operation),
            "journal": journal.iter().map(exchange).collect::<Vec<_>>(),
        },
        "outcome": {"answered": told(&step)},
    });
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.json"));
    if env::var_os("NEXUSPORT_WRITE_FIXTURES").is_some() {
        fs::write(&file, format!("{recording:#}\n")).expect("the folder can be written");
    }
    let kept = fs::read(&file).expect("the recording is there");
    let kept: Value = nexusport_sdk::serde_json::from_slice(&kept).expect("a recording is JSON");
    assert_eq!(kept, recording, "{name}");
}

fn asked(operation: &Operation) -> Value {
    let task = match &operation.task {
        Task::ReadPort => json!("ReadPort"),
        Task::Probe => json!("Probe"),
        Task::ListPorts(cursor) => json!({ "ListPorts": cursor }),
        Task::CheckChange(order) => {
            json!({"CheckChange": {"mbps": order.mbps, "from_mbps": order.from_mbps, "extras": []}})
        }
        Task::ChangeBandwidth(order) => {
            json!({"ChangeBandwidth": {"mbps": order.mbps, "from_mbps": order.from_mbps, "extras": []}})
        }
        task => panic!("{task:?} is not recorded"),
    };
    json!({
        "id": operation.id,
        "asked_at": operation.asked_at,
        "settings": text(&operation.settings),
        "port": operation.port.as_ref().map(|port| json!({"reference": port.reference, "carrier_data": text(&port.carrier_data)})),
        "task": task,
        "extras": [],
    })
}

fn exchange(exchange: &Exchange) -> Value {
    let answer = match &exchange.answer {
        Answer::Answered(response) => json!({"Answered": {
            "status": response.status,
            "headers": response.headers.iter().map(|it| json!({"name": it.name, "value": it.value})).collect::<Vec<_>>(),
            "body": text(&response.body),
        }}),
        Answer::Lost(why) => json!({ "Lost": why }),
        Answer::NotSent(reason) => {
            json!({"NotSent": {"temporary": reason.temporary, "detail": reason.detail}})
        }
    };
    json!({
        "request": request(&exchange.request),
        "answer": answer,
        "at": exchange.at,
        "first": exchange.first,
        "repeats": exchange.repeats,
    })
}

fn request(request: &Request) -> Value {
    json!({
        "method": request.method,
        "destination": request.destination,
        "target": request.target,
        "headers": request.headers.iter().map(|it| json!({"name": it.name, "value": it.value})).collect::<Vec<_>>(),
        "body": text(&request.body),
        "credential": request.credential,
        "repeatable": request.repeatable,
    })
}

fn told(step: &Step) -> Value {
    match step {
        Step::Send(it) => json!({ "Send": request(it) }),
        Step::Again(wait) => json!({"Again": {"after_seconds": wait.after_seconds, "wake_on": wait.wake_on}}),
        Step::Stuck(fault) => {
            json!({"Stuck": {"kind": format!("{:?}", fault.kind).rsplit("::").next(), "message": fault.message}})
        }
        Step::Done(Outcome::Applied(it)) => json!({"Done": {"Applied": state(it)}}),
        Step::Done(Outcome::State(it)) => json!({"Done": {"State": state(it)}}),
        Step::Done(Outcome::States(page)) => {
            json!({"Done": {"States": {"ports": page.ports.iter().map(state).collect::<Vec<_>>(), "next": page.next}}})
        }
        Step::Done(Outcome::Feasible) => json!({"Done": "Feasible"}),
        Step::Done(Outcome::Rejected(it)) => {
            json!({"Done": {"Rejected": {"code": it.code, "text": it.text}}})
        }
        Step::Done(Outcome::Other(it)) => json!({"Done": {"Other": {"name": it.name, "value": it.value}}}),
    }
}

fn state(state: &PortState) -> Value {
    json!({
        "reference": state.reference,
        "mbps": state.mbps,
        "since": state.since,
        "carrier_data": text(&state.carrier_data),
        "extras": [],
    })
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("what is recorded is text")
}
