//! What becomes of bills and quotes where the price fails: as its reseller set it.

use nexusport_plugins::hostile;
use serde_json::{Value, json};

use super::{APRIL, MAY, april, bill, bursting, facts::Delivered, invoice, to_may, unbranded};
use crate::harness::{Client, Customer, Host, Pricing, Shop, Stage, text};

/// A customer to whom 1000 Mbps were delivered in April and May, at 0.40 a Mbps, and by a price that panics from May on.
async fn falling_over() -> (Host, Shop, Customer) {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let customer = host.customer(&shop.reseller, "baker").await;
    Delivered::to(&customer.id, "uplink", 1000)
        .keep(&host, &shop, &[(APRIL, "2026-05-31T22:00:00Z", 1000)])
        .await;
    let stumbles = json!({ "settings": { "stumble": true }, "effective_at": MAY });
    shop.activate("stumbles", hostile::STUMBLES, stumbles).await;
    host.clock.set("2026-05-31T22:00:00Z".parse().unwrap());
    (host, shop, customer)
}

async fn want(client: &Client, pricing: &str) {
    let path = "/v1/settings/plugin_failures";
    let put = client.put(path, json!({ "pricing": pricing })).await;
    assert!(put.status.is_success(), "{put:?}");
}

async fn alerts(client: &Client) -> Vec<Value> {
    let listed = client.get("/v1/alerts").await.expect(200);
    listed["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_bill_whose_price_fails_is_refused_or_held_and_nothing_of_it_is_kept() {
    let (_host, shop, customer) = falling_over().await;
    let client = &shop.reseller.client;
    bill(client, &customer.id, "2026-05")
        .await
        .problem(422, "plugin_panicked");
    assert_eq!(alerts(client).await, Vec::<Value>::new(), "whoever asked is told");
    want(client, "hold").await;
    for _ in 0..2 {
        let held = bill(client, &customer.id, "2026-05").await;
        held.problem(422, "plugin_panicked");
    }
    let alerts = alerts(client).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["about"], "activation");
    let said = text(&alerts[0]["text"]);
    assert!(
        said.contains("could not be billed") && said.contains("panicked"),
        "{said}"
    );
    for nothing in ["/v1/invoices", "/v1/billing-runs", "/v1/charges"] {
        let listed = client.get(nothing).await.expect(200);
        assert_eq!(listed["items"], json!([]), "{nothing}");
    }
    // A month that another price served is billed as ever.
    assert_eq!(invoice(client, &customer.id, "2026-04").await["total"], "400.00");
}

#[tokio::test]
async fn a_bill_whose_price_fails_is_made_by_the_release_before_where_the_reseller_wants_that() {
    let (_host, shop, customer) = falling_over().await;
    let client = &shop.reseller.client;
    want(client, "last_good").await;
    let billed = invoice(client, &customer.id, "2026-05").await;
    assert_eq!(billed["total"], "400.00");
    let before = invoice(client, &customer.id, "2026-04").await;
    assert_eq!(billed["lines"][0]["digest"], before["lines"][0]["digest"]);
    let verify = format!("/v1/receipts/{}/verify", text(&billed["lines"][0]["receipt_id"]));
    let verified = client.post(&verify, json!({})).await.expect(200);
    assert_eq!(verified["matches"], json!(true), "{verified}");
    let alerts = alerts(client).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(
        text(&alerts[0]["text"]).contains("the release before"),
        "{alerts:?}"
    );
}

#[tokio::test]
async fn where_nothing_served_before_a_failed_price_bills_nobody() {
    let host = april().await;
    let reseller = host.reseller("northlight").await;
    let shop = Shop {
        carrier_id: text(
            &reseller
                .client
                .post("/v1/carriers", json!({ "name": "metro-net" }))
                .await
                .expect(201)["id"],
        ),
        reseller,
    };
    let stumbles = json!({ "settings": { "stumble": true } });
    shop.activate("stumbles", hostile::STUMBLES, stumbles).await;
    let customer = host.customer(&shop.reseller, "baker").await;
    Delivered::to(&customer.id, "uplink", 1000)
        .keep(&host, &shop, &[(APRIL, MAY, 1000)])
        .await;
    host.clock.set(MAY.parse().unwrap());
    let client = &shop.reseller.client;
    want(client, "last_good").await;
    let refused = bill(client, &customer.id, "2026-04").await;
    refused.problem(422, "plugin_panicked");
    assert_eq!(alerts(client).await.len(), 1);
}

#[tokio::test]
async fn a_quote_whose_price_fails_is_refused_or_made_by_the_release_before() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let ask = || {
        let wish = json!({ "port_id": port, "kind": "window", "mbps": 5000,
            "starts_at": "2026-04-03T18:00:00Z", "ends_at": "2026-04-03T22:00:00Z" });
        stage.customer.client.post("/v1/quotes", wish)
    };
    let good = ask().await.expect(201);
    let shop = Shop {
        reseller: stage.reseller.clone(),
        carrier_id: stage.carrier_id.clone(),
    };
    let stumbles = json!({ "settings": { "stumble": true } });
    shop.activate("stumbles", hostile::STUMBLES, stumbles).await;
    for refusing in ["refuse", "hold"] {
        want(&stage.reseller.client, refusing).await;
        ask().await.problem(422, "plugin_panicked");
    }
    want(&stage.reseller.client, "last_good").await;
    let instead = ask().await.expect(201);
    for field in ["amount", "digest", "lines"] {
        assert_eq!(instead[field], good[field], "{field}");
    }
}

#[tokio::test]
async fn an_invoice_whose_brand_fails_is_shown_plain() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let mood = json!({ "settings": { "mood": "dark" } });
    shop.activate("sulks", hostile::SULKS, mood).await;
    let customer = bursting(&host, &shop, "baker").await;
    to_may(&host);
    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    let path = format!("/v1/invoices/{}/html", text(&invoice["id"]));
    let page = customer.client.get(&path).await;
    assert_eq!(page.status, 200);
    let said = String::from_utf8(page.bytes).unwrap();
    assert!(said.contains("INV-000001") && said.contains("408.89"), "{said}");
}
