//! What carriers say by themselves: it wakes what waits for it, sets nothing, and floods nobody else.

use hmac::{Hmac, KeyInit as _, Mac as _};
use nexusport::worker;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{Adapter, Answer, Host, Stage, text};

/// Asks for the state of an order once an hour.
fn patient() -> Adapter {
    Adapter {
        settings: json!({ "poll_seconds": 3600 }),
        ..Adapter::simulator()
    }
}

async fn stage() -> Stage {
    let host = Host::start().await;
    let simulator = host.carrier().await;
    Stage::set_at(host, simulator, &patient()).await
}

/// Opens the carrier's inbox; gives the path of its address.
async fn open(stage: &Stage, body: Value) -> String {
    let path = format!("/v1/carriers/{}/inbox", stage.carrier_id);
    let inbox = stage.reseller.client.put(&path, body).await.expect(200);
    text(&inbox["path"])
}

async fn bring(stage: &Stage, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
    let client = stage.reseller.client.anonymous();
    let mut request = client.request(Method::POST, path).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request).await
}

/// What arrived, oldest first.
async fn arrived(stage: &Stage) -> Vec<Value> {
    let path = format!("/v1/carriers/{}/notifications?limit=200", stage.carrier_id);
    let items = stage.reseller.client.get(&path).await.expect(200)["items"].clone();
    items.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_push_ends_the_wait_for_what_it_names() {
    let stage = stage().await;
    let port = stage.port("studio", 1000).await;
    let path = open(&stage, json!({})).await;
    let url = format!("{}{path}", stage.reseller.client.base());
    stage.carrier.set_webhook(&url).unwrap();
    let booked = stage
        .book(&port, 5000, "2026-03-02T13:00:00Z", "2026-03-02T20:00:00Z")
        .await;
    stage.go_to("2026-03-02T13:00:00Z").await;
    assert_eq!(stage.change(&booked).await["state"], "applying");
    // The carrier is done after twenty seconds and says so; nobody would ask before 14:00.
    stage.skip_to("2026-03-02T13:00:20Z");
    while !arrived(&stage)
        .await
        .iter()
        .any(|one| text(&one["body"]).contains("COMPLETED"))
    {
        tokio::task::yield_now().await;
    }
    stage.work().await;
    assert_eq!(stage.change(&booked).await["state"], "verified");
    assert_eq!(stage.host.app.now().to_rfc3339(), "2026-03-02T13:00:20+00:00");
    let all = arrived(&stage).await;
    let last = all.last().unwrap();
    assert_eq!((&last["state"], &last["times"]), (&json!("handled"), &json!(1)));
    assert_eq!(last["operation_ids"].as_array().unwrap().len(), 1);
    let operation = format!("/v1/operations/{}", text(&last["operation_ids"][0]));
    let operation = stage.reseller.client.get(&operation).await.expect(200);
    assert_eq!(
        (&operation["kind"], &operation["state"]),
        (&json!("change_bandwidth"), &json!("done"))
    );
    stage.go_to("2026-03-02T21:00:00Z").await;
    assert_eq!(stage.carrier.ledger().totals.orders, 2);
}

#[tokio::test]
async fn what_a_push_says_is_not_believed() {
    let stage = stage().await;
    let port = stage.port("studio", 1000).await;
    let path = open(&stage, json!({})).await;
    let booked = stage
        .book(&port, 5000, "2026-03-02T13:00:00Z", "2026-03-02T20:00:00Z")
        .await;
    stage.go_to("2026-03-02T13:00:00Z").await;
    let order = text(&json!(stage.carrier.ledger().orders[0].order.id));
    let lie = json!({ "event": "order.updated", "order": { "id": order, "status": "COMPLETED" } });
    bring(&stage, &path, &lie.to_string(), &[]).await.expect(202);
    stage.skip_to("2026-03-02T13:00:10Z");
    stage.work().await;
    // It was asked, was still at it, and is asked again when its time comes.
    assert_eq!(stage.change(&booked).await["state"], "applying");
    assert_eq!(arrived(&stage).await[0]["state"], "handled");
    let asked = stage.carrier.ledger().requests.len();
    stage.skip_to("2026-03-02T13:30:00Z");
    stage.work().await;
    assert_eq!(stage.carrier.ledger().requests.len(), asked);
    stage.go_to("2026-03-02T14:00:10Z").await;
    assert_eq!(stage.change(&booked).await["state"], "verified");
}

#[tokio::test]
async fn a_push_that_names_a_port_has_it_read_and_no_more_often_than_is_good() {
    let stage = stage().await;
    let port = stage.port("studio", 1000).await;
    let path = open(&stage, json!({})).await;
    stage.go_to("2026-03-02T12:10:00Z").await;
    stage.carrier.drift("studio", 3000).unwrap();
    for n in 0..5 {
        let body = format!(r#"{{"order": {{"id": "studio"}}, "n": {n}}}"#);
        bring(&stage, &path, &body, &[]).await.expect(202);
        stage.work().await;
    }
    let shown = stage.shown(&port).await;
    assert_eq!(
        (&shown["observed_mbps"], &shown["drift_mbps"]),
        (&json!(3000), &json!(2000))
    );
    let started: usize = arrived(&stage)
        .await
        .iter()
        .map(|one| one["operation_ids"].as_array().unwrap().len())
        .sum();
    assert_eq!(started, 1);
}

#[tokio::test]
async fn an_unsigned_push_is_turned_away_where_signatures_are_demanded() {
    let stage = stage().await;
    let key = "0123456789abcdef";
    let signature = json!({ "header": "X-Signature", "encoding": "hex", "prefix": "sha256=", "key": key });
    let path = open(&stage, json!({ "signature": signature })).await;
    let body = r#"{"order": {"id": "ord-1"}}"#;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let digest = hex::encode(mac.finalize().into_bytes());
    let good = format!("sha256={digest}");
    for (body, headers) in [
        (body, vec![]),
        (body, vec![("x-signature", &*digest)]),
        (body, vec![("x-signature", "sha256=00")]),
        (body, vec![("x-other", &*good)]),
        (r#"{"order": {"id": "ord-2"}}"#, vec![("x-signature", &*good)]),
    ] {
        bring(&stage, &path, body, &headers)
            .await
            .problem(401, "signature_invalid");
    }
    assert!(arrived(&stage).await.is_empty());
    bring(
        &stage,
        &path,
        body,
        &[("x-signature", &good), ("authorization", "Bearer x")],
    )
    .await
    .expect(202);
    let kept = arrived(&stage).await;
    assert_eq!((kept.len(), &kept[0]["body"]), (1, &json!(body)));
    assert!(!kept[0]["headers"].to_string().contains("Bearer"), "{kept:?}");
    let shown = stage
        .reseller
        .client
        .get(&format!("/v1/carriers/{}/inbox", stage.carrier_id))
        .await
        .expect(200);
    assert_eq!(shown["signature"]["header"], "x-signature");
    assert!(!shown.to_string().contains(key) && shown.get("path").is_none());
    for (field, value, code) in [
        ("key", json!("short"), "signature_key_invalid"),
        ("header", json!("no header"), "signature_header_invalid"),
        ("prefix", json!("\n"), "signature_prefix_invalid"),
    ] {
        let mut wrong = signature.clone();
        wrong[field] = value;
        let path = format!("/v1/carriers/{}/inbox", stage.carrier_id);
        let answer = stage
            .reseller
            .client
            .put(&path, json!({ "signature": wrong }))
            .await;
        answer.problem(422, code);
    }
}

#[tokio::test]
async fn the_same_push_is_counted_and_an_address_that_was_replaced_is_nobodys() {
    let stage = stage().await;
    let before = open(&stage, json!({})).await;
    let body = r#"{"order": {"id": "ord-1"}}"#;
    for _ in 0..3 {
        bring(&stage, &before, body, &[]).await.expect(202);
    }
    let kept = arrived(&stage).await;
    assert_eq!((kept.len(), &kept[0]["times"]), (1, &json!(3)));
    stage.go_to("2026-03-02T12:02:00Z").await;
    bring(&stage, &before, body, &[]).await.expect(202);
    assert_eq!(arrived(&stage).await.len(), 2);
    let after = open(&stage, json!({})).await;
    let path = format!("/v1/carriers/{}/inbox", stage.carrier_id);
    let gone = bring(&stage, &before, body, &[]).await;
    gone.problem(404, "not_found");
    let never = bring(&stage, "/v1/notifications/inb_nobody", body, &[]).await;
    assert_eq!(gone.bytes, never.bytes);
    let key = bring(
        &stage,
        &format!("/v1/notifications/{}", stage.reseller.key),
        body,
        &[],
    )
    .await;
    assert_eq!(gone.bytes, key.bytes);
    assert_eq!(stage.reseller.client.delete(&path).await.status, 204);
    bring(&stage, &after, body, &[]).await.problem(404, "not_found");
    stage.reseller.client.get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_flood_only_ever_hurts_its_own_carrier() {
    let stage = stage().await;
    let port = stage.port("studio", 1000).await;
    let path = open(&stage, json!({})).await;
    let other = stage.host.reseller("harbour").await;
    let carrier = json!({ "name": "theirs" });
    let carrier = text(&other.client.post("/v1/carriers", carrier).await.expect(201)["id"]);
    let inbox = format!("/v1/carriers/{carrier}/inbox");
    let theirs = text(&other.client.put(&inbox, json!({})).await.expect(200)["path"]);

    for bytes in [64 * 1024 + 1, 200 * 1024] {
        let large = "x".repeat(bytes);
        bring(&stage, &path, &large, &[])
            .await
            .problem(413, "body_too_large");
    }
    let mut taken = 0;
    for n in 0..700 {
        let body = format!("{{\"order\": {{\"id\": \"ord-{n}\"}}}}");
        let answer = bring(&stage, &path, &body, &[]).await;
        match answer.status.as_u16() {
            202 => taken += 1,
            _ => drop(answer.problem(429, "too_many_notifications")),
        }
    }
    assert_eq!(taken, 120);
    let answer = bring(&stage, &theirs, "{}", &[]).await;
    answer.expect(202);
    // The flooded reseller's own work goes on.
    let booked = stage
        .book(&port, 5000, "2026-03-02T13:00:00Z", "2026-03-02T20:00:00Z")
        .await;
    stage.go_to("2026-03-02T21:00:00Z").await;
    assert_eq!(stage.change(&booked).await["state"], "verified");
    let kept = arrived(&stage).await;
    assert!(kept.iter().all(|one| one["state"] == "handled"));
    // Nothing serves the other carrier, so nobody can say what it meant.
    worker::drain(&stage.host.app).await.unwrap();
    let theirs = other
        .client
        .get(&format!("/v1/carriers/{carrier}/notifications"))
        .await
        .expect(200);
    assert_eq!(theirs["items"][0]["state"], "failed");
}
