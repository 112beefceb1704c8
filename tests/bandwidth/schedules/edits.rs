//! Cancelling, moving and making anew.

use serde_json::{Value, json};

use super::{
    super::{of, states, window},
    evenings, line, make, occurrences, told, two_evenings, with,
};
use crate::harness::{Stage, text};

#[tokio::test]
async fn one_is_cancelled_by_itself_and_all_of_them_together() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let schedule = make(&stage, &port, two_evenings()).await;
    let booked = occurrences(client, &schedule).await;
    let one = format!(
        "/v1/bandwidth-changes/{}/cancel",
        text(&booked[0]["bandwidth_change_id"])
    );
    client.post(&one, json!({})).await.expect(200);
    assert_eq!(occurrences(client, &schedule).await[0]["state"], "cancelled");
    // The second has begun when the schedule ends, and comes back down.
    stage.go_to("2026-03-05T18:00:00Z").await;
    let all = format!("/v1/schedules/{}/cancel", text(&schedule["id"]));
    assert_eq!(
        client.post(&all, json!({})).await.expect(200)["state"],
        "cancelled"
    );
    client.post(&all, json!({})).await.problem(409, "schedule_over");
    stage.go_to("2026-03-06T18:00:00Z").await;
    let change = json!({ "id": booked[1]["bandwidth_change_id"] });
    assert_eq!(states(&stage.change(&change).await), of("verified", "verified"));
    let schedule = make(&stage, &port, evenings()).await;
    assert_eq!(occurrences(client, &schedule).await.len(), 25);
    let all = format!("/v1/schedules/{}/cancel", text(&schedule["id"]));
    client.post(&all, json!({})).await.expect(200);
    let left = occurrences(client, &schedule).await;
    assert!(left.iter().all(|one| one["state"] == "cancelled"), "{left:?}");
    let orders = stage.carrier.ledger().totals.orders;
    stage.go_to("2026-04-20T12:00:00Z").await;
    assert_eq!(stage.carrier.ledger().totals.orders, orders);
}

#[tokio::test]
async fn one_window_is_moved_without_losing_its_place() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let schedule = make(&stage, &port, two_evenings()).await;
    let booked = occurrences(client, &schedule).await;
    let old = booked[0]["bandwidth_change_id"].clone();
    // An hour later than the schedule says, over what it booked itself.
    let wish = window(&port, 8000, "2026-03-04T18:00:00Z", "2026-03-04T22:00:00Z");
    let refused = client.post("/v1/quotes", wish.clone()).await;
    refused.problem(409, "window_overlaps");
    let quote = with(wish.clone(), json!({ "replaces_id": old }));
    let quote = client.post("/v1/quotes", quote).await.expect(201);
    assert_eq!(quote["amount"], "112.00");
    let booking = json!({ "quote_id": quote["id"] });
    client
        .post("/v1/bandwidth-changes", booking.clone())
        .await
        .problem(409, "window_overlaps");
    let booking = with(booking, json!({ "replaces_id": old }));
    let moved = client
        .post("/v1/bandwidth-changes", booking.clone())
        .await
        .expect(201);
    assert_eq!(stage.change(&json!({ "id": old })).await["state"], "cancelled");
    // Whoever moves it again because no answer came is told so.
    let said = client
        .post("/v1/bandwidth-changes", booking)
        .await
        .problem(409, "quote_used");
    assert!(said.contains(moved["id"].as_str().unwrap()), "{said}");
    let after = occurrences(client, &schedule).await;
    assert_eq!(
        (&after[0]["bandwidth_change_id"], &after[0]["amount"]),
        (&moved["id"], &json!("112.00"))
    );
    // What has begun, a base change and another port's window are not replaced.
    let annexe = stage.port("annexe", 1000).await;
    let other = window(&annexe, 8000, "2026-03-04T18:00:00Z", "2026-03-04T22:00:00Z");
    let other = with(other, json!({ "replaces_id": moved["id"] }));
    client
        .post("/v1/quotes", other)
        .await
        .problem(422, "window_of_another_port");
    stage.go_to("2026-03-04T19:00:00Z").await;
    let late = window(&port, 2000, "2026-03-04T20:00:00Z", "2026-03-04T22:00:00Z");
    let late = with(late, json!({ "replaces_id": moved["id"] }));
    client
        .post("/v1/quotes", late)
        .await
        .problem(409, "state_forbids");
    let all = format!("/v1/schedules/{}/cancel", text(&schedule["id"]));
    client.post(&all, json!({})).await.expect(200);
    stage.go_to("2026-03-06T12:00:00Z").await;
    assert_eq!(states(&stage.change(&moved).await), of("verified", "verified"));
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
}

#[tokio::test]
async fn a_schedule_is_made_anew_at_once_or_not_at_all() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let client = &stage.customer.client;
    let schedule = make(&stage, &port, two_evenings()).await;
    let path = format!("/v1/schedules/{}", text(&schedule["id"]));
    stage.go_to("2026-03-04T18:00:00Z").await;
    // An hour later and faster: it overlaps what it replaces, which is no obstacle.
    let later = with(
        two_evenings(),
        json!({ "mbps": 8000, "from": "19:00", "to": "23:00", "ends_on": "2026-03-06" }),
    );
    let preview = json!({ "port_id": port, "terms": later, "replaces_id": schedule["id"] });
    let preview = client.post("/v1/schedules/preview", preview).await.expect(200);
    let times = preview["times"].as_array().unwrap().iter();
    let codes: Vec<_> = times.map(|time| time["left_out"]["code"].clone()).collect();
    assert_eq!(codes, [json!("window_overlaps"), Value::Null, Value::Null]);
    client
        .put(&path, with(later.clone(), json!({ "mbps": 8000, "days": [] })))
        .await
        .problem(422, "schedule_without_days");
    let anew = client.put(&path, later).await.expect(200);
    assert_eq!(
        (&anew["version"], &anew["terms"]["mbps"]),
        (&json!(2), &json!(8000))
    );
    let all = occurrences(client, &anew).await;
    assert_eq!(
        told(&all),
        [
            // Had begun.
            line("2026-03-04T17:00:00Z", "verified", Some("64.00")),
            line("2026-03-04T18:00:00Z", "left_out", None),
            line("2026-03-05T18:00:00Z", "scheduled", Some("112.00")),
            line("2026-03-06T18:00:00Z", "scheduled", Some("112.00")),
        ]
    );
    stage.go_to("2026-03-07T12:00:00Z").await;
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
    assert_eq!(stage.carrier.ledger().totals.orders, 6);
}
