//! Which release prices a month, and to what total.

use nexusport::app::Timestamp;
use serde_json::json;

use super::{APRIL, MAY, april, bill, bursting, facts::Delivered, invoice, to_may, unbranded};
use crate::harness::{Host, Pricing, text};

/// 0.40 x (1000 x 354 + 5000 x 4 + 1000 x 362) / 720, each line rounded: 196.67 + 11.11 + 201.11.
const COMMITTED: &str = "408.89";
/// 0.30 x 1000 for the month, as 147.50 + 1.67 + 150.83, and 4000 x 0.004 x 4 hours.
const BURST: &str = "364.00";

#[tokio::test]
async fn each_resellers_facts_cost_the_others_total_under_the_others_rule() {
    let host = april().await;
    let mut bills = Vec::new();
    for (slug, own, total, other, others_total) in [
        ("northlight", Pricing::Committed, COMMITTED, Pricing::Burst, BURST),
        ("harbour", Pricing::Burst, BURST, Pricing::Committed, COMMITTED),
    ] {
        let shop = unbranded(&host, slug, own).await;
        let first = bursting(&host, &shop, "first").await;
        let second = bursting(&host, &shop, "second").await;
        let activation = json!({ "settings": other.settings(), "customer_ids": [second.id] });
        shop.activate("others", other.component(), activation).await;
        let client = shop.reseller.client;
        bills.extend([
            (client.clone(), first.id, total),
            (client, second.id, others_total),
        ]);
    }
    to_may(&host);
    for (client, customer_id, total) in bills {
        let invoice = invoice(&client, &customer_id, "2026-04").await;
        assert_eq!(invoice["total"], total, "{invoice}");
    }
}

#[tokio::test]
async fn an_activation_within_a_month_prices_the_next_month() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let customer = host.customer(&shop.reseller, "baker").await;
    Delivered::to(&customer.id, "uplink", 1000)
        .keep(&host, &shop, &[(APRIL, "2026-05-31T22:00:00Z", 1000)])
        .await;
    let dearer = json!({ "settings": { "price_per_mbps": "0.50" }, "effective_at": "2026-04-10T00:00:00Z" });
    shop.activate("dearer", Pricing::Committed.component(), dearer)
        .await;
    host.clock.set("2026-05-31T22:00:00Z".parse().unwrap());
    for (period, total) in [("2026-04", "400.00"), ("2026-05", "500.00")] {
        let invoice = invoice(&shop.reseller.client, &customer.id, period).await;
        assert_eq!(invoice["total"], total, "{period}");
    }
}

#[tokio::test]
async fn a_houses_first_month_is_priced_by_the_first_release_that_served_in_it() {
    let host = Host::start_at("2026-04-10T00:00:00Z".parse().unwrap()).await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let dearer = json!({ "settings": { "price_per_mbps": "0.50" }, "effective_at": "2026-04-20T00:00:00Z" });
    shop.activate("dearer", Pricing::Committed.component(), dearer)
        .await;
    let customer = host.customer(&shop.reseller, "baker").await;
    Delivered::to(&customer.id, "uplink", 1000)
        .keep(&host, &shop, &[("2026-04-15T22:00:00Z", MAY, 1000)])
        .await;
    to_may(&host);
    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    assert_eq!(invoice["total"], "200.00");
}

#[tokio::test]
async fn a_month_with_a_clock_change_costs_a_month() {
    let march: Timestamp = "2026-02-28T23:00:00Z".parse().unwrap();
    let host = Host::start_at(march).await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let customer = host.customer(&shop.reseller, "baker").await;
    Delivered::to(&customer.id, "uplink", 1000)
        .keep(&host, &shop, &[("2026-02-28T23:00:00Z", MAY, 1000)])
        .await;
    host.clock.set(APRIL.parse().unwrap());
    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-03").await;
    assert_eq!(invoice["total"], "400.00");
    let explanation = text(&invoice["lines"][0]["explanation"]);
    assert!(
        explanation.ends_with("for 743 of the period's 743 hours"),
        "{explanation}"
    );
}

#[tokio::test]
async fn a_currency_without_minor_units_is_billed_in_whole_units() {
    let host = Host::start_at("2026-03-31T15:00:00Z".parse().unwrap()).await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let customer = json!({ "slug": "edo", "name": "Edo", "currency": "JPY", "time_zone": "Asia/Tokyo" });
    let customer = shop
        .reseller
        .client
        .post("/v1/customers", customer)
        .await
        .expect(201);
    // 0.40 x 1000 x 5 h / 720 h = 2.777777778, and 2.222222222 for 4 hours.
    let stretches = [
        ("2026-03-31T15:00:00Z", "2026-03-31T20:00:00Z", 1000),
        ("2026-04-02T00:00:00Z", "2026-04-02T04:00:00Z", 1000),
    ];
    Delivered::to(&text(&customer["id"]), "uplink", 1000)
        .keep(&host, &shop, &stretches)
        .await;
    to_may(&host);
    let run = bill(&shop.reseller.client, &text(&customer["id"]), "2026-04")
        .await
        .expect(201);
    let path = format!("/v1/invoices/{}", text(&run["invoice_id"]));
    let invoice = shop.reseller.client.get(&path).await.expect(200);
    let amounts: Vec<_> = invoice["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["amount"])
        .collect();
    assert_eq!(amounts, ["3", "2"]);
    assert_eq!(
        (&invoice["total"], &invoice["currency"]),
        (&json!("5"), &json!("JPY"))
    );
}
