//! A release's life: uploaded, checked, approved, activated, called; and everything that is refused on the way.

mod activations;
mod calls;
mod doctor;
mod failures;
mod following;
mod grants;
mod heavy;
mod neighbours;
mod replays;
mod runs;
mod trips;
mod uploads;
mod withdrawals;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Reseller, text};

/// What the rule of a monthly price by bandwidth asks for.
const SETTINGS: &str = r#"{"price_per_mbps":"0.40"}"#;

async fn upload(client: &Client, plugin: &str, component: &[u8]) -> Answer {
    client
        .upload(&format!("/v1/plugins/{plugin}/releases"), component)
        .await
}

/// The id of a release that passed every check.
async fn checked(reseller: &Reseller, plugin: &str, component: &[u8]) -> String {
    text(&upload(&reseller.client, plugin, component).await.expect(201)["id"])
}

async fn approved(reseller: &Reseller, plugin: &str, component: &[u8]) -> String {
    let id = checked(reseller, plugin, component).await;
    approve(&reseller.client, &id).await.expect(200);
    id
}

/// Approves what the release is seen to be.
async fn approve(client: &Client, release: &str) -> Answer {
    let seen = client.get(&format!("/v1/releases/{release}")).await.json();
    let yes = json!({ "digest": seen["digest"].as_str().unwrap_or_default() });
    client.post(&format!("/v1/releases/{release}/approve"), yes).await
}

async fn activate(client: &Client, release: &str, settings: Value) -> Answer {
    client
        .post(
            "/v1/activations",
            json!({ "release_id": release, "settings": settings }),
        )
        .await
}

async fn report(client: &Client, release: &str) -> Vec<Value> {
    let answer = client.get(&format!("/v1/releases/{release}/report")).await;
    answer.expect(200)["checks"].as_array().unwrap().clone()
}
