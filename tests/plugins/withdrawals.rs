//! Customers first and all later, taking an activation back, and what served on any day.

use chrono::TimeDelta;
use nexusport_plugins::PRICING_COMMITTED;
use serde_json::{Value, json};

use super::approved;
use crate::harness::{Client, Customer, Host, Reseller, text};

const NOON: &str = "2026-03-02T12:00:00Z";

/// A reseller with an approved price.
struct House {
    host: Host,
    reseller: Reseller,
    release: String,
}

impl House {
    async fn new() -> Self {
        let host = Host::start().await;
        let reseller = host.reseller("northlight").await;
        let release = approved(&reseller, "monthly", PRICING_COMMITTED).await;
        Self {
            host,
            reseller,
            release,
        }
    }

    async fn customer(&self, slug: &str) -> Customer {
        self.host.customer(&self.reseller, slug).await
    }

    fn client(&self) -> &Client {
        &self.reseller.client
    }

    /// Has this price serve a minute after the last one; gives the activation.
    async fn activate(&self, price: &str, more: Value) -> Value {
        self.host.clock.set(self.host.app.now() + TimeDelta::minutes(1));
        let mut new = json!({ "release_id": self.release, "settings": { "price_per_mbps": price } });
        new.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.client().post("/v1/activations", new).await.expect(201)
    }

    /// The price that serves the customer now or at a time; none where nothing does.
    async fn price(&self, customer: &Customer, at: Option<&str>) -> Option<String> {
        let at = at.map_or_else(String::new, |at| format!("&at={at}"));
        let path = format!(
            "/v1/activations/serving?world=pricing&customer_id={}{at}",
            customer.id
        );
        let served = self.client().get(&path).await.expect(200);
        let serving = &served["serving"];
        (!serving.is_null()).then(|| text(&serving["settings"]["price_per_mbps"]))
    }

    /// What serves these customers now.
    async fn prices<const N: usize>(&self, customers: [&Customer; N]) -> [String; N] {
        let mut prices = std::array::from_fn(|_| String::new());
        for (price, customer) in prices.iter_mut().zip(customers) {
            *price = self.price(customer, None).await.unwrap_or_default();
        }
        prices
    }
}

fn act(activation: &Value, verb: &str) -> String {
    format!("/v1/activations/{}/{verb}", text(&activation["id"]))
}

#[tokio::test]
async fn chosen_customers_come_first_all_follow_and_a_rollback_gives_each_what_it_had() {
    let house = House::new().await;
    let (quay, mole, pier) = (
        house.customer("quay").await,
        house.customer("mole").await,
        house.customer("pier").await,
    );
    let everybody = [&quay, &mole, &pier];
    house.activate("0.40", json!({})).await;
    house.activate("0.35", json!({ "customer_ids": [pier.id] })).await;
    assert_eq!(house.prices(everybody).await, ["0.40", "0.40", "0.35"]);

    let first = house
        .activate("0.50", json!({ "customer_ids": [quay.id, mole.id] }))
        .await;
    assert_eq!(first["customer_ids"], json!([quay.id, mole.id]));
    assert_eq!(house.prices(everybody).await, ["0.50", "0.50", "0.35"]);
    // For all, but those who have something of their own keep it.
    house.activate("0.45", json!({})).await;
    assert_eq!(house.prices(everybody).await, ["0.50", "0.50", "0.35"]);
    let all = house.activate("0.60", json!({ "replaces_own": true })).await;
    assert_eq!(house.prices(everybody).await, ["0.60", "0.60", "0.60"]);
    house.activate("0.70", json!({ "customer_ids": [mole.id] })).await;
    assert_eq!(house.prices(everybody).await, ["0.60", "0.70", "0.60"]);

    // Taken back, it is as if it had not replaced what customers had of their own.
    let why = json!({ "detail": "too dear" });
    let rolled_back = house.client().post(&act(&all, "withdraw"), why).await;
    let withdrawal = rolled_back.expect(200)["withdrawal"].clone();
    assert_eq!(
        (&withdrawal["reason"], &withdrawal["detail"]),
        (&json!("rolled_back"), &json!("too dear"))
    );
    assert!(withdrawal["by"].is_string(), "{withdrawal}");
    assert_eq!(house.prices(everybody).await, ["0.50", "0.70", "0.35"]);
    // The first one still serves one of its two customers.
    house
        .client()
        .post(&act(&first, "withdraw"), json!({}))
        .await
        .expect(200);
    assert_eq!(house.prices(everybody).await, ["0.45", "0.70", "0.35"]);
    house
        .client()
        .post(&act(&first, "withdraw"), json!({}))
        .await
        .problem(409, "activation_withdrawn");

    let listed = house.client().get("/v1/activations").await.expect(200);
    assert_eq!(
        listed["items"].as_array().unwrap().len(),
        6,
        "one item a decision"
    );
    assert_eq!(
        listed["items"][2],
        house
            .client()
            .get(&format!("/v1/activations/{}", text(&first["id"])))
            .await
            .expect(200)
    );
    let audit = house
        .client()
        .get("/v1/audit-events?action=activation.roll_back")
        .await
        .expect(200);
    let told = &audit["items"][1]["detail"]["serving"];
    assert_eq!(told[0]["customer"], json!(quay.id), "{audit}");
}

