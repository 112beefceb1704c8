//! Changes that keep their place and price before they are booked.

use serde_json::{Value, json};

use super::{at, of, states, window};
use crate::harness::{Stage, text};

/// A held window from 18:00 to 22:00 on 4 March.
async fn hold(stage: &Stage, port: &str, minutes: u32) -> Value {
    let client = &stage.customer.client;
    let wish = window(port, 5000, &at("18:00:00"), &at("22:00:00"));
    let quote = client.post("/v1/quotes", wish).await.expect(201);
    let hold = json!({ "quote_id": quote["id"], "minutes": minutes });
    client.post("/v1/holds", hold).await.expect(201)
}

fn path(change: &Value, what: &str) -> String {
    format!("/v1/bandwidth-changes/{}/{what}", text(&change["id"]))
}

#[tokio::test]
async fn a_held_window_keeps_its_place_and_its_price_until_it_is_booked() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let held = hold(&stage, &port, 600).await;
    assert_eq!(
        (&held["state"], &held["held_until"]),
        (&json!("quoted"), &json!("2026-03-02T22:00:00Z"))
    );
    let twin = window(&port, 2000, &at("21:00:00"), &at("23:00:00"));
    let refused = client.post("/v1/quotes", twin).await;
    refused.problem(409, "window_overlaps");
    assert_eq!(
        refused.expect(409)["next_possible_at"],
        at("22:00:00"),
        "the first instant after what is held"
    );
    let close = format!("/v1/ports/{port}/close");
    let closed = stage.reseller.client.post(&close, json!({})).await;
    closed.problem(409, "port_has_changes");
    // What is held is not intended, and orders nothing.
    stage.go_to("2026-03-02T21:59:59Z").await;
    let booked = client.post(&path(&held, "commit"), json!({})).await.expect(200);
    assert_eq!(states(&booked), of("scheduled", "reserved"));
    client
        .post(&path(&held, "commit"), json!({}))
        .await
        .problem(409, "state_forbids");
    stage.go_to(&at("19:00:00")).await;
    assert_eq!(stage.shown(&port).await["observed_mbps"], 5000);
    stage.go_to(&at("23:00:00")).await;
    assert_eq!(states(&stage.change(&held).await), of("verified", "verified"));
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
}

#[tokio::test]
async fn whoever_waits_too_long_gives_the_place_up() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let held = hold(&stage, &port, 600).await;
    stage.skip_to("2026-03-02T22:00:00Z");
    client
        .post(&path(&held, "commit"), json!({}))
        .await
        .problem(409, "hold_expired");
    stage.work().await;
    let expired = stage.change(&held).await;
    assert_eq!(states(&expired), of("expired", "released"));
    assert_eq!(expired["reason"], "nobody booked it while it was held");
    stage.book(&port, 2000, &at("21:00:00"), &at("23:00:00")).await;
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
}

#[tokio::test]
async fn a_hold_can_be_given_back_and_ends_when_its_change_would_begin() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let held = hold(&stage, &port, 1).await;
    let back = client.post(&path(&held, "cancel"), json!({})).await.expect(200);
    assert_eq!(states(&back), of("cancelled", "released"));
    stage.go_to(&at("17:50:00")).await;
    let held = hold(&stage, &port, 1440).await;
    assert_eq!(held["held_until"], at("18:00:00"));
    stage.skip_to(&at("23:00:00"));
    stage.work().await;
    assert_eq!(states(&stage.change(&held).await), of("expired", "released"));
    assert_eq!(stage.carrier.ledger().totals.orders, 0);
}

#[tokio::test]
async fn holds_are_bounded_and_use_their_quote() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let wish = window(&port, 5000, &at("18:00:00"), &at("22:00:00"));
    let quote = client.post("/v1/quotes", wish).await.expect(201);
    for minutes in [0, 1441] {
        let hold = json!({ "quote_id": quote["id"], "minutes": minutes });
        client
            .post("/v1/holds", hold)
            .await
            .problem(422, "hold_out_of_range");
    }
    let hold = json!({ "quote_id": quote["id"], "minutes": 10 });
    client.post("/v1/holds", hold.clone()).await.expect(201);
    client.post("/v1/holds", hold).await.problem(409, "quote_used");
    let booking = json!({ "quote_id": quote["id"] });
    client
        .post("/v1/bandwidth-changes", booking)
        .await
        .problem(409, "quote_used");
    let now = json!({ "port_id": port, "kind": "base", "mbps": 2000 });
    let now = client.post("/v1/quotes", now).await.expect(201);
    let hold = json!({ "quote_id": now["id"], "minutes": 10 });
    client
        .post("/v1/holds", hold)
        .await
        .problem(409, "hold_needs_start");
}

#[tokio::test]
async fn a_held_change_waits_for_approval_when_it_is_booked() {
    let stage = Stage::set().await;
    let rules = json!({ "mbps_above": 2000 });
    stage
        .reseller
        .client
        .put("/v1/settings/approval", rules)
        .await
        .expect(200);
    let port = stage.port("studio", 1000).await;
    let held = hold(&stage, &port, 60).await;
    assert_eq!(held["state"], "quoted");
    let client = &stage.customer.client;
    let booked = client.post(&path(&held, "commit"), json!({})).await.expect(200);
    assert_eq!(booked["state"], "awaiting_approval");
    client
        .post(&path(&held, "approve"), json!({}))
        .await
        .problem(409, "four_eyes");
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&held).await), of("expired", "released"));
    assert_eq!(stage.carrier.ledger().totals.orders, 0);
}
