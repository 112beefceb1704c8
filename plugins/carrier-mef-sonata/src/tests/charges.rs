//! Charges that hold an order, and what is said to them.

use nexusport_sdk::serde_json;

use super::*;

const CHARGE: &str = "GET /charge/ch-1";
const REPLY: &str = "PATCH /charge/ch-1";

fn limited(up_to: f64) -> Operation {
    with_setting("blocking_charges", json!({ "currency": "EUR", "up_to": up_to }))
}

fn item(id: &str, blocking: bool, kind: &str, unit: &str, value: f64) -> Value {
    json!({ "id": id, "activityType": "new", "blocking": blocking, "priceType": kind, "priceCategory": "other",
        "state": "awaitingResponse", "price": { "dutyFreeAmount": { "unit": unit, "value": value } } })
}

fn listed(state: &str) -> Answer {
    ok(&json!([{ "id": "ch-1", "state": state, "creationDate": "2026-01-01T00:01:00Z" }]))
}

fn held() -> Answer {
    ok(&order("held.assessingCharge", "held"))
}

/// What is replied to a charge of these items.
fn reply(operation: &Operation, items: &[Value]) -> Vec<(String, String)> {
    let charge = ok(&json!({ "id": "ch-1", "state": "awaitingResponse", "chargeItem": items }));
    let answers = [
        (READ, active()),
        (PLACE, placed()),
        (POLL, held()),
        (CHARGES, listed("awaitingResponse")),
        (CHARGE, charge),
        (REPLY, lost()),
        (
            REPLY,
            answered(409, &json!({ "code": "conflict", "reason": "it was answered" })),
        ),
        (POLL, completed()),
    ];
    let played = play(operation, &answers);
    check_applied(&played);
    let body: Value = serde_json::from_slice(&played.journal[5].request.body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = body["chargeItem"].as_array().unwrap().iter();
    items
        .map(|it| (text(&it["id"]), text(&it["acceptanceIndicator"])))
        .collect()
}

#[track_caller]
fn check_reply(operation: &Operation, items: &[Value], expected: &[(&str, &str)]) {
    let replied = reply(operation, items);
    let replied: Vec<_> = replied.iter().map(|(id, said)| (&**id, &**said)).collect();
    assert_eq!(replied, expected);
}

#[test]
fn blocking_charges_are_refused_unless_a_limit_is_set() {
    let charge = [item("1", true, "nonRecurring", "EUR", 0.01)];
    check_reply(&change(), &charge, &[("1", "rejected")]);
    check_reply(&limited(0.01), &charge, &[("1", "accepted")]);
    check_reply(&limited(0.009), &charge, &[("1", "rejected")]);
}

#[test]
fn the_limit_is_for_all_that_block_together_and_the_others_are_refused() {
    let charge = [
        item("1", true, "nonRecurring", "EUR", 60.5),
        item("2", false, "nonRecurring", "EUR", 1.0),
        item("3", true, "nonRecurring", "EUR", 39.5),
    ];
    check_reply(
        &limited(100.0),
        &charge,
        &[("1", "accepted"), ("2", "rejected"), ("3", "accepted")],
    );
    check_reply(
        &limited(99.99),
        &charge,
        &[("1", "rejected"), ("2", "rejected"), ("3", "rejected")],
    );
}

#[test]
fn the_limit_is_for_all_charges_of_an_order() {
    let charge = |value| {
        let items = [item("1", true, "nonRecurring", "EUR", value)];
        ok(&json!({ "id": "any", "state": "awaitingResponse", "chargeItem": items }))
    };
    let both = ["ch-1", "ch-2"].map(|id| json!({ "id": id, "state": "awaitingResponse" }));
    let answers = [
        (READ, active()),
        (PLACE, placed()),
        (POLL, held()),
        (CHARGES, ok(&json!(both))),
        (CHARGE, charge(60.0)),
        (REPLY, charge(60.0)),
        ("GET /charge/ch-2", charge(50.0)),
        ("PATCH /charge/ch-2", charge(50.0)),
        (POLL, completed()),
    ];
    let played = play(&limited(100.0), &answers);
    let said = [5, 7].map(|at| {
        let body: Value = serde_json::from_slice(&played.journal[at].request.body).unwrap();
        body["chargeItem"][0]["acceptanceIndicator"].clone()
    });
    assert_eq!(said, ["accepted", "rejected"]);
}

#[test]
fn what_is_not_due_once_in_the_limits_currency_is_refused() {
    for charge in [
        item("1", true, "recurring", "EUR", 1.0),
        item("1", true, "nonRecurring", "USD", 1.0),
        item("1", true, "nonRecurring", "EUR", -1.0),
    ] {
        check_reply(&limited(100.0), &[charge], &[("1", "rejected")]);
    }
}

#[test]
fn an_order_whose_charge_was_refused_ends_in_the_carriers_words() {
    let mut failed = order("failed", "failed");
    failed["productOrderItem"][0]["terminationError"] =
        json!([{ "code": "otherIssue", "value": "the charge was declined" }]);
    let charge = json!({ "id": "ch-1", "chargeItem": [item("1", true, "nonRecurring", "EUR", 5.0)] });
    let answers = [
        (READ, active()),
        (PLACE, placed()),
        (POLL, held()),
        (CHARGES, listed("awaitingResponse")),
        (CHARGE, ok(&charge)),
        (REPLY, ok(&charge)),
        (POLL, ok(&failed)),
        (READ, active()),
    ];
    check_rejected(
        &play(&change(), &answers),
        "otherIssue",
        "the charge was declined",
    );
}

#[test]
fn a_charge_that_comes_late_or_is_answered_already_is_waited_for() {
    let answers = [
        (READ, active()),
        (PLACE, placed()),
        (POLL, held()),
        (CHARGES, nothing()),
        (CHARGES, listed("completed")),
        (POLL, completed()),
    ];
    check_applied(&play(&change(), &answers));
}

#[test]
fn an_order_that_is_held_for_ever_is_a_matter_for_a_person() {
    let played = rehearse::<Sonata>(&change(), |request| match &*request.target {
        "/productOrder" => placed(),
        "/productOrder/po-1" => held(),
        target if target.starts_with("/charge") => nothing(),
        _ => active(),
    });
    check_stuck(&played, FaultKind::Uncertain, "held for charges");
}
