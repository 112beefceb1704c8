//! The one question (C21): can a new reseller, and a new customer under it, come all the way by itself?

use crate::harness::{Client, Customer, Host, Pricing, Shop, text};
use nexusport_simulator::Simulator;
use serde_json::{Value, json};

#[tokio::test]
async fn a_reseller_and_its_customers_come_from_sign_up_to_an_invoice_with_nobodys_help() {
    let host = Host::start_at("2026-02-27T09:00:00Z".parse().unwrap()).await;
    let carrier = host.carrier().await;
    let shop = host.shop("northlight", Pricing::Committed, &carrier).await;
    let roles = items(&shop.reseller.client, "/v1/roles").await;
    assert_eq!(
        roles[0]["name"], "owner",
        "a reseller starts with a role that may do everything"
    );
    // The second customer comes the way of the first, on the same host.
    for (slug, reference, month) in [("alpine", "a-1", "2026-03"), ("danube", "d-1", "2026-04")] {
        let customer = host.customer(&shop.reseller, slug).await;
        let roles = items(&customer.client, "/v1/roles").await;
        assert_eq!(roles[0]["name"], "owner");
        window(&host, &carrier, &shop, &customer, reference, month).await;
        invoiced(&shop, &customer, reference, month).await;
    }
    // Nobody but those two sides did anything.
    let actors = items(&shop.reseller.client, "/v1/audit-events?limit=200").await;
    let mut actors = actors.iter().map(|event| text(&event["actor_kind"]));
    assert!(actors.all(|actor| ["user", "api_key", "system"].contains(&actor.as_str())));
}

/// A port of the customer is up for an evening and down again, as the carrier shows, and the month is over.
async fn window(
    host: &Host,
    carrier: &Simulator,
    shop: &Shop,
    customer: &Customer,
    reference: &str,
    month: &str,
) {
    let port = shop.port(host, carrier, customer, reference, 1000).await;
    let (from, to) = (format!("{month}-10T18:00:00Z"), format!("{month}-10T22:00:00Z"));
    let change = customer.book(&port, 5000, &from, &to).await;
    host.pass(carrier, format!("{month}-10T20:00:00Z").parse().unwrap())
        .await;
    let path = format!("/v1/ports/{port}");
    assert_eq!(
        customer.client.get(&path).await.expect(200)["observed_mbps"],
        5000,
        "seen up"
    );
    let after = if month == "2026-03" {
        "2026-04-01T09:00:00Z"
    } else {
        "2026-05-01T09:00:00Z"
    };
    host.pass(carrier, after.parse().unwrap()).await;
    assert_eq!(
        customer.client.get(&path).await.expect(200)["observed_mbps"],
        1000,
        "seen down"
    );
    let path = format!("/v1/bandwidth-changes/{}", text(&change["id"]));
    let change = customer.client.get(&path).await.expect(200);
    assert_eq!(
        (&change["state"], &change["return_leg"]["state"]),
        (&json!("verified"), &json!("verified"))
    );
}

/// The reseller bills the month, and the customer reads the invoice, line by line and as a page.
async fn invoiced(shop: &Shop, customer: &Customer, reference: &str, month: &str) {
    let run = json!({ "customer_id": customer.id, "period": month });
    let run = shop.reseller.client.post("/v1/billing-runs", run).await;
    assert!(run.status.is_success(), "{run:?}");
    let id = text(&items(&customer.client, "/v1/invoices").await[0]["id"]);
    let path = format!("/v1/invoices/{id}");
    let invoice = customer.client.get(&path).await.expect(200);
    let lines = invoice["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 3, "before, during and after the window");
    assert!(lines.iter().all(|line| line["port"] == reference));
    assert_eq!(customer.client.get(&format!("{path}/html")).await.status, 200);
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"]
        .as_array()
        .unwrap()
        .clone()
}
