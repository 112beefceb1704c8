//! How much each tenant may use: plans, what the operator and the reseller change of them, and what happens at a limit.

mod counts;
mod fuel;
mod plans;
mod rates;

use serde_json::{Value, json};

use crate::harness::Client;

/// Changes one limit for one tenant, as the operator.
pub async fn set(operator: &Client, tenant: &str, limit: &str, value: u64) {
    let path = format!("/v1/operator/tenants/{tenant}/limits/{limit}");
    operator.put(&path, json!({ "value": value })).await.expect(200);
}

/// A limit's value and source, as `path` shows it.
async fn shown(client: &Client, path: &str, limit: &str) -> (u64, String) {
    let limits = client.get(path).await.expect(200)["limits"].clone();
    let of_name = |shown: &&Value| shown["name"] == limit;
    let shown = limits.as_array().unwrap().iter().find(of_name).unwrap().clone();
    (
        shown["value"].as_u64().unwrap(),
        shown["source"].as_str().unwrap().to_owned(),
    )
}
