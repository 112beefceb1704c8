//! What customers meet where a brand or an adapter fails.

use nexusport_plugins::{BRAND_HARBOUR, CARRIER_SIMULATOR, hostile};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::runs::list;
use crate::harness::{Host, Pricing, Shop, Stage, text};

#[tokio::test]
async fn where_a_brand_fails_the_one_before_it_is_shown_or_plain_words_as_the_reseller_says() {
    let host = Host::start().await;
    let carrier = host.carrier().await;
    let shop = host.shop("northlight", Pricing::Burst, &carrier).await;
    let client = &shop.reseller.client;
    let shown = async || {
        // A brand that failed is left alone for a minute.
        host.clock.set(host.app.now() + chrono::TimeDelta::minutes(2));
        let brand = host.client.at("northlight.localhost").get("/v1/brand").await;
        text(&brand.expect(200)["name"])
    };
    let mail = async |to: &str| {
        let guest = json!({ "email": to });
        client.post("/v1/invitations", guest).await.expect(201);
        nexusport::worker::drain(&host.app).await.unwrap();
        host.mail(to).await
    };
    let good = shown().await;
    let mood = json!({ "settings": { "mood": "dark" } });
    shop.activate("sulks", hostile::SULKS, mood).await;
    assert_eq!(shown().await, good, "the one before");
    assert!(mail("first@example.com").await.token().len() > 20);
    let asked = "plugin=brand&function=branding.render-message&outcome=answered";
    let answered = list(&shop.reseller, asked).await.len();
    assert!(answered > 0, "the one before wrote the mail");
    let failed = list(&shop.reseller, "plugin=sulks&outcome=plugin_panicked").await;
    assert!(!failed.is_empty());

    let plain = json!({ "branding": "plain" });
    let set = client.put("/v1/settings/plugin_failures", plain).await;
    assert!(set.status.is_success(), "{set:?}");
    assert_eq!(shown().await, "northlight", "the reseller's name alone");
    assert!(
        mail("second@example.com").await.token().len() > 20,
        "it goes out plain"
    );
    assert_eq!(list(&shop.reseller, asked).await.len(), answered);
    let repaired = json!({ "settings": {} });
    shop.activate("harbour", BRAND_HARBOUR, repaired).await;
    assert_eq!(
        shown().await,
        "Harbour Connect",
        "a repaired one is shown at once"
    );
}

#[tokio::test]
async fn where_an_adapter_fails_the_operation_is_held_somebody_is_called_and_the_carrier_is_not_asked() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let shop = Shop {
        reseller: stage.reseller.clone(),
        carrier_id: stage.carrier_id.clone(),
    };
    let serves = json!({ "carrier_id": stage.carrier_id, "settings": { "poll_seconds": 10 } });
    let digest = shop.activate("second", CARRIER_SIMULATOR, serves).await;
    // No adapter that passes the checks fails on demand, so its bytes are exchanged where they are kept.
    let done = sqlx::query("update release set component = $2, digest = $3 where digest = $1 and id = (select id from release where digest = $1 order by id desc limit 1)")
        .bind(digest)
        .bind(hostile::OVERDOES)
        .bind(hex::encode(Sha256::digest(hostile::OVERDOES)))
        .execute(&mut stage.host.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
    let asked = stage.carrier.ledger().requests.len();
    let now = json!({ "port_id": port, "kind": "base", "mbps": 5000 });
    let change = stage.book_wish(now).await;
    stage.work().await;
    let listed = stage
        .customer
        .client
        .get("/v1/operations?state=given_up")
        .await
        .expect(200);
    let held = &listed["items"][0];
    assert!(text(&held["attention"]).contains("limit"), "{listed}");
    assert_eq!(stage.carrier.ledger().requests.len(), asked);
    let alerts = stage.reseller.client.get("/v1/alerts").await.expect(200);
    assert_eq!(
        (&alerts["items"][0]["about"], &alerts["items"][0]["subject_id"]),
        (&json!("operation"), &held["id"])
    );
    assert_eq!(stage.shown(&port).await["base_mbps"], json!(1000));
    assert_ne!(stage.change(&change).await["state"], "verified");
}
