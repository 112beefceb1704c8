//! Windows that come again. In Vienna the summer time of 2026 begins on 29 March.

mod edits;

use serde_json::{Value, json};

use super::{of, states, window};
use crate::harness::{Client, Stage, text};

/// Weekdays from 18:00 to 22:00 in Vienna, at 5 Gbps.
fn evenings() -> Value {
    json!({
        "mbps": 5000, "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "from": "18:00", "to": "22:00", "time_zone": "Europe/Vienna",
    })
}

fn with(mut terms: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    terms.as_object_mut().unwrap().extend(more);
    terms
}

/// Two evenings: Wednesday and Thursday, 4 and 5 March.
fn two_evenings() -> Value {
    with(
        evenings(),
        json!({ "starts_on": "2026-03-04", "ends_on": "2026-03-05" }),
    )
}

async fn make(stage: &Stage, port: &str, terms: Value) -> Value {
    let new = json!({ "port_id": port, "terms": terms });
    stage.customer.client.post("/v1/schedules", new).await.expect(201)
}

async fn occurrences(client: &Client, schedule: &Value) -> Vec<Value> {
    let path = format!("/v1/schedules/{}/occurrences?limit=200", text(&schedule["id"]));
    client.get(&path).await.expect(200)["items"]
        .as_array()
        .unwrap()
        .clone()
}

/// Start, state and amount of each.
fn told(occurrences: &[Value]) -> Vec<(String, String, Option<String>)> {
    let told = occurrences.iter().map(|one| {
        let amount = one["amount"].as_str().map(str::to_owned);
        (text(&one["starts_at"]), text(&one["state"]), amount)
    });
    told.collect()
}

fn line(start: &str, state: &str, amount: Option<&str>) -> (String, String, Option<String>) {
    (start.to_owned(), state.to_owned(), amount.map(str::to_owned))
}

#[tokio::test]
async fn a_schedule_books_windows_that_go_up_and_come_back_down() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let preview = json!({ "port_id": port, "terms": two_evenings() });
    let preview = stage
        .customer
        .client
        .post("/v1/schedules/preview", preview)
        .await
        .expect(200);
    assert_eq!(
        (&preview["amount"], &preview["currency"]),
        (&json!("128.00"), &json!("EUR"))
    );
    let times: Vec<_> = preview["times"].as_array().unwrap().iter().collect();
    assert_eq!(
        times
            .iter()
            .map(|time| (text(&time["starts_at"]), text(&time["amount"])))
            .collect::<Vec<_>>(),
        [
            ("2026-03-04T17:00:00Z".to_owned(), "64.00".to_owned()),
            ("2026-03-05T17:00:00Z".to_owned(), "64.00".to_owned())
        ]
    );
    assert_eq!(
        stage.customer.client.get("/v1/schedules").await.expect(200)["items"],
        json!([])
    );

    let schedule = make(&stage, &port, two_evenings()).await;
    assert_eq!(
        (&schedule["state"], &schedule["terms"]["from"]),
        (&json!("active"), &json!("18:00"))
    );
    let booked = occurrences(&stage.customer.client, &schedule).await;
    assert_eq!(
        told(&booked),
        [
            line("2026-03-04T17:00:00Z", "scheduled", Some("64.00")),
            line("2026-03-05T17:00:00Z", "scheduled", Some("64.00"))
        ]
    );
    stage.go_to("2026-03-04T18:00:00Z").await;
    assert_eq!(stage.shown(&port).await["observed_mbps"], 5000);
    stage.go_to("2026-03-06T12:00:00Z").await;
    let change = json!({ "id": booked[1]["bandwidth_change_id"] });
    assert_eq!(states(&stage.change(&change).await), of("verified", "verified"));
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
    assert_eq!(stage.carrier.ledger().totals.orders, 4);
    stage.go_to("2026-03-10T12:00:00Z").await;
    let path = format!("/v1/schedules/{}", text(&schedule["id"]));
    assert_eq!(
        stage.customer.client.get(&path).await.expect(200)["state"],
        "ended"
    );
}

#[tokio::test]
async fn windows_are_booked_five_weeks_ahead_and_every_week_those_of_one_more() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let mondays = with(evenings(), json!({ "days": ["monday"] }));
    let schedule = make(&stage, &port, mondays).await;
    let starts = |all: Vec<Value>| all.iter().map(|one| text(&one["starts_at"])).collect::<Vec<_>>();
    let first = starts(occurrences(&stage.customer.client, &schedule).await);
    // 18:00 is an hour earlier from 29 March on.
    assert_eq!(
        first,
        [
            "2026-03-02T17:00:00Z",
            "2026-03-09T17:00:00Z",
            "2026-03-16T17:00:00Z",
            "2026-03-23T17:00:00Z",
            "2026-03-30T16:00:00Z"
        ]
    );
    stage.go_to("2026-03-09T12:00:00Z").await;
    let next = starts(occurrences(&stage.customer.client, &schedule).await);
    assert_eq!((&next[..5], &*next[5]), (&first[..], "2026-04-06T16:00:00Z"));
    // None is missing, and none is booked twice.
    stage.go_to("2026-05-20T12:00:00Z").await;
    let all = starts(occurrences(&stage.customer.client, &schedule).await);
    assert_eq!(all.len(), 16);
    assert_eq!(all.last().unwrap(), "2026-06-15T16:00:00Z");
    assert_eq!(stage.carrier.ledger().totals.orders, 2 * 12);
}

