//! Suspending a tenant and resuming it: new work is refused at once and everywhere, what was accepted goes on.

use serde_json::json;

use crate::harness::{Customer, Host, PASSWORD, Stage, text};

const REASON: &str = "three invoices are unpaid since May";

async fn suspend(ada: &crate::harness::Client, id: &str) {
    ada.put(
        &format!("/v1/operator/tenants/{id}/suspension"),
        json!({ "reason": REASON }),
    )
    .await
    .expect(200);
}

async fn resume(ada: &crate::harness::Client, id: &str) {
    ada.delete(&format!("/v1/operator/tenants/{id}/suspension"))
        .await
        .expect(204);
}

/// What a suspended tenant's people can still do, and what not.
async fn reads_and_begins_nothing(client: &crate::harness::Client) {
    let me = client.get("/v1/me").await.expect(200);
    assert_eq!(me["tenant_state"], "suspended");
    client.get("/v1/ports").await.expect(200);
    client.get("/v1/invoices").await.expect(200);
    client.get("/v1/audit-events").await.expect(200);
    for (path, body) in [
        ("/v1/api-keys", json!({ "name": "more" })),
        ("/v1/roles", json!({ "name": "r", "permissions": [] })),
        ("/v1/invitations", json!({ "email": "a@example.com" })),
    ] {
        let why = client.post(path, body).await.problem(403, "tenant_suspended");
        assert!(why.contains("suspended"), "{why}");
    }
}

#[tokio::test]
async fn a_suspended_customer_reads_sees_why_and_begins_nothing_until_it_is_resumed() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let (alpine, danube) = (
        host.customer(&reseller, "alpine").await,
        host.customer(&reseller, "danube").await,
    );
    let ada = host.operator("ada").await;
    suspend(&ada, &alpine.id).await;
    reads_and_begins_nothing(&alpine.client).await;
    let why = alpine.client.get("/v1/suspensions").await.expect(200);
    assert_eq!(why["items"][0]["reason"], REASON);
    assert_eq!(why["items"][0]["resumed_at"], json!(null));
    // Its owner signs in and out, and nobody else is held up.
    let there = host.client.at("northlight.localhost");
    let sign_in = json!({ "email": "owner@alpine.northlight.example", "password": PASSWORD });
    let session = there.post("/v1/sessions", sign_in).await.expect(201);
    let owner = there.with_token(&text(&session["token"]));
    reads_and_begins_nothing(&owner).await;
    owner.delete("/v1/sessions/current").await.expect(204);
    for neighbour in [&danube.client, &reseller.client] {
        neighbour
            .post("/v1/api-keys", json!({ "name": "more" }))
            .await
            .expect(201);
    }
    resume(&ada, &alpine.id).await;
    alpine
        .client
        .post("/v1/api-keys", json!({ "name": "more" }))
        .await
        .expect(201);
    let told = alpine.client.get("/v1/audit-events").await.expect(200);
    let told: Vec<_> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["actor_kind"] == "operator")
        .map(|event| (event["action"].clone(), event["detail"]["reason"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("tenant.suspend"), json!(REASON)),
            (json!("tenant.resume"), json!(null))
        ]
    );
}

#[tokio::test]
async fn a_suspended_resellers_customers_begin_nothing_either_at_any_host() {
    let host = Host::start().await;
    let second = host.another().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    let ada = host.operator("ada").await;
    suspend(&ada, &reseller.id).await;
    for token in [&reseller.key, &reseller.session, &customer.key, &customer.session] {
        for at in [&host.client, &second] {
            reads_and_begins_nothing(&at.with_token(token)).await;
        }
    }
    // Why is the reseller's business.
    let theirs = customer.client.get("/v1/suspensions").await.expect(200);
    assert_eq!(theirs["items"], json!([]));
    resume(&ada, &reseller.id).await;
    second
        .with_token(&customer.key)
        .post("/v1/api-keys", json!({ "name": "more" }))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_refused_attempt_of_a_suspended_tenant_is_in_its_trail() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ada = host.operator("ada").await;
    suspend(&ada, &reseller.id).await;
    reseller
        .client
        .post("/v1/api-keys", json!({ "name": "more" }))
        .await
        .problem(403, "tenant_suspended");
    let told = reseller
        .client
        .get("/v1/audit-events?action=permission.use")
        .await
        .expect(200);
    assert_eq!(told["items"][0]["outcome"], "refused");
    assert_eq!(told["items"][0]["detail"]["permission"], "keys.write");
}

