//! What is billed of a port whose carrier changed it by itself: never more than was asked for, and never more than was there.

use chrono::TimeDelta;
use serde_json::json;

use super::{APRIL, MAY, april, invoice};
use crate::harness::{Pricing, text};

#[tokio::test]
async fn more_than_was_asked_for_is_billed_to_no_customer_and_less_as_it_is() {
    let host = april().await;
    let carrier = host.carrier().await;
    let shop = host.shop("northlight", Pricing::Committed, &carrier).await;
    let customer = host.customer(&shop.reseller, "baker").await;
    let port = shop.port(&host, &carrier, &customer, "uplink", 1000).await;
    let read = format!("/v1/ports/{port}/observations");
    for (day, mbps) in [("10", 3000), ("15", 1000), ("20", 250), ("25", 1000)] {
        let at = format!("2026-04-{day}T00:00:00Z");
        host.pass(&carrier, at.parse().unwrap()).await;
        carrier.control().drift("uplink", mbps).unwrap();
        host.wait(&carrier, TimeDelta::hours(1)).await;
        shop.reseller.client.post(&read, json!({})).await.expect(202);
        host.wait(&carrier, TimeDelta::hours(1)).await;
    }
    host.pass(&carrier, MAY.parse().unwrap()).await;
    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    let lines: Vec<_> = invoice["lines"].as_array().unwrap().iter().collect();
    let spans: Vec<_> = lines
        .iter()
        .map(|line| (text(&line["from"]), text(&line["to"])))
        .collect();
    let [low, back] = ["2026-04-20T00:00:00Z", "2026-04-25T00:00:00Z"].map(str::to_owned);
    assert_eq!(
        spans,
        [
            (APRIL.to_owned(), low.clone()),
            (low, back.clone()),
            (back, MAY.to_owned())
        ]
    );
    // 0.40 a Mbps for 720 hours: 250 Mbps for 120 of them, 1000 for the others.
    let amounts: Vec<_> = lines.iter().map(|line| text(&line["amount"])).collect();
    assert_eq!(amounts, ["254.44", "16.67", "78.89"]);
}
