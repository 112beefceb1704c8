//! A reseller with a customer and a carrier of its own, as anybody signs up.

use chrono::{DateTime, Utc};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ground::{Ground, Port};

pub const SECRET: &str = "carrier-secret";

/// What the simulated carrier wants.
pub fn client() -> Value {
    json!({
        "kind": "oauth2", "client_id": "client", "client_secret": SECRET,
        "token_destination": "api", "token_target": "/oauth/token",
    })
}

/// What needs no other answer first.
pub fn token() -> Value {
    json!({ "kind": "bearer", "token": "a-longer-token" })
}

#[derive(Clone)]
pub struct House {
    http: Client,
    url: String,
    key: String,
    pub reseller: Uuid,
    customer: String,
    carrier: String,
}

impl House {
    pub async fn sign_up(url: &str, slug: &str, (carrier, secret): (&str, Value)) -> Self {
        let mut house = Self {
            http: Client::builder().no_proxy().build().unwrap(),
            url: url.to_owned(),
            key: String::new(),
            reseller: Uuid::nil(),
            customer: String::new(),
            carrier: String::new(),
        };
        let new = json!({
            "slug": slug, "name": slug, "currency": "EUR", "time_zone": "Europe/Vienna",
            "owner": { "email": format!("owner@{slug}.example"), "name": "Owner", "password": "correct horse battery staple" },
        });
        let signed_up = house.post("/v1/signup", &new).await;
        house.key = text(&signed_up["token"]);
        house.reseller = text(&signed_up["reseller"]["id"]).parse().unwrap();
        house.key = text(&house.post("/v1/api-keys", &json!({ "name": "bench" })).await["secret"]);
        let customer =
            json!({ "slug": "baker", "name": "Baker", "currency": "EUR", "time_zone": "Europe/Vienna" });
        house.customer = text(&house.post("/v1/customers", &customer).await["id"]);
        house.connect(carrier, secret).await;
        house
    }

    async fn connect(&mut self, base_url: &str, secret: Value) {
        self.carrier = text(&self.post("/v1/carriers", &json!({ "name": "metro-net" })).await["id"]);
        let path = format!("/v1/carriers/{}", self.carrier);
        let put = async |path: String, body: Value| {
            made(self.http.put(path).bearer_auth(&self.key).json(&body)).await
        };
        let destination = format!("{}{path}/destinations/api", self.url);
        put(destination, json!({ "base_url": base_url })).await;
        let credential = format!("{}{path}/credentials/oauth", self.url);
        put(credential, json!({ "secret": secret, "destinations": ["api"] })).await;
        let serves = json!({ "carrier_id": self.carrier, "settings": { "poll_seconds": 5 } });
        self.activate("adapter", nexusport_plugins::CARRIER_SIMULATOR, serves)
            .await;
    }

    /// Gives the house prices, without which nothing is quoted.
    pub async fn price(&self) {
        let serves = json!({ "settings": { "price_per_mbps": "0.40" } });
        self.activate("pricing", nexusport_plugins::PRICING_COMMITTED, serves)
            .await;
    }

    async fn activate(&self, plugin: &str, component: &'static [u8], mut serves: Value) {
        let upload = self
            .request(&format!("/v1/plugins/{plugin}/releases"))
            .header("content-type", "application/wasm")
            .body(component);
        let release = made(upload).await;
        let id = text(&release["id"]);
        let yes = json!({ "digest": release["digest"] });
        self.post(&format!("/v1/releases/{id}/approve"), &yes).await;
        serves["release_id"] = json!(id);
        self.post("/v1/activations", &serves).await;
    }

    /// Has a port's permanent speed be another one from an instant on.
    pub async fn change(&self, port: &Port, mbps: u32, starts_at: DateTime<Utc>) {
        let wish = json!({ "port_id": port.id, "kind": "base", "mbps": mbps, "starts_at": starts_at });
        let quote = self.post("/v1/quotes", &wish).await;
        self.post("/v1/bandwidth-changes", &json!({ "quote_id": quote["id"] }))
            .await;
    }

    /// Adds a port, whose speed is read from the carrier at once.
    pub async fn port(&self, ground: &Ground, number: u32) -> Port {
        let reference = format!("{}-{number}", self.reseller);
        ground.build(&reference);
        let new = json!({
            "customer_id": self.customer, "name": reference, "carrier_id": self.carrier, "reference": reference, "base_mbps": 1_000,
        });
        let id = text(&self.post("/v1/ports", &new).await["id"]).parse().unwrap();
        Port { id, reference }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        made(self.request(path).json(body)).await
    }

    fn request(&self, path: &str) -> RequestBuilder {
        self.http
            .post(format!("{}{path}", self.url))
            .bearer_auth(&self.key)
    }
}

async fn made(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let (status, body) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status}: {body}");
    serde_json::from_str(&body).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
