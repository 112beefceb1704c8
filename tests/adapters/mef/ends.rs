//! Orders that come to a special end: held for charges, or over when only some of them was done.

use nexusport_simulator::{Fault, Kind, Words};
use serde_json::{Value, json};

use super::{Charging, ORDERING, Real, SONATA, WORDS, adapter, routes};
use crate::adapters::exchanges::keep;
use crate::adapters::path::{booked, check_returned, go_past, states};
use crate::harness::{Stage, text};

const CHARGED: Words = Words {
    routes: |desk| routes(desk, Charging::ItemsOfBothKinds),
    ..WORDS
};

/// A Seller that charges for every order, and a Buyer that agrees to 150 EUR.
const AGREED: Real = Real {
    adapter: || adapter(&json!({ "currency": "EUR", "up_to": 150 })),
    words: CHARGED,
    ..SONATA
};

/// One that agrees to 50 EUR.
const TOO_DEAR: Real = Real {
    adapter: || adapter(&json!({ "currency": "EUR", "up_to": 50 })),
    words: CHARGED,
    ..SONATA
};

/// How often charges were answered.
fn answers(stage: &Stage) -> usize {
    let requests = stage.carrier.ledger().requests;
    requests
        .iter()
        .filter(|request| request.method == "PATCH")
        .count()
}

#[tokio::test]
async fn charges_that_block_are_agreed_to_within_the_limit_and_no_others() {
    let stage = AGREED.stage().await;
    let (port, booked) = booked(&AGREED, &stage).await;
    go_past(&AGREED, &stage).await;
    check_returned(&stage, &port, &booked, "charged").await;
    assert_eq!(answers(&stage), 2);
    let path = format!("/v1/operations?port_id={port}");
    let operations = stage.reseller.client.get(&path).await.expect(200);
    let replies = replies(&stage, &operations).await;
    let reply = json!({ "chargeItem": [
        { "id": "1", "acceptanceIndicator": "accepted" }, { "id": "2", "acceptanceIndicator": "rejected" },
    ] });
    assert_eq!(replies, [reply.clone(), reply]);
    keep(&AGREED, &stage).await;
}

/// What the journals of operations tell of answers to charges.
async fn replies(stage: &Stage, operations: &Value) -> Vec<Value> {
    let mut replies = Vec::new();
    for operation in operations["items"].as_array().unwrap() {
        let path = format!("/v1/operations/{}", text(&operation["id"]));
        let shown = stage.reseller.client.get(&path).await.expect(200);
        for exchange in shown["journal"].as_array().unwrap() {
            if exchange["method"] == "PATCH" {
                replies.push(serde_json::from_str(&text(&exchange["request"]["text"])).unwrap());
            }
        }
    }
    replies
}

#[tokio::test]
async fn whatever_goes_wrong_with_the_answer_to_a_charge_it_is_given_once_and_the_order_goes_on() {
    let busy = Kind::Throttle {
        retry_after_seconds: 30,
    };
    for (what, kind) in [
        ("the answer is lost", Kind::LostReply),
        ("the request is lost", Kind::LostRequest),
        ("busy", busy),
        ("broken", Kind::Error { status: 500 }),
        ("the token is worthless", Kind::TokenRevoked),
    ] {
        let stage = AGREED.stage().await;
        let (port, booked) = booked(&AGREED, &stage).await;
        let charges = format!("{ORDERING}/charge/");
        stage
            .carrier
            .fault(Fault::new(kind).on("PATCH", &charges))
            .unwrap();
        go_past(&AGREED, &stage).await;
        check_returned(&stage, &port, &booked, what).await;
    }
}

#[tokio::test]
async fn a_charge_above_the_limit_is_declined_and_ends_the_order_before_the_carrier_begins() {
    let stage = TOO_DEAR.stage().await;
    let (port, booked) = booked(&TOO_DEAR, &stage).await;
    go_past(&TOO_DEAR, &stage).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), ("rejected", "released"), "{change}");
    let reason = text(&change["reason"]);
    assert!(reason.contains("a blocking charge was declined"), "{change}");
    assert_eq!((answers(&stage), stage.carrier.ledger().orders.len()), (1, 0));
    assert_eq!(stage.shown(&port).await["drift_mbps"], 0);
    keep(&TOO_DEAR, &stage).await;
}

/// The order fails after the carrier set this speed.
async fn failed_with(mbps: u32) -> (Stage, String, Value) {
    let stage = SONATA.stage().await;
    let (port, booked) = booked(&SONATA, &stage).await;
    let reject = Kind::Reject {
        code: "half_done".to_owned(),
        message: "one end is done".to_owned(),
    };
    stage.carrier.fault(SONATA.on_orders(reject, 1)).unwrap();
    stage.go_to("2026-03-04T18:00:00Z").await;
    stage.carrier.drift(SONATA.port, mbps).unwrap();
    stage.go_to("2026-03-04T20:00:00Z").await;
    (stage, port, booked)
}

#[tokio::test]
async fn an_order_that_failed_with_its_work_done_is_what_the_inventory_shows() {
    let (stage, _, booked) = failed_with(5000).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), ("verified", "reserved"), "{change}");
    go_past(&SONATA, &stage).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), ("verified", "verified"), "{change}");
}

#[tokio::test]
async fn an_order_that_failed_half_done_is_told_as_failed_and_the_port_comes_back() {
    let (stage, port, booked) = failed_with(3000).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), ("failed", "verified"), "{change}");
    assert!(text(&change["reason"]).contains("shows 3000 Mbps"), "{change}");
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
}
