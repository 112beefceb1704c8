//! Limits that are counts: one more than the limit is refused, with the limit, and two at once are not both the last.

use futures::future::join_all;
use serde_json::json;

use super::set;
use crate::harness::{Host, Stage};

fn customer(slug: &str) -> serde_json::Value {
    json!({ "slug": slug, "name": slug, "currency": "EUR", "time_zone": "UTC" })
}

#[tokio::test]
async fn a_reseller_has_at_most_as_many_customers_as_its_limit() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let other = host.reseller("harbour").await;
    set(&host.operator("ada").await, &reseller.id, "customers", 3).await;
    let slugs: Vec<_> = (0..6).map(|at| format!("c-{at}")).collect();
    let added = slugs
        .iter()
        .map(|slug| reseller.client.post("/v1/customers", customer(slug)));
    let mut statuses: Vec<_> = join_all(added)
        .await
        .into_iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 409, 409, 409]);
    let why = reseller.client.post("/v1/customers", customer("more")).await;
    assert!(why.problem(409, "limit_reached").contains("the limit is 3"));
    other
        .client
        .post("/v1/customers", customer("more"))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_reseller_has_at_most_as_many_active_ports_as_its_limit() {
    let stage = Stage::set().await;
    let first = stage.port("a-1", 1000).await;
    set(&stage.host.operator("ada").await, &stage.reseller.id, "ports", 1).await;
    stage.build_port("a-2", 1000);
    let add = async || {
        let new = stage.new_port("a-2", 1000);
        stage.reseller.client.post("/v1/ports", new).await
    };
    let why = add().await.problem(409, "limit_reached");
    assert!(why.contains("the limit is 1"), "{why}");
    let close = format!("/v1/ports/{first}/close");
    stage.reseller.client.post(&close, json!({})).await.expect(200);
    add().await.expect(201);
}
