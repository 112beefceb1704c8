//! Windows and base changes that go as they should.

use serde_json::json;

use super::{at, of, states, window};
use crate::harness::{Stage, text};

#[tokio::test]
async fn a_window_is_quoted_booked_verified_and_comes_back_down() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let wish = window(&port, 5000, &at("18:00:00"), &at("22:00:00"));
    let quote = stage.customer.client.post("/v1/quotes", wish).await.expect(201);
    // 4000 Mbps above base for 4 hours at 0.004, and nothing else.
    assert_eq!(
        (&quote["amount"], &quote["currency"]),
        (&json!("64.00"), &json!("EUR"))
    );
    let lines = quote["lines"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["code"]), (1, &json!("burst")));
    let booking = json!({ "quote_id": quote["id"] });
    let booked = stage
        .customer
        .client
        .post("/v1/bandwidth-changes", booking)
        .await
        .expect(201);
    assert_eq!(states(&booked), of("scheduled", "reserved"));

    stage.go_to(&at("20:00:00")).await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "reserved"));
    assert_eq!(stage.shown(&port).await["observed_mbps"], 5000);

    stage.go_to("2026-03-05T00:00:00Z").await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), of("verified", "verified"));
    assert_eq!(change["return_leg"]["target_mbps"], 1000);
    assert_eq!(
        stage.intervals(&port).await,
        [
            (1000, "2026-03-02T12:00:00Z".to_owned(), Some(at("18:00:20"))),
            (5000, at("18:00:20"), Some(at("22:00:20"))),
            (1000, at("22:00:20"), None),
        ]
    );
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
    let audit = stage
        .customer
        .client
        .get("/v1/audit-events?action=return_leg.verify")
        .await
        .expect(200);
    assert_eq!(audit["items"][0]["actor_kind"], "system");
    assert!(audit["items"][0]["initiated_by"].is_string());
}

#[tokio::test]
async fn adjacent_windows_go_straight_from_one_to_the_next() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let first = stage.book(&port, 3000, &at("18:00:00"), &at("20:00:00")).await;
    let second = stage.book(&port, 5000, &at("20:00:00"), &at("22:00:00")).await;
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&first).await), of("verified", "passed_on"));
    assert_eq!(states(&stage.change(&second).await), of("verified", "verified"));
    let speeds: Vec<_> = stage
        .intervals(&port)
        .await
        .into_iter()
        .map(|(mbps, ..)| mbps)
        .collect();
    assert_eq!(speeds, [1000, 3000, 5000, 1000]);
    assert_eq!(stage.carrier.ledger().totals.orders, 3);
}

#[tokio::test]
async fn a_base_change_inside_a_window_is_seen_when_the_window_ends() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let window = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    let wish = json!({ "port_id": port, "kind": "base", "mbps": 2000, "starts_at": at("20:00:00") });
    let base = stage.book_wish(wish).await;
    stage.go_to(&at("21:00:00")).await;
    assert_eq!(stage.change(&base).await["state"], "applying");
    let shown = stage.shown(&port).await;
    assert_eq!(
        (&shown["base_mbps"], &shown["observed_mbps"]),
        (&json!(2000), &json!(5000))
    );
    assert_eq!(stage.carrier.ledger().totals.orders, 1);
    stage.go_to("2026-03-05T00:00:00Z").await;
    let window = stage.change(&window).await;
    assert_eq!(states(&window), of("verified", "verified"));
    assert_eq!(window["return_leg"]["target_mbps"], 2000);
    assert_eq!(stage.change(&base).await["state"], "verified");
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
}

#[tokio::test]
async fn a_window_comes_back_down_after_who_booked_it_has_gone() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    let owner = stage.host.client.with_token(&stage.customer.session);
    let keys = owner.get("/v1/api-keys").await.expect(200);
    for key in keys["items"].as_array().unwrap() {
        owner.delete(&format!("/v1/api-keys/{}", text(&key["id"]))).await;
    }
    stage
        .customer
        .client
        .get("/v1/ports")
        .await
        .problem(401, "credential_revoked");
    stage.go_to("2026-03-05T00:00:00Z").await;
    let path = format!("/v1/bandwidth-changes/{}", text(&booked["id"]));
    assert_eq!(
        states(&stage.reseller.client.get(&path).await.expect(200)),
        of("verified", "verified")
    );
}

#[tokio::test]
async fn a_window_that_nobody_was_there_to_begin_has_failed() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.skip_to("2026-03-05T00:00:00Z");
    stage.work().await;
    assert_eq!(states(&stage.change(&booked).await), of("failed", "released"));
    assert_eq!(stage.carrier.ledger().totals.orders, 0);
}

#[tokio::test]
async fn a_return_leg_waits_for_an_order_that_is_still_under_way() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    stage.carrier.set_provision_seconds(300);
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("18:02:00")).await;
    stage.go_to(&at("18:04:00")).await;
    assert_eq!(states(&stage.change(&booked).await), of("applying", "reserved"));
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    let stretches = stage.intervals(&port).await;
    assert_eq!(stretches[1], (5000, at("18:05:00"), Some(at("18:10:00"))));
}

#[tokio::test]
async fn a_base_change_at_the_end_of_a_window_is_one_order() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let window = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    let wish = json!({ "port_id": port, "kind": "base", "mbps": 2000, "starts_at": at("22:00:00") });
    let base = stage.book_wish(wish).await;
    stage.go_to("2026-03-05T00:00:00Z").await;
    let window = stage.change(&window).await;
    assert_eq!(states(&window), of("verified", "verified"));
    assert_eq!(window["return_leg"]["target_mbps"], 2000);
    assert_eq!(stage.change(&base).await["state"], "verified");
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
    let shown = stage.shown(&port).await;
    assert_eq!(
        (&shown["base_mbps"], &shown["drift_mbps"]),
        (&json!(2000), &json!(0))
    );
}
