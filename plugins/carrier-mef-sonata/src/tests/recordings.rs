//! The recordings in `fixtures`, at least one for each scenario that a host looks for.

use super::*;

/// What the adapter makes of these answers is what is kept under this name.
fn record(name: &str, operation: &Operation, answers: &[Answer]) {
    rehearse_with::<Sonata>(operation, answers.to_vec()).keep(format!("fixtures/{name}.json"));
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
    let charge = json!({ "id": "ch-1", "creationDate": "2026-01-01T00:01:00Z", "responseDueDate": "2026-01-03T00:01:00Z",
        "state": "awaitingResponse", "chargeItem": [item] });
    let held = ok(&order("held.assessingCharge", "held"));
    let charges = ok(
        &json!([{ "id": "ch-1", "creationDate": "2026-01-01T00:01:00Z", "responseDueDate": "2026-01-03T00:01:00Z",
        "state": "awaitingResponse" }]),
    );
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
}
