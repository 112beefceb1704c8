//! Who sees an invoice, and how it looks.

use serde_json::json;
use uuid::Uuid;

use super::{APRIL, april, bursting, facts::Delivered, invoice, seller, to_may, unbranded};
use crate::harness::{Answer, Pricing, text};

#[tokio::test]
async fn a_line_names_the_port_the_interval_the_price_and_the_digest() {
    let host = april().await;
    let shop = seller(&host, "northlight", Pricing::Committed).await;
    let customer = bursting(&host, &shop, "baker").await;
    to_may(&host);
    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    let release = shop
        .reseller
        .client
        .get("/v1/plugins/pricing/releases")
        .await
        .expect(200);
    let line = &invoice["lines"][1];
    let expect = json!({
        "n": 2, "charge_id": line["charge_id"], "receipt_id": line["receipt_id"], "port_id": line["port_id"],
        "port": "uplink", "from": "2026-04-15T16:00:00Z", "to": "2026-04-15T20:00:00Z", "code": "bandwidth",
        "description": "Bandwidth, 5000 Mbps",
        "explanation": "5000 Mbps at 0.4 EUR per Mbps and billing period, for 4 of the period's 720 hours",
        "quantity": "27.777777778", "unit": "Mbps period", "unit_price": "0.4", "exact_amount": "11.111111111",
        "amount": "11.11", "digest": release["items"][0]["digest"],
    });
    assert_eq!(*line, expect);
    assert_eq!(
        (&invoice["buyer"], &invoice["seller_id"]),
        (&json!("baker"), &json!(shop.reseller.id))
    );
    let path = format!("/v1/charges?port_id={}", text(&line["port_id"]));
    let charges = shop.reseller.client.get(&path).await.expect(200);
    assert_eq!(charges["items"][1]["amount"], "11.111111111");
    assert_eq!(charges["items"][1]["id"], line["charge_id"]);
    let none = shop
        .reseller
        .client
        .get(&format!("/v1/charges?port_id={}", Uuid::nil()))
        .await;
    assert_eq!(none.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_customer_sees_its_own_invoice_and_nobody_elses() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let other = unbranded(&host, "harbour", Pricing::Burst).await;
    let mine = bursting(&host, &shop, "baker").await;
    let sibling = bursting(&host, &shop, "holmes").await;
    let stranger = bursting(&host, &other, "watson").await;
    to_may(&host);
    let invoice_of_mine = invoice(&shop.reseller.client, &mine.id, "2026-04").await;
    let strange = [
        invoice(&shop.reseller.client, &sibling.id, "2026-04").await,
        invoice(&other.reseller.client, &stranger.id, "2026-04").await,
    ];

    let own = format!("/v1/invoices/{}", text(&invoice_of_mine["id"]));
    assert_eq!(mine.client.get(&own).await.expect(200), invoice_of_mine);
    for (list, count) in [("invoices", 1), ("billing-runs", 1), ("charges", 3)] {
        let items = mine.client.get(&format!("/v1/{list}")).await.expect(200);
        let items = items["items"].as_array().unwrap();
        assert_eq!(items.len(), count, "{list}");
        assert!(
            items.iter().all(|item| item["buyer_id"] == json!(mine.id)),
            "{list}"
        );
    }
    let nothing = Uuid::nil();
    for invoice in &strange {
        let receipt = text(&invoice["lines"][0]["receipt_id"]);
        let invoice = text(&invoice["id"]);
        for (path, unknown) in [
            (
                format!("/v1/invoices/{invoice}"),
                format!("/v1/invoices/{nothing}"),
            ),
            (
                format!("/v1/invoices/{invoice}/html"),
                format!("/v1/invoices/{nothing}/html"),
            ),
            (
                format!("/v1/receipts/{receipt}"),
                format!("/v1/receipts/{nothing}"),
            ),
        ] {
            let (strange, unknown) = (mine.client.get(&path).await, mine.client.get(&unknown).await);
            strange.problem(404, "not_found");
            assert_eq!(strange.bytes, unknown.bytes);
        }
    }
}

#[tokio::test]
async fn an_invoice_page_shows_its_sellers_brand_and_no_other() {
    let host = april().await;
    let brands = [
        (
            "northlight",
            Pricing::Committed,
            ["Northlight Networks", "#0b3d91", "Invoice INV-000001"],
        ),
        (
            "harbour",
            Pricing::Burst,
            ["Harbour Connect", "#8a3b12", "Bill INV-000001"],
        ),
    ];
    let mut pages = Vec::new();
    for (slug, pricing, _) in brands {
        let shop = seller(&host, slug, pricing).await;
        let customer = host.customer(&shop.reseller, "buyer").await;
        let day = [(APRIL, "2026-04-01T22:00:00Z", 1000)];
        Delivered::to(&customer.id, "uplink", 1000)
            .keep(&host, &shop, &day)
            .await;
        pages.push((shop, customer));
    }
    to_may(&host);
    for (n, (shop, customer)) in pages.iter().enumerate() {
        let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
        let path = format!("/v1/invoices/{}/html", text(&invoice["id"]));
        // What is activated later dresses later invoices.
        let others = [
            nexusport_plugins::BRAND_HARBOUR,
            nexusport_plugins::BRAND_NORTHLIGHT,
        ][n];
        shop.activate("brand", others, json!({ "settings": {} })).await;
        let page = customer.client.get(&path).await;
        assert_eq!(page.bytes, shop.reseller.client.get(&path).await.bytes);
        let said = everything(&page);
        for own in brands[n].2 {
            assert!(said.contains(own), "{own} is not in {said}");
        }
        assert!(said.contains(invoice["lines"][0]["digest"].as_str().unwrap()));
        for foreign in brands[1 - n]
            .2
            .into_iter()
            .take(2)
            .chain(["nexusport", "NexusPort"])
        {
            assert!(!said.contains(foreign), "{foreign} is in {said}");
        }
    }
}

#[tokio::test]
async fn a_page_without_a_brand_is_plain_and_every_page_is_inert() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let customer = bursting(&host, &shop, "baker").await;
    to_may(&host);
    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    let page = customer
        .client
        .get(&format!("/v1/invoices/{}/html", text(&invoice["id"])))
        .await;
    page_is_inert(&page);
    let said = everything(&page).to_lowercase();
    assert!(
        said.contains("<h1>invoice inv-000001</h1>") && said.contains("408.89 eur"),
        "{said}"
    );
    for name in ["nexusport", "northlight", "harbour"] {
        assert!(!said.contains(name), "{name} is in {said}");
    }
}

fn page_is_inert(page: &Answer) {
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
}

/// Headers and body, as they came.
fn everything(page: &Answer) -> String {
    let body = String::from_utf8(page.bytes.clone()).unwrap();
    format!("{:?}\n{body}", page.headers)
}
