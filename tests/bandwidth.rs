//! Bandwidth changes from quote to verified, over HTTP, with the simulated carrier and its adapter.

use nexusport_simulator::{Fault, Kind, Match};
use serde_json::{Value, json};

use crate::harness::{Stage, text};

fn window(port: &str, mbps: u32, from: &str, to: &str) -> Value {
    json!({ "port_id": port, "kind": "window", "mbps": mbps, "starts_at": from, "ends_at": to })
}

/// On 4 March 2026.
fn at(time: &str) -> String {
    format!("2026-03-04T{time}Z")
}

fn states(change: &Value) -> (String, String) {
    (text(&change["state"]), text(&change["return_leg"]["state"]))
}

fn of(change: &str, leg: &str) -> (String, String) {
    (change.to_owned(), leg.to_owned())
}

/// Something that goes wrong for the next orders.
fn orders(kind: Kind, count: u32) -> Fault {
    let matching = Match {
        method: Some("POST".to_owned()),
        ..Match::default()
    };
    Fault {
        kind,
        count,
        matching,
    }
}

fn reject() -> Kind {
    Kind::Reject {
        code: "no_capacity".to_owned(),
        message: "no capacity today".to_owned(),
    }
}

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
async fn a_window_that_cannot_follow_brings_the_one_before_it_down() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let first = stage.book(&port, 3000, &at("18:00:00"), &at("20:00:00")).await;
    let second = stage.book(&port, 5000, &at("20:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("19:00:00")).await;
    stage
        .carrier
        .fault(Fault {
            kind: reject(),
            count: 1,
            matching: Match::default(),
        })
        .unwrap();
    stage.go_to(&at("21:00:00")).await;
    assert_eq!(states(&stage.change(&first).await), of("verified", "passed_on"));
    assert_eq!(states(&stage.change(&second).await), of("rejected", "verified"));
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
}

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
    book(&quote).await.expect(201);
    book(&quote).await.problem(409, "quote_used");
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
async fn what_the_carrier_rejects_releases_its_return_leg() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage
        .carrier
        .fault(Fault {
            kind: reject(),
            count: 1,
            matching: Match::default(),
        })
        .unwrap();
    stage.go_to("2026-03-05T00:00:00Z").await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), of("rejected", "released"));
    assert_eq!(change["reason"], "no capacity today (no_capacity)");
    assert_eq!(stage.shown(&port).await["drift_mbps"], 0);
    // More than the port can do, which only the carrier knows.
    let booked = stage
        .book(&port, 20_000, "2026-03-05T18:00:00Z", "2026-03-05T22:00:00Z")
        .await;
    stage.go_to("2026-03-06T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("rejected", "released"));
}

#[tokio::test]
async fn a_lost_reply_is_no_second_order() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.carrier.fault(orders(Kind::LostReply, 1)).unwrap();
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    let totals = stage.carrier.ledger().totals;
    assert_eq!((totals.orders, totals.duplicates, totals.lost_replies), (2, 0, 1));
}

#[tokio::test]
async fn a_return_leg_is_tried_until_the_port_is_back() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("21:00:00")).await;
    stage
        .carrier
        .fault(Fault {
            kind: reject(),
            count: 3,
            matching: Match::default(),
        })
        .unwrap();
    stage.go_to(&at("22:00:30")).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), of("verified", "failed"));
    assert_eq!(change["return_leg"]["reason"], "no capacity today (no_capacity)");
    let operations = stage
        .reseller
        .client
        .get(&format!("/v1/operations?port_id={port}"))
        .await
        .expect(200);
    let last = operations["items"].as_array().unwrap().last().unwrap().clone();
    assert!(text(&last["attention"]).contains("no capacity today"), "{last}");
    stage.go_to("2026-03-05T02:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
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
        .problem(401, "credential_invalid");
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
