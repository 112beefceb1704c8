//! The life of an order, and what refuses one.

use nexusport_simulator::NewPort;
use serde_json::{Value, json};

use crate::harness::{Carrier, answer};

#[tokio::test]
async fn an_order_passes_through_its_states_as_the_clock_says() {
    let carrier = Carrier::new().await;
    let order = carrier.placed(5_000, "change-1").await;
    let mut expect = json!({
        "id": order["id"], "reference": "change-1", "port": "port-1", "mbps": 5000, "status": "ACCEPTED",
        "reason": null, "created_at": "2026-03-02T10:00:00.000Z", "completed_at": null,
    });
    assert_eq!(order, expect);
    for (at_ms, status, port_mbps) in [
        (9_999, "ACCEPTED", 1_000),
        (10_000, "PROVISIONING", 1_000),
        (19_999, "PROVISIONING", 1_000),
    ] {
        carrier.at_ms(at_ms);
        expect["status"] = status.into();
        assert_eq!(carrier.order_now(&order).await, expect);
        assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], port_mbps);
    }
    // Asked long after it was due, it has still ended exactly when it was due.
    carrier.at_ms(3_000_000);
    expect["status"] = "COMPLETED".into();
    expect["completed_at"] = "2026-03-02T10:00:20.000Z".into();
    assert_eq!(carrier.order_now(&order).await, expect);
    let port = carrier.get("/v1/ports/port-1").await.json;
    assert_eq!(
        (&port["mbps"], &port["since"]),
        (&json!(5_000), &json!("2026-03-02T10:00:20.000Z"))
    );
}

#[tokio::test]
async fn the_timing_holds_for_orders_placed_after_it_was_set() {
    let carrier = Carrier::new().await;
    let slow = carrier.placed(2_000, "slow").await;
    carrier.control.set_provision_seconds(1);
    carrier.at_ms(1_000);
    assert_eq!(carrier.order_now(&slow).await["status"], "ACCEPTED");
    carrier.at_ms(20_000);
    let fast = carrier.placed(3_000, "fast").await;
    carrier.at_ms(20_500);
    assert_eq!(carrier.order_now(&fast).await["status"], "PROVISIONING");
    carrier.at_ms(21_000);
    assert_eq!(carrier.order_now(&fast).await["status"], "COMPLETED");
}

#[tokio::test]
async fn the_same_key_again_is_the_same_order_and_no_new_work() {
    let carrier = Carrier::new().await;
    let place = || {
        carrier
            .order(5_000, "change-1")
            .header("Idempotency-Key", "key-1")
    };
    let first = answer(place()).await;
    assert_eq!(first.status, 202);
    let again = answer(place()).await;
    assert_eq!((again.status, again.json), (200, first.json.clone()));
    carrier.at_ms(60_000);
    let later = answer(place()).await;
    assert_eq!(
        (later.status, &later.json["status"], &later.json["id"]),
        (200, &json!("COMPLETED"), &first.json["id"])
    );
    let ledger = carrier.control.ledger();
    assert_eq!((ledger.totals.orders, ledger.totals.duplicates), (1, 0));
    assert_eq!(ledger.orders[0].idempotency_key.as_deref(), Some("key-1"));
    assert_eq!(ledger.orders[0].account, "acme");
}

#[tokio::test]
async fn a_reference_finds_its_own_orders_only() {
    let carrier = Carrier::new().await;
    carrier.placed(5_000, "a").await;
    carrier.at_ms(20_000);
    let order = carrier.placed(6_000, "b").await;
    assert_eq!(
        carrier.get("/v1/orders?reference=b").await.json,
        json!({ "orders": [order] })
    );
    assert_eq!(
        carrier.get("/v1/orders?reference=c").await.json,
        json!({ "orders": [] })
    );
}

#[tokio::test]
async fn an_order_changes_its_own_port_only() {
    let carrier = Carrier::new().await;
    carrier
        .control
        .add_port(NewPort::new("acme", "port-3", 400, 1_000))
        .unwrap();
    carrier.placed(5_000, "a").await;
    carrier.at_ms(20_000);
    assert_eq!(carrier.get("/v1/ports/port-3").await.json["mbps"], 400);
}

#[tokio::test]
async fn a_key_used_for_something_else_is_refused() {
    let carrier = Carrier::new().await;
    answer(
        carrier
            .order(5_000, "change-1")
            .header("Idempotency-Key", "key-1"),
    )
    .await;
    carrier.at_ms(20_000);
    let other = carrier
        .order(6_000, "change-1")
        .header("Idempotency-Key", "key-1");
    assert_eq!(answer(other).await.code(), (422, "key_reused"));
    assert_eq!(carrier.control.ledger().totals.orders, 1);
}