#[tokio::test]
async fn what_cannot_be_suspended_or_resumed_says_why() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ada = host.operator("ada").await;
    let path = format!("/v1/operator/tenants/{}/suspension", reseller.id);
    ada.delete(&path).await.problem(409, "tenant_not_suspended");
    for reason in ["short", " ten chars and a space"] {
        ada.put(&path, json!({ "reason": reason }))
            .await
            .problem(422, "reason_invalid");
    }
    ada.put(&path, json!({ "reason": REASON, "why": "x" }))
        .await
        .problem(422, "json_unexpected");
    ada.put(&path, json!({ "reason": REASON })).await.expect(200);
    ada.put(&path, json!({ "reason": REASON }))
        .await
        .problem(409, "tenant_not_active");
    let nobody = format!("/v1/operator/tenants/{}/suspension", uuid::Uuid::nil());
    ada.put(&nobody, json!({ "reason": REASON }))
        .await
        .problem(404, "not_found");
}

/// The window ran from 18:00 to 22:00 with 20 seconds for each order.
async fn came_back_down(stage: &Stage, customer: &Customer, port: &str, change: &serde_json::Value) {
    let path = format!("/v1/bandwidth-changes/{}", text(&change["id"]));
    let change = customer.client.get(&path).await.expect(200);
    assert_eq!(
        (&change["state"], &change["return_leg"]["state"]),
        (&json!("verified"), &json!("verified")),
        "{change}"
    );
    let speeds: Vec<_> = stage
        .intervals(port)
        .await
        .into_iter()
        .map(|(mbps, ..)| mbps)
        .collect();
    assert_eq!(speeds, [1000, 5000, 1000]);
}

#[tokio::test]
async fn a_window_booked_before_its_tenant_was_suspended_runs_comes_down_and_is_billed() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let change = stage
        .book(&port, 5000, "2026-03-02T18:00:00Z", "2026-03-02T22:00:00Z")
        .await;
    let ada = stage.host.operator("ada").await;
    suspend(&ada, &stage.customer.id).await;
    let quote = json!({ "port_id": port, "kind": "window", "mbps": 2000,
        "starts_at": "2026-03-03T18:00:00Z", "ends_at": "2026-03-03T22:00:00Z" });
    stage
        .customer
        .client
        .post("/v1/quotes", quote)
        .await
        .problem(403, "tenant_suspended");
    stage.go_to("2026-03-03T12:00:00Z").await;
    came_back_down(&stage, &stage.customer, &port, &change).await;
    stage.go_to("2026-04-01T12:00:00Z").await;
    let run = json!({ "customer_id": stage.customer.id, "period": "2026-03" });
    let billed = stage.reseller.client.post("/v1/billing-runs", run).await;
    assert!(billed.status.is_success(), "{billed:?}");
    let charges = stage.customer.client.get("/v1/charges").await.expect(200);
    let burst = charges["items"]
        .as_array()
        .unwrap()
        .iter()
        .any(|charge| charge.to_string().contains("2026-03-02T18:00"));
    assert!(burst, "{charges}");
}

#[tokio::test]
async fn a_suspended_resellers_ports_come_back_down() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let change = stage
        .book(&port, 5000, "2026-03-02T18:00:00Z", "2026-03-02T22:00:00Z")
        .await;
    stage.go_to("2026-03-02T19:00:00Z").await;
    let ada = stage.host.operator("ada").await;
    suspend(&ada, &stage.reseller.id).await;
    stage.go_to("2026-03-03T12:00:00Z").await;
    came_back_down(&stage, &stage.customer, &port, &change).await;
}
