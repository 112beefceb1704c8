//! Activations that the host takes back by itself, because too many calls fail.

use nexusport::{identity::entrance, ids::ReleaseId, plugins, worker};
use nexusport_plugins::{PRICING_BURST, PRICING_COMMITTED, hostile};
use nexusport_sandbox::pricing::{Period, Request};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{SETTINGS, activate, approved};
use crate::harness::{Client, Customer, Host, Reseller, text};

/// A reseller whose good price serves, and whose other release panics at every call: it was good when it was approved.
struct House {
    host: Host,
    reseller: Reseller,
    customer: Customer,
    good: String,
    bad: String,
}

impl House {
    async fn new() -> Self {
        let host = Host::start().await;
        let reseller = host.reseller("northlight").await;
        let customer = host.customer(&reseller, "quay").await;
        let good = approved(&reseller, "monthly", PRICING_COMMITTED).await;
        let bad = approved(&reseller, "burst", PRICING_BURST).await;
        // No component that passes the checks fails on demand, so its bytes are exchanged where they are kept.
        sqlx::query("update release set component = $2, digest = $3 where id = $1")
            .bind(bad.parse::<uuid::Uuid>().unwrap())
            .bind(hostile::PANICS)
            .bind(hex::encode(Sha256::digest(hostile::PANICS)))
            .execute(&mut host.database.superuser().await)
            .await
            .unwrap();
        Self {
            host,
            reseller,
            customer,
            good,
            bad,
        }
    }

    fn client(&self) -> &Client {
        &self.reseller.client
    }

    /// Has the release serve that panics, taken back once half of three calls fail within a day.
    async fn try_the_bad(&self, more: Value) -> Value {
        self.host
            .clock
            .set(self.host.app.now() + chrono::TimeDelta::minutes(1));
        let mut new = json!({
            "release_id": self.bad, "settings": { "base_per_mbps": "0.30", "burst_per_mbps_hour": "0.004" },
            "trip": { "failures": { "percent": 50, "calls": 3, "hours": 24 } },
        });
        new.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.client().post("/v1/activations", new).await.expect(201)
    }

    /// Calls the release that panics, as the customer, and does what follows.
    async fn call(&self) {
        let caller = entrance::authenticate(&self.host.app, &self.customer.key)
            .await
            .unwrap();
        let release: ReleaseId = self.bad.parse::<uuid::Uuid>().unwrap().into();
        let nothing = Request {
            period: Period { start: 0, end: 1 },
            time_zone: "UTC".to_owned(),
            currency: "EUR".to_owned(),
            settings: b"{}".to_vec(),
            facts: Vec::new(),
            extras: Vec::new(),
        };
        let failed = plugins::price(&self.host.app, &caller, release, &nothing).await;
        assert!(failed.is_err());
        worker::drain(&self.host.app).await.unwrap();
    }

    async fn serving(&self) -> Value {
        let path = format!(
            "/v1/activations/serving?world=pricing&customer_id={}",
            self.customer.id
        );
        self.client().get(&path).await.expect(200)["serving"]["release_id"].clone()
    }

    async fn items(&self, path: &str) -> Vec<Value> {
        let items = self.client().get(path).await.expect(200)["items"].clone();
        items.as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn too_many_failed_calls_bring_the_release_before_back_and_call_somebody() {
    let house = House::new().await;
    activate(
        house.client(),
        &house.good,
        serde_json::from_str(SETTINGS).unwrap(),
    )
    .await
    .expect(201);
    let tried = house.try_the_bad(json!({})).await;
    house.call().await;
    house.call().await;
    assert_eq!(
        house.serving().await,
        json!(house.bad),
        "two calls are too few to judge by"
    );
    house.call().await;
    assert_eq!(house.serving().await, json!(house.good));

    let path = format!("/v1/activations/{}", text(&tried["id"]));
    let withdrawal = house.client().get(&path).await.expect(200)["withdrawal"].clone();
    assert_eq!(
        (&withdrawal["reason"], &withdrawal["by"]),
        (&json!("tripped"), &Value::Null)
    );
    assert!(
        text(&withdrawal["detail"]).contains("3 of 3 calls failed"),
        "{withdrawal}"
    );
    house.call().await;
    let alerts = house.items("/v1/alerts").await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(
        (&alerts[0]["about"], &alerts[0]["subject_id"]),
        (&json!("activation"), &tried["id"])
    );
    let told = house.items("/v1/audit-events?action=activation.trip").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["outcome"], "done");
    assert!(
        text(&told[0]["detail"]["detail"]).contains("the limit is 50 percent"),
        "{told:?}"
    );
}

#[tokio::test]
async fn where_nothing_served_before_the_activation_goes_on_and_somebody_is_called_once() {
    let house = House::new().await;
    house.try_the_bad(json!({})).await;
    for _ in 0..5 {
        house.call().await;
    }
    assert_eq!(house.serving().await, json!(house.bad));
    let alerts = house.items("/v1/alerts").await;
    assert_eq!(alerts.len(), 1);
    assert!(
        text(&alerts[0]["text"]).contains("nothing served before"),
        "{alerts:?}"
    );
    let told = house.items("/v1/audit-events?action=activation.trip").await;
    assert_eq!((told.len(), &told[0]["outcome"]), (1, &json!("refused")));
}

#[tokio::test]
async fn calls_past_the_hours_and_calls_for_others_do_not_count() {
    let house = House::new().await;
    activate(
        house.client(),
        &house.good,
        serde_json::from_str(SETTINGS).unwrap(),
    )
    .await
    .expect(201);
    let mole = house.host.customer(&house.reseller, "mole").await;
    let of_another = house.try_the_bad(json!({ "customer_ids": [mole.id] })).await;
    for _ in 0..4 {
        house.call().await;
    }
    let path = format!("/v1/activations/{}", text(&of_another["id"]));
    assert_eq!(
        house.client().get(&path).await.expect(200)["withdrawal"],
        Value::Null
    );
    house.try_the_bad(json!({})).await;
    house.host.clock.set("2026-03-04T12:00:00Z".parse().unwrap());
    for _ in 0..4 {
        house.call().await;
    }
    assert_eq!(house.serving().await, json!(house.bad));
    assert_eq!(house.items("/v1/alerts").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_failed_call_that_is_made_again_to_look_into_it_does_not_count() {
    let house = House::new().await;
    let good = serde_json::from_str(SETTINGS).unwrap();
    activate(house.client(), &house.good, good).await.expect(201);
    house.try_the_bad(json!({})).await;
    house.call().await;
    let kept = house.items("/v1/plugin-runs?outcome=failed").await;
    let replay = format!("/v1/plugin-runs/{}/replay", text(&kept[0]["id"]));
    for _ in 0..2 {
        let replayed = house.client().post(&replay, json!({})).await.expect(200);
        assert_eq!(replayed["same"], json!(true));
    }
    house.call().await;
    assert_eq!(
        house.serving().await,
        json!(house.bad),
        "two calls failed, and two replays"
    );
    house.call().await;
    assert_eq!(house.serving().await, json!(house.good));
}
