//! The plugins' budget of a day: past it new work is refused, and what was accepted goes on.

use serde_json::{Value, json};

use super::set;
use crate::harness::Stage;

fn window(port: &str) -> Value {
    json!({ "port_id": port, "kind": "window", "mbps": 2000,
        "starts_at": "2026-03-20T18:00:00Z", "ends_at": "2026-03-20T22:00:00Z" })
}

async fn used_today(stage: &Stage) -> u64 {
    let limits = stage.reseller.client.get("/v1/limits").await.expect(200);
    limits["plugin_fuel_used_today"].as_u64().unwrap()
}

#[tokio::test]
async fn what_plugins_burn_is_counted_by_day_and_is_what_their_runs_say() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let before = used_today(&stage).await;
    assert!(before > 0, "uploads were tried");
    let quoted = stage.customer.client.post("/v1/quotes", window(&port)).await;
    quoted.expect(201);
    assert!(used_today(&stage).await > before);
    let mut superuser = stage.host.database.superuser().await;
    let runs: i64 = sqlx::query_scalar("select sum(fuel)::bigint from plugin_run")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(used_today(&stage).await, runs.unsigned_abs());
    let theirs = stage.customer.client.get("/v1/limits").await.expect(200);
    assert_eq!(theirs["plugin_fuel_used_today"], json!(null));
    stage.skip_to("2026-03-03T00:00:00Z");
    assert_eq!(used_today(&stage).await, 0);
}

#[tokio::test]
async fn a_reseller_sees_for_whom_its_plugins_burned_how_much_on_any_day() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let quoted = stage.customer.client.post("/v1/quotes", window(&port)).await;
    quoted.expect(201);
    let client = &stage.reseller.client;
    let uses = async |query: &str| client.get(&format!("/v1/plugin-use{query}")).await;
    let today = uses("").await.expect(200)["items"].as_array().unwrap().clone();
    let of = |tenant: &str| today.iter().find(|used| used["tenant_id"] == tenant).unwrap();
    let (house, customer) = (of(&stage.reseller.id), of(&stage.customer.id));
    assert_eq!(house["day"], "2026-03-02");
    let fuel = |used: &Value| used["fuel"].as_u64().unwrap();
    assert_eq!(fuel(house) + fuel(customer), used_today(&stage).await);
    let mut superuser = stage.host.database.superuser().await;
    for (used, tenant) in [(house, &stage.reseller.id), (customer, &stage.customer.id)] {
        let (calls, burned): (i64, i64) = sqlx::query_as(
            "select count(*), sum(fuel)::bigint from plugin_run where for_tenant_id::text = $1",
        )
        .bind(tenant)
        .fetch_one(&mut superuser)
        .await
        .unwrap();
        assert_eq!(used["calls"], calls, "{tenant}");
        assert_eq!(used["fuel"], burned, "{tenant}");
    }
    let first = uses("?limit=1").await.expect(200);
    let next = first["next"].as_str().unwrap();
    let second = uses(&format!("?limit=1&cursor={next}")).await.expect(200);
    assert_eq!([&first["items"][0], &second["items"][0]], [&today[0], &today[1]]);

    stage.skip_to("2026-03-03T00:00:00Z");
    assert_eq!(uses("").await.expect(200)["items"], json!([]));
    let yesterday = uses("?day=2026-03-02").await.expect(200);
    assert_eq!(yesterday["items"].as_array(), Some(&today));
    // A page of one day goes on with that day alone.
    uses(&format!("?cursor={next}"))
        .await
        .problem(400, "cursor_invalid");
    for wrong in ["?day=2026-02-30", "?day=yesterday", "?days=2"] {
        uses(wrong).await.problem(400, "query_unexpected");
    }
    let theirs = stage.customer.client.get("/v1/plugin-use").await;
    theirs.problem(403, "permission_missing");
}

#[tokio::test]
async fn past_the_budget_new_work_is_refused_and_accepted_work_comes_down_and_is_billed() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let change = stage
        .book(&port, 5000, "2026-03-02T18:00:00Z", "2026-03-02T22:00:00Z")
        .await;
    let limit = "plugin_fuel_per_day";
    set(&stage.host.operator("ada").await, &stage.reseller.id, limit, 1).await;
    let quote = async || stage.customer.client.post("/v1/quotes", window(&port)).await;
    let why = quote().await.problem(429, "plugin_budget_spent");
    assert!(
        why.contains("2026-03-03T00:00Z") && !why.contains("units"),
        "{why}"
    );
    let path = "/v1/plugins/more/releases";
    let upload = stage
        .reseller
        .client
        .upload(path, nexusport_plugins::PRICING_COMMITTED)
        .await;
    let why = upload.problem(429, "plugin_budget_spent");
    assert!(why.contains("of 1 units"), "{why}");
    // The window runs and comes back down on a spent budget, today and tomorrow.
    stage.go_to("2026-03-02T23:59:00Z").await;
    assert_eq!(stage.change(&change).await["return_leg"]["state"], "verified");
    quote().await.problem(429, "plugin_budget_spent");
    stage.go_to("2026-04-01T12:00:00Z").await;
    let run = json!({ "customer_id": stage.customer.id, "period": "2026-03" });
    let billed = stage.reseller.client.post("/v1/billing-runs", run.clone()).await;
    assert!(billed.status.is_success(), "{billed:?}");
    assert!(used_today(&stage).await > 1);
    let invoices = stage.customer.client.get("/v1/invoices").await.expect(200);
    let invoice = invoices["items"][0]["id"].as_str().unwrap();
    stage
        .customer
        .client
        .get(&format!("/v1/invoices/{invoice}/html"))
        .await
        .problem(429, "plugin_budget_spent");
    let full = stage
        .customer
        .client
        .get(&format!("/v1/invoices/{invoice}"))
        .await;
    let receipt = full.expect(200)["lines"][0]["receipt_id"].clone();
    let verify = format!("/v1/receipts/{}/verify", receipt.as_str().unwrap());
    stage
        .reseller
        .client
        .post(&verify, json!({}))
        .await
        .problem(429, "plugin_budget_spent");
    let raised = 1_000_000_000_000;
    set(
        &stage.host.operator("bob").await,
        &stage.reseller.id,
        limit,
        raised,
    )
    .await;
    stage.reseller.client.post(&verify, json!({})).await.expect(200);
}
