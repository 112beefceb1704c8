//! What can be quoted, booked and withdrawn, by whom, and for how much.

use serde_json::{Value, json};

use super::{at, of, states, window};
use crate::harness::{Stage, text};

#[tokio::test]
async fn windows_never_overlap() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let wish = window(&port, 5000, &at("18:00:00"), &at("22:00:00"));
    let twin = window(&port, 2000, &at("21:00:00"), &at("23:00:00"));
    let (one, other) = (
        client.post("/v1/quotes", wish.clone()).await.expect(201),
        client.post("/v1/quotes", twin).await.expect(201),
    );
    client
        .post("/v1/bandwidth-changes", json!({ "quote_id": one["id"] }))
        .await
        .expect(201);
    let late = client
        .post("/v1/bandwidth-changes", json!({ "quote_id": other["id"] }))
        .await;
    late.problem(409, "window_overlaps");
    client
        .post("/v1/quotes", wish)
        .await
        .problem(409, "window_overlaps");
    // Another port of the customer has its own windows.
    let neighbour = stage.port("annexe", 1000).await;
    stage
        .book(&neighbour, 5000, &at("18:00:00"), &at("22:00:00"))
        .await;
}

#[tokio::test]
async fn a_quote_is_booked_once_and_in_time() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let book = |quote: &Value| client.post("/v1/bandwidth-changes", json!({ "quote_id": quote["id"] }));
    let quote = client
        .post(
            "/v1/quotes",
            window(&port, 5000, &at("18:00:00"), &at("22:00:00")),
        )
        .await
        .expect(201);
    let booked = book(&quote).await.expect(201);
    let said = book(&quote).await.problem(409, "quote_used");
    assert!(said.contains(booked["id"].as_str().unwrap()), "{said}");
    let soon = window(&port, 5000, "2026-03-02T12:10:00Z", "2026-03-02T14:00:00Z");
    let (soon, later) = (
        client.post("/v1/quotes", soon).await.expect(201),
        client
            .post(
                "/v1/quotes",
                window(&port, 5000, &at("12:00:00"), &at("14:00:00")),
            )
            .await
            .expect(201),
    );
    stage.go_to("2026-03-02T12:14:59Z").await;
    book(&soon).await.problem(422, "start_passed");
    stage.go_to("2026-03-02T12:15:00Z").await;
    book(&later).await.problem(409, "quote_expired");
    // Of one that was booked it is still told which change it was.
    book(&quote).await.problem(409, "quote_used");
    let shown = client
        .get(&format!("/v1/quotes/{}", text(&later["id"])))
        .await
        .expect(200);
    assert_eq!(shown, later);
}

#[tokio::test]
async fn a_quote_for_now_begins_when_it_is_booked() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let wish = json!({ "port_id": port, "kind": "window", "mbps": 5000, "ends_at": "2026-03-02T16:00:00Z" });
    let quote = client.post("/v1/quotes", wish).await.expect(201);
    stage.go_to("2026-03-02T12:05:00Z").await;
    let booked = client
        .post("/v1/bandwidth-changes", json!({ "quote_id": quote["id"] }))
        .await
        .expect(201);
    assert_eq!(booked["starts_at"], "2026-03-02T12:05:00Z");
    stage.go_to("2026-03-02T12:06:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "reserved"));
}

#[tokio::test]
async fn what_has_not_begun_can_be_cancelled() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    let path = format!("/v1/bandwidth-changes/{}/cancel", text(&booked["id"]));
    let cancelled = stage.customer.client.post(&path, json!({})).await.expect(200);
    assert_eq!(states(&cancelled), of("cancelled", "released"));
    stage
        .customer
        .client
        .post(&path, json!({}))
        .await
        .problem(409, "state_forbids");
    // Its time is free again.
    let again = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("17:59:59")).await;
    assert_eq!(stage.carrier.ledger().totals.orders, 0);
    stage.skip_to(&at("18:00:00"));
    let path = format!("/v1/bandwidth-changes/{}/cancel", text(&again["id"]));
    stage
        .customer
        .client
        .post(&path, json!({}))
        .await
        .problem(409, "change_started");
    stage.work().await;
    stage
        .customer
        .client
        .post(&path, json!({}))
        .await
        .problem(409, "state_forbids");
}

