//! Approving and activating releases, and who can see it.

use nexusport::{
    fault::Fault,
    identity::{Purpose, entrance},
    plugins::{self, Serves},
};
use nexusport_plugins::{CARRIER_SIMULATOR, PRICING_COMMITTED};
use serde_json::{Value, json};

use super::{SETTINGS, activate, approve, approved, checked, upload};
use crate::harness::{Customer, Host, text};

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
    new(json!({ "customer_ids": [reseller.id] }))
        .await
        .problem(404, "not_found");
    let other = host.reseller("harbour").await;
    let stranger = host.customer(&other, "stranger").await;
    new(json!({ "customer_ids": [stranger.id] }))
        .await
        .problem(404, "not_found");
    let customer = host.customer(&reseller, "quay").await;
    new(json!({ "customer_ids": [customer.id], "effective_at": "2026-04-01T00:00:00Z" }))
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
async fn an_adapter_is_activated_for_a_carrier() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = checked(&reseller, "adapter", CARRIER_SIMULATOR).await;
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

/// The price that serves a customer at a time, if one does.
async fn price(host: &Host, customer: &Customer, at: &str) -> Option<String> {
    let caller = entrance::authenticate(&host.app, &customer.key).await.unwrap();
    let house = caller.for_house(Purpose::Pricing);
    let mut tx = host.app.db.house(&house).await.unwrap();
    let what = Serves::Pricing(caller.scope().tenant());
    match plugins::serving(&mut tx, what, at.parse().unwrap()).await {
        Ok(serving) => Some(text(&serving.settings["price_per_mbps"])),
        Err(Fault::Refused(refusal)) if refusal.code == "nothing_serves" => None,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_newest_activation_in_effect_serves_and_a_customers_own_comes_first() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let (quay, mole) = (
        host.customer(&reseller, "quay").await,
        host.customer(&reseller, "mole").await,
    );
    let id = approved(&reseller, "monthly", PRICING_COMMITTED).await;
    let (now, april, may) = (
        "2026-03-02T12:00:00Z",
        "2026-04-01T00:00:00Z",
        "2026-05-01T00:00:00Z",
    );
    assert_eq!(price(&host, &quay, now).await, None);
    let activate = |price: &str, customer: Option<&Customer>, at: &str| {
        let new = json!({
            "release_id": id, "settings": { "price_per_mbps": price },
            "customer_ids": customer.map(|customer| [&customer.id]), "effective_at": at,
        });
        let client = reseller.client.clone();
        async move { client.post("/v1/activations", new).await.expect(201) }
    };
    activate("0.40", None, now).await;
    activate("0.30", Some(&quay), april).await;
    activate("0.20", None, may).await;
    for (customer, at, expected) in [
        (&quay, "2026-03-02T11:59:59Z", None),
        (&quay, now, Some("0.40")),
        (&quay, april, Some("0.30")),
        (&quay, may, Some("0.30")),
        (&mole, april, Some("0.40")),
        (&mole, may, Some("0.20")),
    ] {
        assert_eq!(
            price(&host, customer, at).await.as_deref(),
            expected,
            "{} at {at}",
            customer.id
        );
    }
    // What was decided last wins where both take effect at once.
    host.clock.set("2026-03-02T12:00:01Z".parse().unwrap());
    activate("0.10", None, may).await;
    assert_eq!(price(&host, &mole, may).await.as_deref(), Some("0.10"));
}
