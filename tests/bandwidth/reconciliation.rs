//! Ports are read back by a schedule: what a carrier changed is found without anybody's asking, as often as is set.

use serde_json::{Value, json};

use super::{at, drift::drifts};
use crate::harness::{Stage, text};

async fn every(stage: &Stage, minutes: u32) {
    let rhythm = json!({ "every_minutes": minutes });
    let path = "/v1/settings/reconciliation";
    stage.reseller.client.put(path, rhythm).await.expect(200);
}

/// When the port was seen.
async fn seen(stage: &Stage, port: &str) -> Vec<String> {
    let path = format!("/v1/ports/{port}/observations");
    let list = stage.reseller.client.get(&path).await.expect(200);
    let seen = list["items"].as_array().unwrap().iter();
    seen.map(|seen| text(&seen["observed_at"])).collect()
}

fn day(hour: u32) -> String {
    format!("2026-03-02T{hour:02}:00:00Z")
}

#[tokio::test]
async fn a_port_that_nobody_looks_at_is_read_back_as_often_as_is_set() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    every(&stage, 60).await;
    stage.go_to("2026-03-02T13:30:00Z").await;
    stage.carrier.drift("studio", 3000).unwrap();
    stage.go_to("2026-03-02T14:30:00Z").await;
    assert_eq!(seen(&stage, &port).await, [day(12), day(13), day(14)]);
    let found = drifts(&stage.customer.client, "").await;
    let found = (&found[0]["since"], &found[0]["seen_at"]);
    assert_eq!(found, (&json!("2026-03-02T13:30:00Z"), &json!(day(14))));
    let audit = stage
        .reseller
        .client
        .get("/v1/audit-events?action=carrier.reconcile")
        .await
        .expect(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
    assert_eq!(audit["items"][0]["detail"]["ports"], 1);

    // Another rhythm counts at once, and never is never.
    every(&stage, 15).await;
    stage.go_to("2026-03-02T14:50:00Z").await;
    let quarters = ["2026-03-02T14:30:00Z", "2026-03-02T14:45:00Z"].map(str::to_owned);
    assert_eq!(seen(&stage, &port).await[3..], quarters);
    every(&stage, 0).await;
    stage.go_to(&at("12:00:00")).await;
    assert_eq!(seen(&stage, &port).await.len(), 5);
    every(&stage, 360).await;
    stage.go_to(&at("12:01:00")).await;
    assert_eq!(seen(&stage, &port).await.len(), 6);
}

#[tokio::test]
async fn a_port_that_was_seen_meanwhile_waits_its_time_and_a_closed_one_is_left_alone() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    every(&stage, 120).await;
    stage.go_to(&day(13)).await;
    super::drift::look(&stage, &port).await;
    stage.go_to(&day(14)).await;
    assert_eq!(seen(&stage, &port).await, [day(12), day(13)]);
    stage.go_to(&day(16)).await;
    assert_eq!(seen(&stage, &port).await, [day(12), day(13), day(15)]);
    let close = format!("/v1/ports/{port}/close");
    stage.reseller.client.post(&close, json!({})).await.expect(200);
    stage.go_to(&at("12:00:00")).await;
    assert_eq!(seen(&stage, &port).await.len(), 3);
}

#[tokio::test]
async fn a_carrier_with_more_ports_than_one_run_takes_has_all_of_them_read() {
    let stage = Stage::set().await;
    let mut ports = Vec::new();
    for n in 0..53 {
        let reference = format!("studio-{n}");
        stage.build_port(&reference, 1000);
        let new = stage.new_port(&reference, 1000);
        ports.push(text(
            &stage.reseller.client.post("/v1/ports", new).await.expect(201)["id"],
        ));
    }
    stage.work().await;
    every(&stage, 60).await;
    stage.go_to("2026-03-02T13:30:00Z").await;
    for port in ports {
        assert_eq!(seen(&stage, &port).await, [day(12), day(13)]);
    }
}

#[tokio::test]
async fn only_the_reseller_says_how_often() {
    let stage = Stage::set().await;
    let path = "/v1/settings/reconciliation";
    let client = &stage.reseller.client;
    stage.customer.client.get(path).await.problem(404, "not_found");
    for wrong in [
        json!({ "every_minutes": 14 }),
        json!({ "every_minutes": 10_081 }),
        json!({ "hours": 1 }),
    ] {
        assert_eq!(client.put(path, wrong).await.status, 422);
    }
    let setting = client.get(path).await.expect(200);
    assert_eq!(setting["value"], json!({ "every_minutes": 0 }));
    assert_eq!(setting["schema"]["default"], json!({ "every_minutes": 360 }));
}

#[tokio::test]
async fn a_carrier_that_no_adapter_serves_is_in_nobodys_way() {
    let stage = Stage::set().await;
    let carrier = stage
        .reseller
        .client
        .post("/v1/carriers", json!({ "name": "unserved" }))
        .await
        .expect(201);
    let mut new = stage.new_port("elsewhere", 1000);
    new["carrier_id"] = carrier["id"].clone();
    // Nothing can be asked there, not even whether the port exists.
    assert_eq!(stage.reseller.client.post("/v1/ports", new).await.status, 409);
    let port = stage.port("studio", 1000).await;
    every(&stage, 60).await;
    stage.go_to(&day(14)).await;
    assert_eq!(seen(&stage, &port).await, [day(12), day(13), day(14)]);
    let letters = stage.reseller.client.get("/v1/dead-letters").await.expect(200);
    assert_eq!(letters["items"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_customer_that_leaves_is_not_looked_at_any_more() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    every(&stage, 60).await;
    stage.go_to(&day(13)).await;
    let wish = json!({ "slug": "quay", "reason": "moves on to somebody else", "without_export": true });
    stage
        .customer
        .client
        .post("/v1/departures", wish)
        .await
        .expect(201);
    stage.go_to(&day(16)).await;
    assert_eq!(seen(&stage, &port).await, [day(12), day(13)]);
}
