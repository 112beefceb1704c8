//! A reseller with a customer and a port, as anybody signs up.

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

#[derive(Clone)]
pub struct House {
    http: Client,
    url: String,
    key: String,
    port: String,
}

impl House {
    pub async fn sign_up(url: &str, slug: &str) -> Self {
        let mut house = Self {
            http: Client::builder().no_proxy().build().unwrap(),
            url: url.to_owned(),
            key: String::new(),
            port: String::new(),
        };
        let new = json!({
            "slug": slug, "name": slug, "currency": "EUR", "time_zone": "Europe/Vienna",
            "owner": { "email": format!("owner@{slug}.example"), "name": "Owner", "password": "correct horse battery staple" },
        });
        let signed_up = made(house.post("/v1/signup").json(&new)).await;
        house.key = text(&signed_up["token"]);
        let key = made(house.post("/v1/api-keys").json(&json!({ "name": "bench" }))).await;
        house.key = text(&key["secret"]);
        let customer =
            json!({ "slug": "baker", "name": "Baker", "currency": "EUR", "time_zone": "Europe/Vienna" });
        let customer = made(house.post("/v1/customers").json(&customer)).await;
        let carrier = &signed_up["simulated_carrier"];
        let port = json!({
            "customer_id": customer["id"], "name": "uplink", "carrier_id": carrier["carrier_id"],
            "reference": carrier["ports"][0], "base_mbps": 1000,
        });
        house.port = text(&made(house.post("/v1/ports").json(&port)).await["id"]);
        house
    }

    /// Uploads, approves and activates what prices from now on.
    pub async fn price_by(&self, plugin: &str, component: &[u8], settings: Value) {
        let release = made(self.upload(plugin, component.to_vec())).await;
        let id = text(&release["id"]);
        let yes = json!({ "digest": release["digest"] });
        made(self.post(&format!("/v1/releases/{id}/approve")).json(&yes)).await;
        let new = json!({ "release_id": id, "settings": settings });
        made(self.post("/v1/activations").json(&new)).await;
    }

    pub fn upload(&self, plugin: &str, component: Vec<u8>) -> RequestBuilder {
        self.post(&format!("/v1/plugins/{plugin}/releases?world=pricing"))
            .header("content-type", "application/wasm")
            .body(component)
    }

    pub fn quote(&self) -> RequestBuilder {
        let wish = json!({ "port_id": self.port, "kind": "base", "mbps": 5000 });
        self.post("/v1/quotes").json(&wish)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.url));
        request.bearer_auth(&self.key)
    }
}

async fn made(request: RequestBuilder) -> Value {
    let answer: Response = request.send().await.unwrap();
    let (status, body) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status}: {body}");
    serde_json::from_str(&body).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
