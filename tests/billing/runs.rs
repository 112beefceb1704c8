//! When a month can be billed, and how often.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;

use super::{MAY, april, bill, bursting, facts::Delivered, invoice, seller, to_may, unbranded};
use crate::harness::{Pricing, text};

#[tokio::test]
async fn a_month_is_billed_once_however_often_it_is_asked_for() {
    let host = april().await;
    let shop = seller(&host, "northlight", Pricing::Committed).await;
    let customer = bursting(&host, &shop, "baker").await;
    let client = &shop.reseller.client;

    host.clock
        .set(MAY.parse::<nexusport::app::Timestamp>().unwrap() - chrono::TimeDelta::milliseconds(1));
    let detail = bill(client, &customer.id, "2026-04")
        .await
        .problem(409, "period_not_over");
    assert!(
        detail.contains("2026-04") && detail.contains("2026-04-30 22:00:00"),
        "{detail}"
    );

    to_may(&host);
    let first = bill(client, &customer.id, "2026-04").await.expect(201);
    let again = bill(client, &customer.id, "2026-04").await.expect(200);
    assert_eq!(first, again);
    assert_eq!(
        (&first["period"], &first["level"]),
        (&json!("2026-04"), &json!("retail"))
    );
    for (list, count) in [("billing-runs", 1), ("invoices", 1), ("charges", 3)] {
        let items = client.get(&format!("/v1/{list}")).await.expect(200);
        assert_eq!(items["items"].as_array().unwrap().len(), count, "{list}");
    }
}

#[tokio::test]
async fn numbers_have_no_gaps_whoever_is_faster_and_whatever_fails() {
    let host = april().await;
    let shop = seller(&host, "northlight", Pricing::Committed).await;
    let other = unbranded(&host, "harbour", Pricing::Burst).await;
    let mut customers = Vec::new();
    for n in 0..6 {
        customers.push(bursting(&host, &shop, &format!("customer-{n}")).await);
    }
    // One whose price is past every limit: its runs fail after the others' began.
    let dear = host.customer(&shop.reseller, "dear").await;
    Delivered::to(&dear.id, "uplink", 5000)
        .keep(&host, &shop, &[(super::APRIL, MAY, 5000)])
        .await;
    let price = json!({ "settings": { "price_per_mbps": "999999999" }, "customer_ids": [dear.id] });
    shop.activate("dear", Pricing::Committed.component(), price).await;
    customers.push(dear);
    to_may(&host);

    let client = &shop.reseller.client;
    let asked = (0..2).flat_map(|_| &customers);
    let answers = join_all(asked.map(|customer| bill(client, &customer.id, "2026-04"))).await;
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(201), of(200), of(422)), (6, 6, 2));
    let refused = answers.iter().find(|answer| answer.status == 422).unwrap();
    let detail = refused.problem(422, "pricing_answer_invalid");
    assert!(
        detail.contains("13 digits before the point, the limit is 12"),
        "{detail}"
    );

    let invoices = client.get("/v1/invoices").await.expect(200);
    let numbers = invoices["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invoice| text(&invoice["number"]));
    let expected = (1..=6).map(|n| format!("INV-{n:06}"));
    assert_eq!(numbers.collect::<BTreeSet<_>>(), expected.collect());

    let customer = bursting(&host, &other, "elsewhere").await;
    let invoice = invoice(&other.reseller.client, &customer.id, "2026-04").await;
    assert_eq!(invoice["number"], "INV-000001");
}

#[tokio::test]
async fn what_cannot_be_billed_is_refused_by_name() {
    let host = april().await;
    let shop = unbranded(&host, "northlight", Pricing::Committed).await;
    let unpriced = host.reseller("harbour").await;
    let customer = host.customer(&shop.reseller, "baker").await;
    let elsewhere = host.customer(&unpriced, "holmes").await;
    to_may(&host);

    let client = &shop.reseller.client;
    bill(client, &customer.id, "2026-4")
        .await
        .problem(422, "period_invalid");
    bill(client, &customer.id, "2026-03")
        .await
        .problem(409, "nothing_serves");
    bill(&unpriced.client, &elsewhere.id, "2026-04")
        .await
        .problem(409, "nothing_serves");
    for stranger in [&elsewhere.id, &unpriced.id, &shop.reseller.id, &shop.carrier_id] {
        bill(client, stranger, "2026-04").await.problem(404, "not_found");
    }
    bill(&customer.client, &customer.id, "2026-04")
        .await
        .problem(403, "permission_missing");

    // Nothing was delivered: there is a run, and no invoice that would use up a number.
    let run = bill(client, &customer.id, "2026-04").await.expect(201);
    assert_eq!(run["invoice_id"], json!(null));
}
