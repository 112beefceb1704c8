//! The recordings in `fixtures`, one for each scenario that a host looks for. `NEXUSPORT_WRITE_FIXTURES=1` writes them anew.

use std::path::Path;
use std::{env, fs};

use nexusport_sdk::serde_json;

use super::*;

/// Carries the operation out until the answers are used up, and keeps the step that follows.
fn record(name: &str, operation: &Operation, answers: &[Answer]) {
    let (mut journal, mut now) = (Vec::<Exchange>::new(), AT);
    for answer in answers.iter().cloned() {
        now += 1000;
        match next::<Sonata>(operation, &journal) {
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
    let step = next::<Sonata>(operation, &journal);
    let document = json!({
        "format": 1, "interface": "0.1.0", "digest": "0".repeat(64), "function": "carrier.next",
        "input": { "operation": told_operation(operation), "journal": journal.iter().map(told_exchange).collect::<Vec<_>>() },
        "outcome": { "answered": told_step(&step) },
    });
    let document = format!("{}\n", serde_json::to_string_pretty(&document).unwrap());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.json"));
    if env::var_os("NEXUSPORT_WRITE_FIXTURES").is_some() {
        fs::write(&file, &document).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), document, "{}", file.display());
}

fn told_operation(it: &Operation) -> Value {
    let task = match &it.task {
        Task::ReadPort => json!("ReadPort"),
        Task::Probe => json!("Probe"),
        Task::ListPorts(cursor) => json!({ "ListPorts": cursor }),
        Task::ChangeBandwidth(order) => json!({ "ChangeBandwidth": told_order(order) }),
        Task::Cancel(order) => json!({ "Cancel": told_order(order) }),
        other => panic!("{other:?} is not recorded"),
    };
    let port = it.port.as_ref().unwrap();
    json!({
        "id": it.id, "asked_at": it.asked_at, "settings": text(&it.settings), "extras": [],
        "port": { "reference": port.reference, "carrier_data": "" }, "task": task,
    })
}

fn told_order(it: &Order) -> Value {
    let extras = it
        .extras
        .iter()
        .map(|extra| json!({ "name": extra.name, "value": extra.value }));
    json!({ "mbps": it.mbps, "from_mbps": it.from_mbps, "extras": extras.collect::<Vec<_>>() })
}

fn told_exchange(it: &Exchange) -> Value {
    let answer = match &it.answer {
        Answer::Answered(answer) => json!({ "Answered": {
            "status": answer.status, "headers": headers(&answer.headers), "body": text(&answer.body) } }),
        Answer::Lost(why) => json!({ "Lost": why }),
        Answer::NotSent(it) => json!({ "NotSent": { "temporary": it.temporary, "detail": it.detail } }),
    };
    json!({ "request": told_request(&it.request), "answer": answer, "at": it.at, "first": it.first, "repeats": it.repeats })
}

fn told_request(it: &Request) -> Value {
    json!({
        "method": it.method, "destination": it.destination, "target": it.target, "headers": headers(&it.headers),
        "body": text(&it.body), "credential": it.credential, "repeatable": it.repeatable,
    })
}

fn told_step(step: &Step) -> Value {
    match step {
        Step::Send(request) => json!({ "Send": told_request(request) }),
        Step::Again(wait) => {
            json!({ "Again": { "after_seconds": wait.after_seconds, "wake_on": wait.wake_on } })
        }
        Step::Done(Outcome::Applied(it)) => json!({ "Done": { "Applied": {
            "reference": it.reference, "mbps": it.mbps, "since": it.since, "carrier_data": "", "extras": [] } } }),
        Step::Done(Outcome::Rejected(no)) => {
            json!({ "Done": { "Rejected": { "code": no.code, "text": no.text } } })
        }
        Step::Stuck(fault) => {
            json!({ "Stuck": { "kind": format!("{:?}", fault.kind).rsplit("::").next(), "message": fault.message } })
        }
        Step::Done(other) => panic!("{other:?} is not recorded"),
    }
}

fn headers(headers: &[Header]) -> Vec<Value> {
    headers
        .iter()
        .map(|it| json!({ "name": it.name, "value": it.value }))
        .collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_scenario_is_recorded() {
    let polled = || ok(&order("inProgress", "inProgress"));
    let keep = |name: &str, answers: &[Answer]| record(name, &change(), answers);
    keep("immediate-success", &[active(), placed(), completed()]);
    keep("polled-success", &[active(), placed(), polled(), completed()]);
    keep(
        "duplicate-answer",
        &[active(), placed(), polled(), polled(), polled(), completed()],
    );
    let mut full = order("rejected", "rejected");
    full["productOrderItem"][0]["terminationError"] =
        json!([{ "code": "otherIssue", "value": "the port is full" }]);
    keep("rejection", &[active(), placed(), ok(&full)]);
    keep("throttled", &[active(), Answer::throttled(17)]);
    keep(
        "carrier-error",
        &[
            active(),
            answered(500, &json!({ "code": "internalError", "reason": "oops" })),
        ],
    );
    keep(
        "lost-but-done",
        &[active(), lost(), found("inProgress"), completed()],
    );
    keep(
        "unknown-after-crash",
        &[active(), Answer::Lost("host restarted".into())],
    );
    keep(
        "unknown-state",
        &[active(), placed(), ok(&order("HALF_DONE", "inProgress"))],
    );
    keep(
        "partial-application",
        &[
            active(),
            placed(),
            ok(&order("partial", "failed")),
            ok(&product("active", 300)),
        ],
    );
    let open = json!([{ "code": "otherIssue", "reason": "another order on the product is open" }]);
    keep("second-change-in-flight", &[active(), answered(422, &open)]);

    let patient = with_setting("poll_seconds", json!(3600));
    record(
        "late-answer",
        &patient,
        &[active(), placed(), polled(), completed()],
    );

    let limited = with_setting("blocking_charges", json!({ "currency": "EUR", "up_to": 100 }));
    let item = json!({ "id": "1", "activityType": "new", "blocking": true, "priceType": "nonRecurring", "priceCategory": "other",
        "state": "awaitingResponse", "price": { "dutyFreeAmount": { "unit": "EUR", "value": 80.0 } } });
    let charge = json!({ "id": "ch-1", "state": "awaitingResponse", "chargeItem": [item] });
    let held = ok(&order("held.assessingCharge", "held"));
    let charges = ok(&json!([{ "id": "ch-1", "state": "awaitingResponse" }]));
    record(
        "immediate-success.charged",
        &limited,
        &[
            active(),
            placed(),
            held,
            charges,
            ok(&charge),
            ok(&charge),
            completed(),
        ],
    );

    let busy = || Answer::throttled(17);
    let list = operation(Task::ListPorts("20".into()));
    record("throttled.read", &operation(Task::ReadPort), &[busy()]);
    record("throttled.list", &list, &[busy()]);
    record("throttled.probe", &operation(Task::Probe), &[nothing(), busy()]);
    let several = with_setting("buyer_id", json!("b-1"));
    record("throttled.buyer", &several, &[active(), placed(), busy()]);
    let withdrawal =
        |state| json!({ "id": "c-1", "state": state, "productOrder": { "productOrderId": "po-1" } });
    let acknowledged = ok(&json!([withdrawal("acknowledged")]));
    let refused = ok(&withdrawal("rejected"));
    record(
        "rejection.cancel",
        &cancel(),
        &[found("inProgress"), lost(), acknowledged, refused],
    );
}