#[tokio::test]
async fn what_served_on_a_day_is_told_after_everything_was_taken_back() {
    let house = House::new().await;
    let quay = house.customer("quay").await;
    let one = house.activate("0.40", json!({})).await;
    let two = house.activate("0.50", json!({ "customer_ids": [quay.id] })).await;
    let three = house.activate("0.60", json!({})).await;
    house.host.clock.set("2026-03-10T00:00:00Z".parse().unwrap());
    house
        .client()
        .post(&act(&two, "withdraw"), json!({}))
        .await
        .expect(200);
    house.host.clock.set("2026-03-20T00:00:00Z".parse().unwrap());
    house
        .client()
        .post(&act(&three, "withdraw"), json!({}))
        .await
        .expect(200);
    for (at, expected) in [
        (NOON, None),
        ("2026-03-02T12:01:00Z", Some("0.40")),
        ("2026-03-02T12:02:00Z", Some("0.50")),
        ("2026-03-09T23:59:59Z", Some("0.50")),
        ("2026-03-10T00:00:00Z", Some("0.60")),
        ("2026-03-20T00:00:00Z", Some("0.40")),
        ("2027-01-01T00:00:00Z", Some("0.40")),
    ] {
        assert_eq!(house.price(&quay, Some(at)).await.as_deref(), expected, "{at}");
    }
    // There is nothing left to go back to.
    house
        .client()
        .post(&act(&one, "withdraw"), json!({}))
        .await
        .problem(409, "nothing_served_before");
    assert_eq!(house.prices([&quay]).await, ["0.40"]);
    let path = format!("/v1/activations/serving?world=carrier&customer_id={}", quay.id);
    let asked = house.client().get(&path).await;
    asked.problem(422, "activation_carrier_missing");
    let path = format!(
        "/v1/activations/serving?world=pricing&customer_id={}",
        house.reseller.id
    );
    house.client().get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_is_not_in_effect_is_cancelled_and_never_serves() {
    let house = House::new().await;
    let quay = house.customer("quay").await;
    let serving = house.activate("0.40", json!({})).await;
    let later = house
        .activate("0.50", json!({ "effective_at": "2026-04-01T00:00:00Z" }))
        .await;
    let refused = house.client().post(&act(&later, "withdraw"), json!({})).await;
    refused.problem(409, "activation_not_in_effect");
    let refused = house.client().post(&act(&serving, "cancel"), json!({})).await;
    refused.problem(409, "activation_in_effect");
    assert_eq!(
        house.price(&quay, Some("2026-04-01T00:00:00Z")).await.as_deref(),
        Some("0.50")
    );
    let cancelled = house
        .client()
        .post(&act(&later, "cancel"), json!({}))
        .await
        .expect(200);
    assert_eq!(cancelled["withdrawal"]["reason"], "cancelled");
    house.host.clock.set("2026-04-02T00:00:00Z".parse().unwrap());
    assert_eq!(house.prices([&quay]).await, ["0.40"]);
    let refused = house.client().post(&act(&later, "cancel"), json!({})).await;
    refused.problem(409, "activation_withdrawn");
}

#[tokio::test]
async fn what_others_replaced_has_nothing_to_be_rolled_back_from() {
    let house = House::new().await;
    let quay = house.customer("quay").await;
    house.activate("0.40", json!({})).await;
    let replaced = house.activate("0.50", json!({})).await;
    house.activate("0.60", json!({})).await;
    let refused = house.client().post(&act(&replaced, "withdraw"), json!({})).await;
    refused.problem(409, "activation_superseded");
    assert_eq!(house.prices([&quay]).await, ["0.60"]);
    // Permission to read is not enough.
    let read = json!({ "name": "reader", "permissions": ["plugins.read"] });
    let key = house.client().post("/v1/api-keys", read).await.expect(201);
    let reader = house.host.client.with_token(&text(&key["secret"]));
    for verb in ["cancel", "withdraw"] {
        let refused = reader.post(&act(&replaced, verb), json!({})).await;
        refused.problem(403, "permission_missing");
    }
}

#[tokio::test]
async fn whom_an_activation_is_for_is_said_without_contradiction() {
    let house = House::new().await;
    let quay = house.customer("quay").await;
    let new = |more: Value| {
        let mut new = json!({ "release_id": house.release, "settings": { "price_per_mbps": "0.40" } });
        new.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        house.client().post("/v1/activations", new)
    };
    for whom in [
        json!({ "customer_ids": [] }),
        json!({ "customer_ids": [quay.id, quay.id] }),
        json!({ "customer_ids": [quay.id], "replaces_own": true }),
    ] {
        new(whom).await.problem(422, "activation_customers_invalid");
    }
    for (trip, named) in [
        (json!({}), "no condition"),
        (
            json!({ "failures": { "percent": 0, "calls": 1, "hours": 1 } }),
            "failures.percent",
        ),
        (
            json!({ "price": { "change_percent": 0 } }),
            "price.change_percent",
        ),
        (json!({ "price": {} }), "price"),
    ] {
        let told = new(json!({ "trip": trip })).await.problem(422, "trip_invalid");
        assert!(told.contains(named), "{told}");
    }
    assert_eq!(house.price(&quay, None).await, None, "nothing of it was kept");
}
