//! Approving and activating releases, and who can see it.

use nexusport_plugins::{CARRIER_SIMULATOR, PRICING_COMMITTED};
use serde_json::{Value, json};

use super::{SETTINGS, activate, approve, approved, checked, upload};
use crate::harness::Host;

#[tokio::test]
async fn only_an_approved_release_with_settings_that_fit_is_activated() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = checked(&reseller, "monthly", PRICING_COMMITTED).await;
    let settings: Value = serde_json::from_str(SETTINGS).unwrap();
    activate(&reseller.client, &id, settings.clone())
        .await
        .problem(409, "release_not_approved");
    assert_eq!(
        approve(&reseller.client, &id).await.expect(200)["state"],
        "approved"
    );
    approve(&reseller.client, &id)
        .await
        .problem(409, "release_already_approved");
    let detail = activate(&reseller.client, &id, json!({ "price_per_mbps": "cheap" }))
        .await
        .problem(422, "settings_invalid");
    assert!(detail.contains("/price_per_mbps"), "{detail}");
    let activation = activate(&reseller.client, &id, settings.clone())
        .await
        .expect(201);
    assert_eq!(
        (&activation["world"], &activation["settings"]),
        (&json!("pricing"), &settings)
    );
    assert_eq!(activation["effective_at"], "2026-03-02T12:00:00Z");
    let new = |more: Value| {
        let mut new = json!({ "release_id": id, "settings": settings });
        new.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        reseller.client.post("/v1/activations", new)
    };
    new(json!({ "effective_at": "2026-03-02T11:59:59Z" }))
        .await
        .problem(422, "activation_in_the_past");
    new(json!({ "carrier_id": reseller.id }))
        .await
        .problem(422, "activation_carrier_unexpected");
    new(json!({ "customer_id": reseller.id }))
        .await
        .problem(404, "not_found");
    let other = host.reseller("harbour").await;
    let stranger = host.customer(&other, "stranger").await;
    new(json!({ "customer_id": stranger.id }))
        .await
        .problem(404, "not_found");
    let customer = host.customer(&reseller, "quay").await;
    new(json!({ "customer_id": customer.id, "effective_at": "2026-04-01T00:00:00Z" }))
        .await
        .expect(201);
    let listed = reseller.client.get("/v1/activations").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let audit = reseller
        .client
        .get("/v1/audit-events?action=activation.add")
        .await
        .expect(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_adapter_is_activated_for_a_carrier_and_shows_what_it_wants() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = checked(&reseller, "adapter", CARRIER_SIMULATOR).await;
    let capabilities = |id: String| {
        let client = reseller.client.clone();
        async move { client.get(&format!("/v1/releases/{id}")).await.expect(200)["capabilities"].clone() }
    };
    let wanted =
        json!([{ "kind": "destination", "handle": "api" }, { "kind": "credential", "handle": "oauth" }]);
    assert_eq!(
        capabilities(id.clone()).await,
        json!({ "added": wanted, "kept": [], "removed": [] })
    );
    approve(&reseller.client, &id).await.expect(200);
    activate(&reseller.client, &id, json!({}))
        .await
        .problem(422, "activation_carrier_missing");
    let new = json!({ "release_id": id, "settings": {}, "carrier_id": reseller.id });
    reseller
        .client
        .post("/v1/activations", new)
        .await
        .problem(404, "not_found");
    let audit = reseller
        .client
        .get("/v1/audit-events?action=release.approve")
        .await
        .expect(200);
    assert_eq!(audit["items"][0]["detail"]["granted"], wanted);
}

#[tokio::test]
async fn another_reseller_and_a_customer_see_none_of_it() {
    let host = Host::start().await;
    let (reseller, other) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let customer = host.customer(&reseller, "quay").await;
    let id = approved(&reseller, "monthly", PRICING_COMMITTED).await;
    activate(&reseller.client, &id, serde_json::from_str(SETTINGS).unwrap())
        .await
        .expect(201);
    for path in ["/v1/plugins", "/v1/activations", "/v1/plugin-runs"] {
        assert_eq!(
            other.client.get(path).await.expect(200)["items"],
            json!([]),
            "{path}"
        );
        customer.client.get(path).await.problem(403, "permission_missing");
    }
    for path in [
        format!("/v1/releases/{id}"),
        format!("/v1/releases/{id}/report"),
        "/v1/plugins/monthly/releases".to_owned(),
    ] {
        let stranger = other.client.get(&path).await;
        stranger.problem(404, "not_found");
        customer
            .client
            .get(&path)
            .await
            .problem(403, "permission_missing");
    }
    approve(&other.client, &id).await.problem(404, "not_found");
    activate(&other.client, &id, json!({}))
        .await
        .problem(404, "not_found");
    upload(&customer.client, "x", PRICING_COMMITTED)
        .await
        .problem(403, "permission_missing");
    // The same component is a release of its own at each reseller.
    let theirs = checked(&other, "monthly", PRICING_COMMITTED).await;
    assert_ne!(theirs, id);
}
