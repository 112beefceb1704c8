//! From a booked window to a line on the bill, over the simulated carrier: what is billed is what was read back.

use nexusport::{app::Timestamp, billing::money};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{MAY, april, invoice};
use crate::harness::{Pricing, text};

#[tokio::test]
async fn what_was_verified_is_billed_to_the_millisecond() {
    let host = april().await;
    let carrier = host.carrier().await;
    let shop = host.shop("northlight", Pricing::Committed, &carrier).await;
    let customer = host.customer(&shop.reseller, "baker").await;
    let port = shop.port(&host, &carrier, &customer, "uplink", 1000).await;
    let (from, to) = ("2026-04-15T16:00:00Z", "2026-04-15T20:00:00Z");
    let booked = customer.book(&port, 5000, from, to).await;
    host.pass(&carrier, MAY.parse().unwrap()).await;
    let change = format!("/v1/bandwidth-changes/{}", text(&booked["id"]));
    assert_eq!(
        customer.client.get(&change).await.expect(200)["state"],
        "verified"
    );

    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    let intervals = customer
        .client
        .get(&format!("/v1/ports/{port}/intervals"))
        .await
        .expect(200);
    let intervals = intervals["items"].as_array().unwrap();
    let lines = invoice["lines"].as_array().unwrap();
    assert_eq!((intervals.len(), lines.len()), (3, 3));
    let mut exact = Vec::new();
    for (line, interval) in lines.iter().zip(intervals) {
        let end = match &interval["ends_at"] {
            Value::Null => &json!(MAY),
            end => end,
        };
        assert_eq!((&line["from"], &line["to"]), (&interval["starts_at"], end));
        exact.push(committed(interval["mbps"].as_i64().unwrap(), &line["from"], end));
    }
    let (amounts, total) = money::bill(exact, "EUR");
    let billed: Vec<_> = lines.iter().map(|line| text(&line["amount"])).collect();
    assert_eq!(billed, amounts.iter().map(Decimal::to_string).collect::<Vec<_>>());
    assert_eq!(text(&invoice["total"]), total.to_string());
    assert_eq!(intervals[1]["mbps"], 5000);
}

/// 0.40 a Mbps for April's 720 hours.
fn committed(mbps: i64, from: &Value, to: &Value) -> Decimal {
    let at = |time: &Value| text(time).parse::<Timestamp>().unwrap().timestamp_millis();
    let millis = at(to) - at(from);
    Decimal::new(40, 2) * Decimal::from(mbps) * Decimal::from(millis) / Decimal::from(720 * 3_600_000_i64)
}