#[tokio::test]
async fn a_base_change_is_priced_for_the_rest_of_the_period_and_for_each_whole_one() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    // Vienna's March has 743 hours; from 10:00 on the 16th there 373 of them are left.
    let wish = json!({ "port_id": port, "kind": "base", "mbps": 2000, "starts_at": "2026-03-16T09:00:00Z" });
    let quote = stage
        .customer
        .client
        .post("/v1/quotes", wish.clone())
        .await
        .expect(201);
    assert_eq!(
        (&quote["amount"], &quote["recurring"]),
        (&json!("150.61"), &json!("300.00"))
    );
    let booked = stage.book_wish(wish).await;
    assert_eq!(
        (&booked["ends_at"], &booked["return_leg"]),
        (&Value::Null, &Value::Null)
    );
    stage.go_to("2026-03-16T10:00:00Z").await;
    assert_eq!(stage.change(&booked).await["state"], "verified");
    let shown = stage.shown(&port).await;
    assert_eq!(
        (&shown["base_mbps"], &shown["drift_mbps"]),
        (&json!(2000), &json!(0))
    );
}

#[tokio::test]
async fn a_reseller_books_for_its_customer_and_a_stranger_for_nobody() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let wish = window(&port, 5000, &at("18:00:00"), &at("22:00:00"));
    let quote = stage.reseller.client.post("/v1/quotes", wish).await.expect(201);
    let booking = json!({ "quote_id": quote["id"] });
    let sibling = stage.host.customer(&stage.reseller, "sibling").await;
    let other = stage.host.reseller("harbour").await;
    for client in [&sibling.client, &other.client] {
        client
            .post("/v1/bandwidth-changes", booking.clone())
            .await
            .problem(404, "not_found");
    }
    let booked = stage
        .reseller
        .client
        .post("/v1/bandwidth-changes", booking)
        .await
        .expect(201);
    let path = format!("/v1/bandwidth-changes/{}", text(&booked["id"]));
    for client in [&sibling.client, &other.client] {
        client.get(&path).await.problem(404, "not_found");
        client
            .post(&format!("{path}/cancel"), json!({}))
            .await
            .problem(404, "not_found");
        assert_eq!(
            client.get("/v1/bandwidth-changes").await.expect(200)["items"],
            json!([])
        );
    }
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
}

#[tokio::test]
async fn what_the_carrier_does_not_sell_is_refused_before_it_is_priced() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let cases = [
        (
            window(&port, 5050, &at("18:00:00"), &at("22:00:00")),
            "speed_off_step",
        ),
        (
            window(&port, 500_000, &at("18:00:00"), &at("22:00:00")),
            "speed_out_of_range",
        ),
        (
            window(&port, 1000, &at("18:00:00"), &at("22:00:00")),
            "speed_unchanged",
        ),
        (
            window(&port, 5000, &at("22:00:00"), &at("18:00:00")),
            "window_ends_early",
        ),
        (
            window(&port, 5000, "2026-03-02T11:00:00Z", &at("22:00:00")),
            "start_passed",
        ),
        (
            json!({ "port_id": port, "kind": "window", "mbps": 5000 }),
            "end_missing",
        ),
        (
            json!({ "port_id": port, "kind": "base", "mbps": 5000, "ends_at": at("22:00:00") }),
            "end_unexpected",
        ),
    ];
    for (wish, code) in cases {
        stage
            .customer
            .client
            .post("/v1/quotes", wish)
            .await
            .problem(422, code);
    }
    let detail = stage
        .customer
        .client
        .post(
            "/v1/quotes",
            window(&port, 5050, &at("18:00:00"), &at("22:00:00")),
        )
        .await
        .problem(422, "speed_off_step");
    assert_eq!(
        detail,
        "5050 Mbps is asked, the carrier allows multiples of 100 Mbps"
    );
}

#[tokio::test]
async fn a_window_over_a_months_end_is_priced_in_both_months() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    // Vienna's March ends at 22:00 UTC: summer time has begun by then.
    let wish = window(&port, 5000, "2026-03-31T20:00:00Z", "2026-04-01T00:00:00Z");
    let quote = stage.customer.client.post("/v1/quotes", wish).await.expect(201);
    assert_eq!(quote["amount"], "64.00");
    let lines = quote["lines"].as_array().unwrap().iter();
    let periods: Vec<_> = lines.map(|line| text(&line["period_start"])).collect();
    assert_eq!(periods, ["2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"]);
}

#[tokio::test]
async fn the_database_refuses_a_step_that_the_states_do_not_have() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    let mut superuser = stage.host.database.superuser().await;
    let verified = sqlx::query("update bandwidth_change set state = 'verified'")
        .execute(&mut superuser)
        .await;
    let error = verified.unwrap_err();
    assert_eq!(
        error.as_database_error().unwrap().constraint(),
        Some("bandwidth_change_transition")
    );
}