#[tokio::test]
async fn the_same_key_of_another_account_is_another_key() {
    let carrier = Carrier::new().await;
    let rival = carrier.rival().await;
    answer(carrier.order(5_000, "r").header("Idempotency-Key", "key-1")).await;
    let call = carrier
        .request(reqwest::Method::POST, "/v1/ports/port-2/orders")
        .bearer_auth(rival);
    let theirs = answer(
        call.header("Idempotency-Key", "key-1")
            .json(&json!({ "mbps": 100, "reference": "r" })),
    )
    .await;
    assert_eq!(theirs.status, 202);
    assert_eq!(carrier.control.ledger().totals.duplicates, 0);
}

#[tokio::test]
async fn without_a_key_the_same_reference_makes_a_duplicate() {
    let carrier = Carrier::new().await;
    carrier.placed(5_000, "change-1").await;
    carrier.at_ms(20_000);
    carrier.placed(5_000, "change-1").await;
    let totals = carrier.control.ledger().totals;
    assert_eq!((totals.orders, totals.duplicates), (2, 1));
    let found = carrier.get("/v1/orders?reference=change-1").await.json;
    assert_eq!(statuses(&found["orders"]), ["COMPLETED", "ACCEPTED"]);
}

#[tokio::test]
async fn a_speed_beyond_the_port_or_between_steps_is_refused() {
    let carrier = Carrier::new().await;
    for (mbps, code) in [
        (10_100, "too_fast"),
        (10_001, "too_fast"),
        (150, "bad_speed"),
        (0, "bad_speed"),
    ] {
        let refused = answer(carrier.order(mbps, "r")).await;
        assert_eq!(refused.code(), (422, code), "{mbps}");
    }
    assert_eq!(carrier.control.ledger().totals.orders, 0);
    carrier.placed(10_000, "r").await;
}

#[tokio::test]
async fn one_order_at_a_time_on_a_port() {
    let carrier = Carrier::new().await;
    carrier.placed(5_000, "a").await;
    assert_eq!(
        answer(carrier.order(6_000, "b")).await.code(),
        (409, "order_in_flight")
    );
    carrier.at_ms(19_999);
    assert_eq!(
        answer(carrier.order(6_000, "b")).await.code(),
        (409, "order_in_flight")
    );
    carrier.at_ms(20_000);
    carrier.placed(6_000, "b").await;
}

#[tokio::test]
async fn a_cancelled_order_leaves_the_port_alone_and_frees_it() {
    let carrier = Carrier::new().await;
    let order = carrier.placed(5_000, "a").await;
    let path = format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
    carrier.at_ms(15_000);
    for _ in 0..2 {
        let cancelled = carrier.post(&path, json!({})).await;
        assert_eq!(
            (cancelled.status, &cancelled.json["status"]),
            (200, &json!("CANCELLED"))
        );
        assert_eq!(cancelled.json["completed_at"], "2026-03-02T10:00:15.000Z");
        carrier.at_ms(60_000);
    }
    assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], 1_000);
    carrier.placed(6_000, "b").await;
}

#[tokio::test]
async fn a_completed_order_can_no_longer_be_cancelled() {
    let carrier = Carrier::new().await;
    let order = carrier.placed(5_000, "a").await;
    carrier.at_ms(20_000);
    let path = format!("/v1/orders/{}/cancel", order["id"].as_str().unwrap());
    assert_eq!(carrier.post(&path, json!({})).await.code(), (409, "too_late"));
    assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], 5_000);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_json() {
    let carrier = Carrier::new().await;
    let path = "/v1/ports/port-1/orders";
    for body in [
        json!({ "mbps": "fast", "reference": "r" }),
        json!({ "mbps": 100 }),
        json!([]),
        json!({ "mbps": -1 }),
    ] {
        assert_eq!(carrier.post(path, body).await.code(), (400, "bad_request"));
    }
    let unknown = json!({ "mbps": 100, "reference": "r", "speed": 1 });
    assert_eq!(carrier.post(path, unknown).await.code(), (400, "bad_request"));
    assert_eq!(carrier.get("/v1/orders").await.code(), (400, "bad_request"));
    assert_eq!(carrier.get(path).await.code(), (405, "method_not_allowed"));
    assert_eq!(carrier.get("/v1/nonsense").await.code(), (404, "not_found"));
    assert_eq!(carrier.control.ledger().totals.orders, 0);
}

fn statuses(orders: &Value) -> Vec<&str> {
    orders
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["status"].as_str().unwrap())
        .collect()
}