#[tokio::test]
async fn what_cannot_be_booked_is_left_out_and_says_why() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    stage
        .book(&port, 2000, "2026-03-05T20:00:00Z", "2026-03-05T23:00:00Z")
        .await;
    let holidays = json!({ "days": [{ "date": "2026-03-06", "name": "Founder's Day" }] });
    let set = stage.reseller.client.put("/v1/settings/holidays", holidays).await;
    assert!(set.status.is_success());
    let terms = with(
        evenings(),
        json!({ "starts_on": "2026-03-04", "ends_on": "2026-03-06", "skips_holidays": true }),
    );
    let schedule = make(&stage, &port, terms.clone()).await;
    let all = occurrences(&stage.customer.client, &schedule).await;
    let why = |one: &Value| one["left_out"].clone();
    assert_eq!(
        all.iter().map(why).collect::<Vec<_>>(),
        [
            Value::Null,
            json!({ "code": "window_overlaps", "because": "another window is booked on this port in that time" }),
            json!({ "code": "holiday", "because": "Founder's Day is a day off" }),
        ]
    );
    let cheap = with(
        terms,
        json!({ "amount_max": "63.99", "starts_on": "2026-03-10", "ends_on": "2026-03-10" }),
    );
    let schedule = make(&stage, &port, cheap).await;
    let dear = occurrences(&stage.customer.client, &schedule).await;
    assert_eq!(dear[0]["left_out"]["code"], "amount_above_max");
    assert_eq!(
        dear[0]["left_out"]["because"],
        "the window costs 64.00 EUR, the schedule allows 63.99"
    );
}

#[tokio::test]
async fn a_schedule_goes_on_without_whoever_made_it_and_pauses_with_its_tenant() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let mondays = with(evenings(), json!({ "days": ["monday"] }));
    let key = json!({ "name": "scheduler", "permissions": ["bandwidth.read", "bandwidth.change"] });
    let key = stage.customer.client.post("/v1/api-keys", key).await.expect(201);
    let scheduler = stage.customer.client.with_token(&text(&key["secret"]));
    let new = json!({ "port_id": port, "terms": mondays });
    let schedule = scheduler.post("/v1/schedules", new).await.expect(201);
    let path = format!("/v1/api-keys/{}", text(&key["id"]));
    assert_eq!(stage.customer.client.delete(&path).await.status, 204);
    stage.go_to("2026-03-10T12:00:00Z").await;
    assert_eq!(occurrences(&stage.customer.client, &schedule).await.len(), 6);

    let operator = stage.host.operator("ada").await;
    let suspension = format!("/v1/operator/tenants/{}/suspension", stage.reseller.id);
    let why = json!({ "reason": "invoices are not paid" });
    operator.put(&suspension, why).await.expect(200);
    stage.go_to("2026-03-24T12:00:00Z").await;
    assert_eq!(occurrences(&stage.customer.client, &schedule).await.len(), 6);
    operator.delete(&suspension).await.expect(204);
    stage.go_to("2026-03-25T13:00:00Z").await;
    let all = occurrences(&stage.customer.client, &schedule).await;
    assert_eq!(all.len(), 9);
    assert_eq!(all[8]["starts_at"], "2026-04-27T16:00:00Z");
}

#[tokio::test]
async fn approvals_are_asked_for_each_window_of_a_schedule() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let rules = json!({ "mbps_above": 2000, "four_eyes": false });
    let set = stage.reseller.client.put("/v1/settings/approval", rules).await;
    assert!(set.status.is_success(), "{:?}", set.status);
    let schedule = make(&stage, &port, two_evenings()).await;
    let all = occurrences(&stage.customer.client, &schedule).await;
    assert_eq!(all[0]["state"], "awaiting_approval");
    let path = format!(
        "/v1/bandwidth-changes/{}/approve",
        text(&all[0]["bandwidth_change_id"])
    );
    stage.customer.client.post(&path, json!({})).await.expect(200);
    stage.go_to("2026-03-06T12:00:00Z").await;
    let all = occurrences(&stage.customer.client, &schedule).await;
    let states: Vec<_> = all.iter().map(|one| text(&one["state"])).collect();
    assert_eq!(states, ["verified", "expired"]);
}

#[tokio::test]
async fn terms_that_make_no_sense_are_refused_by_name() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let cases = [
        (json!({ "days": [] }), "schedule_without_days"),
        (json!({ "to": null }), "hours_incomplete"),
        (json!({ "from": "25:00" }), "clock_invalid"),
        (json!({ "time_zone": "Vienna" }), "time_zone_invalid"),
        (json!({ "ends_on": "2026-03-01" }), "schedule_ends_early"),
        (json!({ "starts_on": "2028-03-01" }), "start_too_far"),
        (json!({ "ends_on": "9999-12-31" }), "end_too_far"),
        (json!({ "amount_max": "-1" }), "amount_invalid"),
    ];
    for (more, code) in cases {
        let new = json!({ "port_id": port, "terms": with(evenings(), more) });
        stage
            .customer
            .client
            .post("/v1/schedules", new)
            .await
            .problem(422, code);
    }
    // A speed that no window can have leaves all of them out.
    let slow = with(two_evenings(), json!({ "mbps": 1000 }));
    let schedule = make(&stage, &port, slow).await;
    let all = occurrences(&stage.customer.client, &schedule).await;
    assert!(
        all.iter().all(|one| one["left_out"]["code"] == "speed_unchanged"),
        "{all:?}"
    );
    let annexe = stage.port("annexe", 1000).await;
    let other = json!({ "port_id": annexe, "terms": evenings(), "replaces_id": schedule["id"] });
    stage
        .customer
        .client
        .post("/v1/schedules/preview", other)
        .await
        .problem(422, "schedule_of_another_port");
    let wish = window(&port, 2000, "2026-03-04T17:00:00Z", "2026-03-04T19:00:00Z");
    stage.customer.client.post("/v1/quotes", wish).await.expect(201);
}
