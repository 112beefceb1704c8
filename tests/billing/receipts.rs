//! Receipts: who reads what of them, and what running them again shows.

use nexusport::{app::Timestamp, billing::money};
use rust_decimal::Decimal;
use serde_json::json;

use super::{APRIL, april, bursting, facts::Delivered, invoice, seller, to_may};
use crate::harness::{Pricing, text};

#[tokio::test]
async fn a_receipt_verifies_until_anything_of_it_is_changed() {
    let host = april().await;
    let shop = seller(&host, "northlight", Pricing::Committed).await;
    let customer = bursting(&host, &shop, "baker").await;
    to_may(&host);
    let client = &shop.reseller.client;
    let invoice = invoice(client, &customer.id, "2026-04").await;
    let line = &invoice["lines"][0];
    let path = format!("/v1/receipts/{}", text(&line["receipt_id"]));
    let receipt = client.get(&path).await.expect(200);
    assert_eq!(receipt["digest"], line["digest"]);
    assert_eq!(receipt["input"]["settings"], r#"{"price_per_mbps":"0.40"}"#);
    assert_eq!(receipt["input"]["facts"][1]["interval"]["mbps"], 5000);
    assert_eq!(receipt["output"]["charges"][1]["amount"], "11.111111111");

    let verify = format!("{path}/verify");
    let matches =
        |answer: serde_json::Value| (answer["matches"].as_bool().unwrap(), answer["digest"].clone());
    let digest = line["digest"].clone();
    let verified = client.post(&verify, json!({})).await.expect(200);
    assert_eq!(matches(verified), (true, digest.clone()));

    // Nobody the host can be may do this; whoever has the database's files could.
    let mut conn = host.database.superuser().await;
    for (change, expect) in [
        // The price is the same in Berlin, and yet it is not what was priced.
        (
            "update receipt set input = jsonb_set(input, '{time_zone}', '\"Europe/Berlin\"')",
            false,
        ),
        (
            "update receipt set input = jsonb_set(input, '{time_zone}', '\"Europe/Vienna\"')",
            true,
        ),
        (
            "update receipt set input = jsonb_set(input, '{facts,1,interval,mbps}', '4000')",
            false,
        ),
        (
            "update receipt set input = jsonb_set(input, '{facts,1,interval,mbps}', '5000')",
            true,
        ),
        ("update receipt set output_hash = input_hash", false),
    ] {
        sqlx::query(change).execute(&mut conn).await.unwrap();
        let verified = client.post(&verify, json!({})).await.expect(200);
        assert_eq!(matches(verified), (expect, digest.clone()), "{change}");
    }
    let events = client
        .get("/v1/audit-events?action=receipt.verify")
        .await
        .expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_customer_reads_what_was_charged_and_not_the_settings_that_made_it() {
    let host = april().await;
    let shop = seller(&host, "northlight", Pricing::Committed).await;
    let customer = bursting(&host, &shop, "baker").await;
    to_may(&host);
    let invoice = invoice(&shop.reseller.client, &customer.id, "2026-04").await;
    let path = format!("/v1/receipts/{}", text(&invoice["lines"][0]["receipt_id"]));
    let receipt = customer.client.get(&path).await.expect(200);
    assert_eq!(receipt["input"], json!(null));
    assert_eq!(receipt["output"]["charges"].as_array().unwrap().len(), 3);
    assert_eq!(receipt["input_hash"].as_str().unwrap().len(), 64);
    let refused = customer.client.post(&format!("{path}/verify"), json!({})).await;
    refused.problem(403, "permission_missing");
}

#[tokio::test]
async fn a_period_priced_again_from_its_receipts_is_the_same_invoice() {
    let host = april().await;
    let shop = seller(&host, "harbour", Pricing::Burst).await;
    let customer = bursting(&host, &shop, "baker").await;
    let second = [(APRIL, "2026-04-07T03:14:15.926Z", 2000)];
    Delivered::to(&customer.id, "backup", 1000)
        .keep(&host, &shop, &second)
        .await;
    to_may(&host);
    let client = &shop.reseller.client;
    let invoice = invoice(client, &customer.id, "2026-04").await;
    let page = format!("/v1/invoices/{}/html", text(&invoice["id"]));
    let first_look = client.get(&page).await.bytes;

    let lines = invoice["lines"].as_array().unwrap();
    let mut receipts: Vec<_> = lines.iter().map(|line| text(&line["receipt_id"])).collect();
    receipts.dedup();
    assert_eq!((lines.len(), receipts.len()), (6, 2));
    let mut replayed = Vec::new();
    for id in receipts {
        let verified = client.post(&format!("/v1/receipts/{id}/verify"), json!({})).await;
        assert_eq!(verified.expect(200)["matches"], true);
        // What it gave again is what it gave: the hashes are those of the whole answers.
        let receipt = client.get(&format!("/v1/receipts/{id}")).await.expect(200);
        replayed.extend(receipt["output"]["charges"].as_array().unwrap().clone());
    }
    let exact: Vec<Decimal> = replayed
        .iter()
        .map(|charge| text(&charge["amount"]).parse().unwrap())
        .collect();
    let (amounts, total) = money::bill(exact, "EUR");
    assert_eq!(text(&invoice["total"]), total.to_string());
    for ((line, charge), amount) in lines.iter().zip(&replayed).zip(amounts) {
        for field in [
            "code",
            "description",
            "explanation",
            "quantity",
            "unit",
            "unit_price",
        ] {
            assert_eq!(line[field], charge[field], "{field}");
        }
        let at = |field: &str| {
            text(&line[field])
                .parse::<Timestamp>()
                .unwrap()
                .timestamp_millis()
        };
        assert_eq!(
            (at("from"), at("to")),
            (charge["start"].as_i64().unwrap(), charge["end"].as_i64().unwrap())
        );
        assert_eq!(
            (&line["exact_amount"], text(&line["amount"])),
            (&charge["amount"], amount.to_string())
        );
    }
    assert_eq!(client.get(&page).await.bytes, first_look);
}
