//! What is in force: the tenant's own, else its reseller's, else the platform's, and always by name.

use serde_json::{Value, json};

use super::{HOUSE, values};
use crate::harness::{Client, Host, text};

/// (key, source) of everything in force.
async fn sources(client: &Client, path: &str) -> Vec<(String, String)> {
    let answer = client.get(path).await.expect(200);
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| (text(&item["key"]), text(&item["source"])))
        .collect()
}

async fn member(client: &Client) -> String {
    text(&client.get("/v1/memberships").await.expect(200)["items"][0]["id"])
}

#[tokio::test]
async fn every_value_in_force_names_who_set_it() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "quay").await;
    let member = member(&reseller.client).await;
    let theirs = format!("/v1/customers/{}/settings", customer.id);
    let all = values("reseller's", &member);
    assert_eq!(
        sources(&reseller.client, "/v1/settings").await.len(),
        all.len(),
        "a setting without a case here"
    );
    for path in ["/v1/settings", &theirs] {
        assert!(
            sources(&reseller.client, path)
                .await
                .iter()
                .all(|(_, source)| source == "platform")
        );
    }
    for (key, value) in &all {
        let path = format!("/v1/settings/{key}");
        let default = reseller.client.get(&path).await.expect(200);
        assert_eq!(
            (&default["own"], &default["value"]),
            (&Value::Null, &default["schema"]["default"])
        );
        let set = reseller.client.put(&path, value.clone()).await.expect(200);
        assert_eq!(
            (&set["source"], &set["value"], &set["own"]["version"]),
            (&json!("tenant"), value, &json!(1))
        );
        let below = reseller.client.get(&format!("{theirs}/{key}")).await.expect(200);
        assert_eq!(
            (&below["source"], &below["value"], &below["own"]),
            (&json!("reseller"), value, &Value::Null)
        );
    }
    for (key, value) in values("customer's", &member) {
        let path = format!("{theirs}/{key}");
        let set = reseller.client.put(&path, value.clone()).await.expect(200);
        assert_eq!((&set["source"], &set["value"]), (&json!("tenant"), &value));
        if !HOUSE.contains(&key) {
            let seen = customer
                .client
                .get(&format!("/v1/settings/{key}"))
                .await
                .expect(200);
            assert_eq!((&seen["source"], &seen["value"]), (&json!("tenant"), &value));
        }
        let back = reseller.client.delete(&path).await.expect(200);
        let reseller_s = &all.iter().find(|(other, _)| *other == key).unwrap().1;
        assert_eq!(
            (&back["source"], &back["value"]),
            (&json!("reseller"), reseller_s)
        );
    }
    for (key, _) in &all {
        let back = reseller
            .client
            .delete(&format!("/v1/settings/{key}"))
            .await
            .expect(200);
        assert_eq!(
            (&back["source"], &back["value"]),
            (&json!("platform"), &back["schema"]["default"])
        );
    }
}

#[tokio::test]
async fn a_customer_sets_its_own_words_and_names_and_reads_what_binds_it() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "quay").await;
    let member = member(&reseller.client).await;
    for (key, value) in values("customer's", &member) {
        let path = format!("/v1/settings/{key}");
        let answer = customer.client.put(&path, value.clone()).await;
        match key {
            "status_names" | "naming.port" => assert_eq!(answer.expect(200)["source"], "tenant"),
            "on_call" | "plugin_failures" | "plugin_runs" | "reconciliation" | "shadow" => {
                answer.problem(404, "not_found");
                customer.client.get(&path).await.problem(404, "not_found");
            }
            _ => {
                answer.problem(422, "setting_is_the_resellers");
                customer
                    .client
                    .delete(&path)
                    .await
                    .problem(422, "setting_is_the_resellers");
                assert_eq!(customer.client.get(&path).await.expect(200)["source"], "platform");
            }
        }
    }
    let seen = sources(&customer.client, "/v1/settings").await;
    assert!(seen.iter().all(|(key, _)| !HOUSE.contains(&key.as_str())) && seen.len() == 9);
}

#[tokio::test]
async fn a_siblings_and_a_strangers_settings_are_never_seen() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let (customer, sibling) = (
        host.customer(&reseller, "quay").await,
        host.customer(&reseller, "dock").await,
    );
    let other = host.reseller("harbour").await;
    let thames = host.customer(&other, "thames").await;
    let member = member(&reseller.client).await;
    for (key, value) in values("canary", &member) {
        let path = format!("/v1/customers/{}/settings/{key}", customer.id);
        reseller.client.put(&path, value).await.expect(200);
        for stranger in [&other.client, &sibling.client, &thames.client, &customer.client] {
            let answer = stranger.get(&path).await;
            assert!([403, 404].contains(&answer.status.as_u16()), "{answer:?}");
        }
    }
    let (key, value) = ("naming.customer", values("house canary", &member)[4].1.clone());
    other
        .client
        .put(&format!("/v1/settings/{key}"), value)
        .await
        .expect(200);
    for client in [&reseller.client, &sibling.client, &other.client, &thames.client] {
        let all = client.get("/v1/settings").await;
        let shown = String::from_utf8_lossy(&all.bytes).into_owned();
        assert!(!shown.contains("\"canary\"") && all.status == 200);
        let below_other = client.base() == other.client.base() && shown.contains("house canary");
        let is_theirs = sources(client, "/v1/settings")
            .await
            .contains(&(key.to_owned(), "platform".to_owned()));
        assert_ne!(below_other, is_theirs);
    }
    // A person of another reseller is nobody here.
    let on_call = values(
        "x",
        &text(&other.client.get("/v1/memberships").await.expect(200)["items"][0]["id"]),
    )[8]
    .1
    .clone();
    let detail = reseller
        .client
        .put("/v1/settings/on_call", on_call)
        .await
        .problem(422, "setting_invalid");
    assert!(
        detail.contains("/rotation/people/0") && detail.contains("no such membership"),
        "{detail}"
    );
}
