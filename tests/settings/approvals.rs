//! Bandwidth changes that wait for somebody's yes, from booking to what the carrier was asked.

use serde_json::{Value, json};

use crate::harness::{Client, Stage, text};

const FROM: &str = "2026-03-04T18:00:00Z";
const TO: &str = "2026-03-04T22:00:00Z";

struct Scene {
    stage: Stage,
    port: String,
    /// Somebody else at the customer.
    colleague: Client,
}

impl Scene {
    async fn with(rules: Value) -> Self {
        let stage = Stage::set().await;
        stage
            .reseller
            .client
            .put("/v1/settings/approval", rules)
            .await
            .expect(200);
        let port = stage.port("studio", 1000).await;
        let client = &stage.customer.client;
        client
            .post("/v1/invitations", json!({ "email": "second@quay.example" }))
            .await
            .expect(201);
        let session = stage.host.accept("second@quay.example", "Second").await;
        let key = session
            .post("/v1/api-keys", json!({ "name": "all" }))
            .await
            .expect(201);
        let colleague = session.with_token(&text(&key["secret"]));
        Self {
            stage,
            port,
            colleague,
        }
    }

    async fn book(&self) -> Value {
        self.stage.book(&self.port, 5000, FROM, TO).await
    }

    fn path(&self, change: &Value, what: &str) -> String {
        format!("/v1/bandwidth-changes/{}/{what}", text(&change["id"]))
    }

    fn orders(&self) -> u64 {
        self.stage.carrier.ledger().totals.orders
    }
}

#[tokio::test]
async fn a_change_that_needs_approval_orders_nothing_before_it_has_it() {
    let scene = Scene::with(json!({ "mbps_above": 2000 })).await;
    let free = scene
        .stage
        .book(&scene.port, 2000, "2026-03-05T18:00:00Z", "2026-03-05T22:00:00Z")
        .await;
    assert_eq!(
        (&free["state"], &free["approval"]),
        (&json!("scheduled"), &Value::Null)
    );
    let change = scene.book().await;
    assert_eq!(change["state"], "awaiting_approval");
    let approval = &change["approval"];
    assert_eq!(
        (&approval["because"], &approval["decided_at"]),
        (&json!(["mbps_above"]), &Value::Null)
    );
    scene.stage.go_to("2026-03-03T11:00:00Z").await;
    let approved = scene
        .colleague
        .post(&scene.path(&change, "approve"), json!({}))
        .await
        .expect(200);
    assert_eq!(approved["state"], "scheduled");
    assert_eq!(approved["approval"]["decided_at"], "2026-03-03T11:00:00Z");
    let again = scene
        .colleague
        .post(&scene.path(&change, "approve"), json!({}))
        .await;
    again.problem(409, "state_forbids");
    assert_eq!(scene.orders(), 0);
    scene.stage.go_to("2026-03-04T23:00:00Z").await;
    let ended = scene.stage.change(&change).await;
    assert_eq!(
        (&ended["state"], &ended["return_leg"]["state"]),
        (&json!("verified"), &json!("verified"))
    );
}

#[tokio::test]
async fn a_waiting_window_holds_its_place_until_it_is_rejected() {
    let scene = Scene::with(json!({ "mbps_above": 2000 })).await;
    let change = scene.book().await;
    let client = &scene.stage.customer.client;
    let twin =
        json!({ "port_id": scene.port, "kind": "window", "mbps": 2000, "starts_at": FROM, "ends_at": TO });
    client
        .post("/v1/quotes", twin.clone())
        .await
        .problem(409, "window_overlaps");
    let close = format!("/v1/ports/{}/close", scene.port);
    scene
        .stage
        .reseller
        .client
        .post(&close, json!({}))
        .await
        .problem(409, "port_has_changes");
    let path = scene.path(&change, "reject");
    client
        .post(&path, json!({ "reason": "a\u{202e}b" }))
        .await
        .problem(422, "reason_invalid");
    let rejected = scene
        .colleague
        .post(&path, json!({ "reason": "over budget" }))
        .await
        .expect(200);
    assert_eq!(
        (&rejected["state"], &rejected["reason"]),
        (&json!("rejected"), &json!("over budget"))
    );
    assert_eq!(rejected["return_leg"]["state"], "released");
    scene
        .colleague
        .post(&path, json!({}))
        .await
        .problem(409, "state_forbids");
    client.post("/v1/quotes", twin).await.expect(201);
    scene.stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(scene.orders(), 0);
}

#[tokio::test]
async fn what_nobody_approves_in_business_time_expires() {
    // Monday noon: half an hour of business today, the rest tomorrow from nine.
    let scene = Scene::with(json!({ "mbps_above": 2000, "expires_after_business_minutes": 60 })).await;
    let hours = json!({ "time_zone": "UTC", "week": {
        "monday": [{ "from": "09:00", "to": "12:30" }], "tuesday": [{ "from": "09:00", "to": "17:00" }] } });
    scene
        .stage
        .reseller
        .client
        .put("/v1/settings/business_hours", hours)
        .await
        .expect(200);
    scene.stage.go_to("2026-03-02T12:00:00Z").await;
    let change = scene.book().await;
    let expires_at: nexusport::app::Timestamp = text(&change["approval"]["expires_at"]).parse().unwrap();
    let soon: nexusport::app::Timestamp = "2026-03-03T09:30:00Z".parse().unwrap();
    assert!(
        expires_at >= soon && expires_at < soon + chrono::TimeDelta::minutes(15),
        "{expires_at}"
    );
    scene.stage.skip_to("2026-03-03T10:00:00Z");
    let late = scene
        .colleague
        .post(&scene.path(&change, "approve"), json!({}))
        .await;
    late.problem(409, "approval_late");
    scene.stage.work().await;
    let expired = scene.stage.change(&change).await;
    assert_eq!(
        (&expired["state"], &expired["return_leg"]["state"]),
        (&json!("expired"), &json!("released"))
    );
    scene.book().await;
    let told = scene
        .stage
        .reseller
        .client
        .get("/v1/audit-events?action=bandwidth_change.expire")
        .await
        .expect(200);
    assert_eq!(told["items"][0]["target_id"], change["id"]);
}

