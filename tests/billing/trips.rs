//! Prices that are not believed: the activation is taken back before anybody is billed by it.

use nexusport::worker;
use serde_json::{Value, json};

use super::{APRIL, MAY, april, bill, facts::Delivered, invoice, unbranded};
use crate::harness::{Customer, Host, Pricing, Shop, text};

/// A customer to whom 1000 Mbps were delivered all April and May, at 0.40 a Mbps since April began.
async fn steady(host: &Host) -> (Shop, Customer) {
    let shop = unbranded(host, "northlight", Pricing::Committed).await;
    let customer = host.customer(&shop.reseller, "baker").await;
    Delivered::to(&customer.id, "uplink", 1000)
        .keep(host, &shop, &[(APRIL, "2026-05-31T22:00:00Z", 1000)])
        .await;
    (shop, customer)
}

/// Has this price serve from the first of May on.
async fn dearer(shop: &Shop, price: &str, trip: Value) {
    let activation = json!({
        "settings": { "price_per_mbps": price }, "effective_at": MAY, "trip": trip,
    });
    shop.activate("dearer", Pricing::Committed.component(), activation)
        .await;
}

fn to_june(host: &Host) {
    host.clock.set("2026-05-31T22:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn a_month_that_differs_too_much_is_not_billed_and_the_release_before_bills_it() {
    let host = april().await;
    let (shop, customer) = steady(&host).await;
    dearer(&shop, "0.50", json!({ "price": { "change_percent": 24 } })).await;
    to_june(&host);
    let client = &shop.reseller.client;
    let told = bill(client, &customer.id, "2026-05")
        .await
        .problem(409, "price_tripped");
    assert!(
        told.contains("500.00 instead of 400.00") && told.contains("24 percent"),
        "{told}"
    );
    for nothing in ["/v1/invoices", "/v1/billing-runs", "/v1/charges"] {
        assert_eq!(
            client.get(nothing).await.expect(200)["items"],
            json!([]),
            "{nothing}"
        );
    }
    let alerts = client.get("/v1/alerts").await.expect(200);
    assert_eq!(alerts["items"][0]["about"], "activation");
    let listed = client.get("/v1/activations").await.expect(200);
    let last = listed["items"].as_array().unwrap().last().unwrap();
    assert_eq!(last["withdrawal"]["reason"], "tripped");
    assert_eq!(invoice(client, &customer.id, "2026-05").await["total"], "400.00");
}

#[tokio::test]
async fn a_month_within_the_bounds_is_billed_and_later_months_are_not_judged() {
    let host = april().await;
    let (shop, customer) = steady(&host).await;
    let trip = json!({ "price": { "change_percent": 25, "least": "0", "most": "500" } });
    dearer(&shop, "0.50", trip).await;
    to_june(&host);
    let client = &shop.reseller.client;
    assert_eq!(invoice(client, &customer.id, "2026-05").await["total"], "500.00");

    // Since before April began: what the first month came to is long billed or was not judged then.
    let host = Host::start_at("2026-03-02T12:00:00Z".parse().unwrap()).await;
    let (shop, customer) = steady(&host).await;
    let trip = json!({ "settings": { "price_per_mbps": "0.50" }, "trip": { "price": { "most": "1" } } });
    shop.activate("dearer", Pricing::Committed.component(), trip)
        .await;
    to_june(&host);
    let client = &shop.reseller.client;
    assert_eq!(invoice(client, &customer.id, "2026-05").await["total"], "500.00");
}

#[tokio::test]
async fn a_total_past_its_bound_trips() {
    let host = april().await;
    let (shop, customer) = steady(&host).await;
    dearer(&shop, "0.50", json!({ "price": { "most": "499.99" } })).await;
    to_june(&host);
    let client = &shop.reseller.client;
    let told = bill(client, &customer.id, "2026-05")
        .await
        .problem(409, "price_tripped");
    assert!(told.contains("the most is 499.99"), "{told}");
    assert_eq!(invoice(client, &customer.id, "2026-05").await["total"], "400.00");
}

#[tokio::test]
async fn answers_that_break_a_rule_of_the_hosts_are_failed_calls() {
    let host = april().await;
    let (shop, customer) = steady(&host).await;
    // Past the digits that an amount can have at 999999999 a Mbps.
    Delivered::to(&customer.id, "thick", 5000)
        .keep(&host, &shop, &[(APRIL, "2026-05-31T22:00:00Z", 5000)])
        .await;
    let trip = json!({ "failures": { "percent": 50, "calls": 4, "hours": 2208 } });
    dearer(&shop, "999999999", trip).await;
    to_june(&host);
    let client = &shop.reseller.client;
    for _ in 0..2 {
        let refused = bill(client, &customer.id, "2026-05").await;
        refused.problem(422, "pricing_answer_invalid");
        worker::drain(&host.app).await.unwrap();
    }
    assert_eq!(invoice(client, &customer.id, "2026-05").await["total"], "2400.00");
}

#[tokio::test]
async fn a_month_that_a_release_began_and_somebody_took_back_is_billed_by_the_one_before() {
    let host = april().await;
    let (shop, customer) = steady(&host).await;
    dearer(&shop, "0.50", Value::Null).await;
    host.clock.set("2026-05-20T00:00:00Z".parse().unwrap());
    let client = &shop.reseller.client;
    let listed = client.get("/v1/activations").await.expect(200);
    let id = text(&listed["items"].as_array().unwrap().last().unwrap()["id"]);
    let path = format!("/v1/activations/{id}/withdraw");
    client.post(&path, json!({})).await.expect(200);
    to_june(&host);
    assert_eq!(invoice(client, &customer.id, "2026-05").await["total"], "400.00");
}
