//! Which value is in force, where it comes from, and who may change it.

use serde_json::json;

use super::{set, shown};
use crate::harness::Host;

const OWN: &str = "/v1/limits";

fn is(value: u64, source: &str) -> (u64, String) {
    (value, source.to_owned())
}

#[tokio::test]
async fn a_limit_in_force_says_where_it_comes_from_and_an_edit_counts_at_once() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let other = host.reseller("harbour").await;
    let ada = host.operator("ada").await;
    let customers = async |client| shown(client, OWN, "customers").await;
    assert_eq!(customers(&reseller.client).await, is(10_000, "default"));
    let small = json!({ "limits": { "customers": 5, "queue_weight": 2 } });
    ada.put("/v1/operator/plans/small", small).await.expect(200);
    let path = format!("/v1/operator/tenants/{}/plan", reseller.id);
    let chosen = ada.put(&path, json!({ "plan": "small" })).await.expect(200);
    assert_eq!(chosen["plan"], "small");
    assert_eq!(customers(&reseller.client).await, is(5, "plan"));
    assert_eq!(shown(&reseller.client, OWN, "queue_weight").await, is(2, "plan"));
    assert_eq!(customers(&other.client).await, is(10_000, "default"));
    let smaller = json!({ "limits": { "customers": 4 } });
    ada.put("/v1/operator/plans/small", smaller).await.expect(200);
    assert_eq!(customers(&reseller.client).await, is(4, "plan"));
    set(&ada, &reseller.id, "customers", 9).await;
    assert_eq!(customers(&reseller.client).await, is(9, "override"));
    let path = format!("/v1/operator/tenants/{}/limits", reseller.id);
    assert_eq!(shown(&ada, &path, "customers").await, is(9, "override"));
    ada.delete(&format!("{path}/customers")).await.expect(204);
    ada.delete(&format!("{path}/customers"))
        .await
        .problem(404, "not_found");
    assert_eq!(customers(&reseller.client).await, is(4, "plan"));
    let plans = ada.get("/v1/operator/plans").await.expect(200)["plans"].clone();
    let plans: Vec<_> = plans
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| (plan["name"].clone(), plan["limits"].clone()))
        .collect();
    assert_eq!(
        plans,
        [
            (json!("small"), json!({ "customers": 4 })),
            (json!("standard"), json!({}))
        ]
    );
    let told = reseller
        .client
        .get("/v1/audit-events")
        .await
        .expect(200)
        .to_string();
    assert!(told.contains("plan.choose") && told.contains("limit.change"));
}

#[tokio::test]
async fn a_reseller_lowers_its_customers_limits_and_never_raises_them() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let alpine = host.customer(&reseller, "alpine").await;
    let other = host.reseller("harbour").await;
    let requests = async || shown(&alpine.client, OWN, "requests_per_minute").await;
    assert_eq!(requests().await, is(60_000, "default"));
    let path = format!("/v1/customers/{}/limits/requests_per_minute", alpine.id);
    let lower = async |value: u64| reseller.client.put(&path, json!({ "value": value })).await;
    lower(100).await.expect(200);
    assert_eq!(requests().await, is(100, "reseller"));
    let seen = format!("/v1/customers/{}/limits", alpine.id);
    assert_eq!(
        shown(&reseller.client, &seen, "requests_per_minute").await,
        is(100, "reseller")
    );
    let why = lower(60_001).await.problem(422, "limit_beyond_own");
    assert!(why.contains("60000"), "{why}");
    lower(0).await.problem(422, "limit_out_of_range");
    // The customer has no say in it, and the operator's word below the reseller's counts.
    alpine
        .client
        .put(&path, json!({ "value": 200 }))
        .await
        .problem(403, "permission_missing");
    other
        .client
        .put(&path, json!({ "value": 1 }))
        .await
        .problem(404, "not_found");
    let ada = host.operator("ada").await;
    set(&ada, &alpine.id, "requests_per_minute", 50).await;
    assert_eq!(requests().await, is(50, "override"));
    reseller.client.delete(&path).await.expect(204);
    reseller.client.delete(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_set_says_why() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let alpine = host.customer(&reseller, "alpine").await;
    let ada = host.operator("ada").await;
    let put = async |path: String, body| ada.put(&path, body).await;
    let of = |id: &str, rest: &str| format!("/v1/operator/tenants/{id}/{rest}");
    let value = |value: i64| json!({ "value": value });
    let unknown = put(of(&reseller.id, "limits/luck"), value(1)).await;
    assert!(unknown.problem(422, "limit_unknown").contains("customers"));
    put(of(&reseller.id, "limits/queue_weight"), value(101))
        .await
        .problem(422, "limit_out_of_range");
    put(of(&reseller.id, "limits/queue_weight"), value(-1))
        .await
        .problem(422, "json_unexpected");
    put(of(&alpine.id, "limits/customers"), value(1))
        .await
        .problem(422, "limit_not_a_customers");
    put(of(&alpine.id, "plan"), json!({ "plan": "standard" }))
        .await
        .problem(422, "not_a_reseller");
    put(of(&reseller.id, "plan"), json!({ "plan": "gold" }))
        .await
        .problem(422, "plan_unknown");
    put(of(&uuid::Uuid::nil().to_string(), "limits/ports"), value(1))
        .await
        .problem(404, "not_found");
    put("/v1/operator/plans/Gold".to_owned(), json!({ "limits": {} }))
        .await
        .problem(422, "plan_name_invalid");
    put(
        "/v1/operator/plans/gold".to_owned(),
        json!({ "limits": { "luck": 1 } }),
    )
    .await
    .problem(422, "limit_unknown");
    put(
        "/v1/operator/plans/gold".to_owned(),
        json!({ "limits": { "customers": 0 } }),
    )
    .await
    .problem(422, "limit_out_of_range");
}

#[tokio::test]
async fn a_customer_learns_nothing_of_its_resellers_plan() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let alpine = host.customer(&reseller, "alpine").await;
    let limits = alpine.client.get(OWN).await.expect(200);
    assert_eq!(limits["plan"], json!(null));
    let names = limits["limits"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|limit| &limit["name"]).collect();
    assert_eq!(names, ["requests_per_minute", "jobs_at_once"]);
    assert_eq!(reseller.client.get(OWN).await.expect(200)["plan"], "standard");
}
