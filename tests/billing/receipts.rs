//! Receipts: who reads what of them, and what running them again shows.

use serde_json::json;

use super::{april, bursting, invoice, seller, to_may};
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
    for change in [
        "update receipt set input = jsonb_set(input, '{facts,1,interval,mbps}', '4000')",
        "update receipt set input = jsonb_set(input, '{facts,1,interval,mbps}', '5000'), output_hash = '\\x00'",
    ] {
        sqlx::query(change).execute(&mut conn).await.unwrap();
        let verified = client.post(&verify, json!({})).await.expect(200);
        assert_eq!(matches(verified), (false, digest.clone()), "{change}");
    }
    let events = client
        .get("/v1/audit-events?action=receipt.verify")
        .await
        .expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 3);
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
