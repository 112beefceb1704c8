//! The one question (C21): can a new reseller, and a new customer under it, come all the way by itself?

use serde_json::json;

use crate::harness::{Host, Pricing, text};

#[tokio::test]
async fn a_reseller_and_its_customer_come_from_sign_up_to_an_invoice_with_nobodys_help() {
    let host = Host::start_at("2026-02-27T09:00:00Z".parse().unwrap()).await;
    let carrier = host.carrier().await;
    let shop = host.shop("northlight", Pricing::Committed, &carrier).await;
    let customer = host.customer(&shop.reseller, "alpine").await;
    let port = shop.port(&host, &carrier, &customer, "a-1", 1000).await;
    let change = customer
        .book(&port, 5000, "2026-03-10T18:00:00Z", "2026-03-10T22:00:00Z")
        .await;
    host.pass(&carrier, "2026-04-01T09:00:00Z".parse().unwrap()).await;
    let change = customer
        .client
        .get(&format!("/v1/bandwidth-changes/{}", text(&change["id"])))
        .await
        .expect(200);
    assert_eq!(
        (&change["state"], &change["return_leg"]["state"]),
        (&json!("verified"), &json!("verified"))
    );
    let run = json!({ "customer_id": customer.id, "period": "2026-03" });
    assert!(
        shop.reseller
            .client
            .post("/v1/billing-runs", run)
            .await
            .status
            .is_success()
    );
    let invoices = customer.client.get("/v1/invoices").await.expect(200);
    let invoice = customer
        .client
        .get(&format!("/v1/invoices/{}", text(&invoices["items"][0]["id"])))
        .await
        .expect(200);
    let lines = invoice["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 3, "before, during and after the window");
    assert!(lines.iter().all(|line| line["port"] == "a-1"));
    // Nobody but the two of them did anything.
    let events = shop
        .reseller
        .client
        .get("/v1/audit-events?limit=200")
        .await
        .expect(200);
    let actors = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(&event["actor_kind"]));
    assert!(
        actors
            .into_iter()
            .all(|actor| ["user", "api_key", "system"].contains(&actor.as_str()))
    );
}
