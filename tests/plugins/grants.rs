//! What somebody looks at before approving a release, and that the yes is to exactly that.

use nexusport_plugins::{CARRIER_SIMULATOR, PRICING_BURST, PRICING_COMMITTED};
use serde_json::{Value, json};

use super::{SETTINGS, activate, approve, approved, checked};
use crate::harness::{Client, Host, text};

async fn difference(client: &Client, release: &str, query: &str) -> Value {
    let path = format!("/v1/releases/{release}{query}");
    client.get(&path).await.expect(200)["difference"].clone()
}

/// `kind name` of each claim of one part of a difference.
fn names(difference: &Value, part: &str) -> Vec<String> {
    let claims = difference[part].as_array().unwrap().iter();
    claims
        .map(|claim| format!("{} {}", text(&claim["kind"]), text(&claim["name"])))
        .collect()
}

#[tokio::test]
async fn a_first_release_shows_everything_it_claims_as_added() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = checked(&reseller, "adapter", CARRIER_SIMULATOR).await;
    let difference = difference(&reseller.client, &id, "").await;
    assert_eq!(difference["against"], Value::Null);
    for part in ["removed", "changed", "same"] {
        assert_eq!(difference[part], json!([]), "{part}");
    }
    let added = names(&difference, "added");
    for claim in [
        "destination api",
        "credential oauth",
        "rule step_mbps",
        "rule has_idempotency_keys",
        "setting poll_seconds",
    ] {
        assert!(added.contains(&claim.to_owned()), "{claim} in {added:?}");
    }
    let credential = &difference["added"][1];
    assert_eq!(
        (&credential["name"], &credential["value"]),
        (&json!("oauth"), &json!("for api"))
    );
}

#[tokio::test]
async fn a_release_is_compared_with_what_serves_all_whatever_plugin_that_is_of() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let active = approved(&reseller, "monthly", PRICING_COMMITTED).await;
    activate(&reseller.client, &active, serde_json::from_str(SETTINGS).unwrap())
        .await
        .expect(201);
    let burst = checked(&reseller, "burst", PRICING_BURST).await;
    let shown = difference(&reseller.client, &burst, "").await;
    assert_eq!(shown["against"]["release_id"], json!(active));
    assert_eq!(shown["against"]["plugin"], "monthly");
    assert_eq!(names(&shown, "removed"), ["setting price_per_mbps"]);
    assert_eq!(
        names(&shown, "added"),
        ["setting base_per_mbps", "setting burst_per_mbps_hour"]
    );
    assert_eq!(names(&shown, "same"), ["property additive"]);
    let monotone = json!({ "kind": "property", "name": "monotone", "before": "true", "after": "false" });
    assert_eq!(shown["changed"], json!([monotone]));
    // Against itself nothing differs.
    let shown = difference(&reseller.client, &active, "").await;
    for part in ["added", "removed", "changed"] {
        assert_eq!(shown[part], json!([]), "{part}");
    }
    let at_a_carrier = format!("/v1/releases/{burst}?carrier_id={}", reseller.id);
    let refused = reseller.client.get(&at_a_carrier).await;
    refused.problem(422, "activation_carrier_unexpected");
}

#[tokio::test]
async fn an_adapter_is_compared_with_the_one_at_its_carrier() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = |name: &str| {
        let (client, new) = (reseller.client.clone(), json!({ "name": name }));
        async move { text(&client.post("/v1/carriers", new).await.expect(201)["id"]) }
    };
    let (metro, other) = (carrier("metro-net").await, carrier("other-net").await);
    let id = approved(&reseller, "adapter", CARRIER_SIMULATOR).await;
    let new = json!({ "release_id": id, "settings": {}, "carrier_id": metro });
    reseller.client.post("/v1/activations", new).await.expect(201);
    let again = checked(&reseller, "second", CARRIER_SIMULATOR).await;
    let at = |carrier: &str| format!("?carrier_id={carrier}");
    let shown = difference(&reseller.client, &again, &at(&metro)).await;
    assert_eq!(shown["against"]["release_id"], json!(id));
    assert_eq!(shown["added"], json!([]));
    // Nothing is active there, and a stranger's carrier is no carrier.
    for carrier in [&other, &reseller.id] {
        let shown = difference(&reseller.client, &again, &at(carrier)).await;
        assert_eq!(shown["against"], Value::Null);
    }
}

#[tokio::test]
async fn a_yes_is_to_the_digest_that_was_looked_at_and_the_trail_keeps_the_difference() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = checked(&reseller, "adapter", CARRIER_SIMULATOR).await;
    let other = checked(&reseller, "monthly", PRICING_COMMITTED).await;
    let digest = |id: String| {
        let client = reseller.client.clone();
        async move { text(&client.get(&format!("/v1/releases/{id}")).await.expect(200)["digest"]) }
    };
    let (ours, others) = (digest(id.clone()).await, digest(other).await);
    let path = format!("/v1/releases/{id}/approve");
    let yes = |digest: &str| reseller.client.post(&path, json!({ "digest": digest }));
    let told = yes(&others).await.problem(409, "release_digest_differs");
    assert!(told.contains(&ours) && told.contains(&others), "{told}");
    reseller.client.post(&path, json!({})).await.expect(422);
    let state = |answer: &Value| answer["state"].clone();
    let seen = reseller
        .client
        .get(&format!("/v1/releases/{id}"))
        .await
        .expect(200);
    assert_eq!(state(&seen), "checked");
    assert_eq!(state(&yes(&ours).await.expect(200)), "approved");
    approve(&reseller.client, &id)
        .await
        .problem(409, "release_already_approved");

    let audit = reseller
        .client
        .get("/v1/audit-events?action=release.approve")
        .await
        .expect(200);
    let events = audit["items"].as_array().unwrap();
    assert_eq!(events.len(), 1, "what was refused is no approval");
    let detail = &events[0]["detail"];
    let granted =
        json!([{ "kind": "destination", "handle": "api" }, { "kind": "credential", "handle": "oauth" }]);
    assert_eq!((&detail["granted"], &detail["digest"]), (&granted, &json!(ours)));
    assert_eq!(detail["against"], Value::Null);
    let added = names(&detail["difference"], "added");
    assert!(added.contains(&"credential oauth".to_owned()), "{added:?}");
}
