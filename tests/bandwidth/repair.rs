//! Orders that a person has asked again, and those that nobody may.

use serde_json::{Value, json};

use crate::harness::{Stage, text};

/// A window from 18:00 to 23:00 whose order was given up by 21:00, as nobody could read what the customer's key seals.
async fn indeterminate() -> (Stage, Value, String) {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage
        .book(&port, 5000, "2026-03-04T18:00:00Z", "2026-03-04T23:00:00Z")
        .await;
    stage.go_to("2026-03-04T17:59:00Z").await;
    let mut superuser = stage.host.database.superuser().await;
    let tenant = &stage.customer.id;
    let kept: Vec<u8> = sqlx::query_scalar("select sealed from tenant_key where tenant_id = $1::text::uuid")
        .bind(tenant)
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    for (key, until) in [
        (&[0][..], "2026-03-04T21:00:00Z"),
        (&kept, "2026-03-04T21:00:01Z"),
    ] {
        sqlx::query("update tenant_key set sealed = $2 where tenant_id = $1::text::uuid")
            .bind(tenant)
            .bind(key)
            .execute(&mut superuser)
            .await
            .unwrap();
        stage.go_to(until).await;
    }
    let change = text(&booked["id"]);
    let orders = stage
        .reseller
        .client
        .get("/v1/operations?state=given_up")
        .await
        .expect(200);
    let order = orders["items"].as_array().unwrap().iter();
    let mut order = order.filter(|order| order["kind"] == "change_bandwidth");
    let order = order.next().expect("the order was given up")["id"].clone();
    (stage, order, change)
}

async fn state(stage: &Stage, change: &str) -> Value {
    let path = format!("/v1/bandwidth-changes/{change}");
    stage.customer.client.get(&path).await.expect(200)["state"].clone()
}

fn retry(order: &Value) -> String {
    format!("/v1/operations/{}/retry", text(order))
}

#[tokio::test]
async fn an_order_that_nobody_can_tell_of_is_asked_again_while_it_is_meant() {
    let (stage, order, change) = indeterminate().await;
    assert_eq!(state(&stage, &change).await, "indeterminate");
    let client = &stage.reseller.client;
    client.post(&retry(&order), json!(null)).await.expect(200);
    assert_eq!(state(&stage, &change).await, "applying");
    stage.go_to("2026-03-04T21:30:00Z").await;
    assert_eq!(state(&stage, &change).await, "verified");
    stage.go_to("2026-03-05T01:00:00Z").await;
    let totals = stage.carrier.ledger().totals;
    assert_eq!(
        (totals.orders, totals.duplicates),
        (2, 0),
        "up once and down once"
    );
}

#[tokio::test]
async fn an_order_is_not_asked_again_for_a_window_that_is_over() {
    let (stage, order, change) = indeterminate().await;
    stage.go_to("2026-03-05T03:00:00Z").await;
    let refused = stage.reseller.client.post(&retry(&order), json!(null)).await;
    assert_eq!(refused.status, 409);
    assert_ne!(state(&stage, &change).await, "applying");
    assert!(
        stage.carrier.ledger().totals.orders <= 1,
        "nothing but the way down was ordered"
    );
}