#[tokio::test]
async fn the_start_is_the_last_moment_for_an_approval() {
    let scene = Scene::with(json!({ "mbps_above": 2000 })).await;
    let change = scene.book().await;
    assert!(text(&change["approval"]["expires_at"]).as_str() <= FROM);
    let soon = scene
        .stage
        .book(&scene.port, 5000, "2026-03-02T12:30:00Z", "2026-03-02T13:30:00Z")
        .await;
    assert_eq!(soon["approval"]["expires_at"], "2026-03-02T12:30:00Z");
    let now =
        json!({ "port_id": scene.port, "kind": "window", "mbps": 5000, "ends_at": "2026-03-02T12:20:00Z" });
    let client = &scene.stage.customer.client;
    let quote = client.post("/v1/quotes", now).await.expect(201);
    let booking = client
        .post("/v1/bandwidth-changes", json!({ "quote_id": quote["id"] }))
        .await;
    assert!(booking.problem(409, "approval_needs_time").contains("mbps_above"));
}

#[tokio::test]
async fn whoever_booked_cannot_approve_with_any_credential() {
    let scene = Scene::with(json!({ "base_changes": "require" })).await;
    let wish = json!({ "port_id": scene.port, "kind": "base", "mbps": 2000, "starts_at": FROM });
    let change = scene.stage.book_wish(wish).await;
    assert_eq!(change["approval"]["because"], json!(["base_changes"]));
    let path = scene.path(&change, "approve");
    // The key's own, and the session that made it.
    let session = scene.stage.host.client.with_token(&scene.stage.customer.session);
    for own in [&scene.stage.customer.client, &session] {
        own.post(&path, json!({})).await.problem(409, "four_eyes");
    }
    scene
        .stage
        .reseller
        .client
        .post(&path, json!({}))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_reseller_can_keep_approvals_to_itself_and_waive_the_second_pair_of_eyes() {
    let rules = json!({ "price_above": { "amount": "0.01", "currency": "EUR" }, "approvers": "reseller", "four_eyes": false });
    let scene = Scene::with(rules).await;
    let change = scene.book().await;
    assert_eq!(change["approval"]["because"], json!(["price_above"]));
    for what in ["approve", "reject"] {
        let answer = scene.colleague.post(&scene.path(&change, what), json!({})).await;
        answer.problem(403, "permission_missing");
    }
    let wish = json!({ "port_id": scene.port, "kind": "window", "mbps": 3000,
        "starts_at": "2026-03-06T18:00:00Z", "ends_at": "2026-03-06T20:00:00Z" });
    let reseller = &scene.stage.reseller.client;
    let quote = reseller.post("/v1/quotes", wish).await.expect(201);
    let own = reseller
        .post("/v1/bandwidth-changes", json!({ "quote_id": quote["id"] }))
        .await
        .expect(201);
    for change in [&change, &own] {
        assert_eq!(
            reseller
                .post(&scene.path(change, "approve"), json!({}))
                .await
                .expect(200)["state"],
            "scheduled"
        );
    }
}

#[tokio::test]
async fn a_withdrawn_change_is_no_longer_approved() {
    let scene = Scene::with(json!({ "mbps_above": 2000 })).await;
    let change = scene.book().await;
    let cancelled = scene
        .stage
        .customer
        .client
        .post(&scene.path(&change, "cancel"), json!({}))
        .await
        .expect(200);
    assert_eq!(cancelled["return_leg"]["state"], "released");
    scene
        .colleague
        .post(&scene.path(&change, "approve"), json!({}))
        .await
        .problem(409, "state_forbids");
    let free = scene.stage.book(&scene.port, 1500, FROM, TO).await;
    scene
        .colleague
        .post(&scene.path(&free, "approve"), json!({}))
        .await
        .problem(409, "state_forbids");
}

#[tokio::test]
async fn a_window_is_never_left_to_one_that_nobody_approved() {
    let scene = Scene::with(json!({ "mbps_above": 2000 })).await;
    let first = scene
        .stage
        .book(&scene.port, 2000, "2026-03-04T16:00:00Z", FROM)
        .await;
    let waiting = scene.book().await;
    scene.stage.go_to("2026-03-04T17:59:59Z").await;
    scene.stage.go_to("2026-03-04T18:05:00Z").await;
    assert_eq!(scene.stage.change(&waiting).await["state"], "expired");
    assert_eq!(
        scene.stage.change(&first).await["return_leg"]["state"],
        "verified"
    );
    assert_eq!(scene.stage.shown(&scene.port).await["observed_mbps"], 1000);
}
