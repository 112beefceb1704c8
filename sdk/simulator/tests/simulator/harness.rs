//! A simulator of one's own, with an account, a port and a token.

use std::sync::Once;

use chrono::{DateTime, TimeDelta, Utc};
use nexusport_simulator::{Account, Control, Fault, NewPort, Simulator};
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

/// A simulator whose clock stands at [`START`], with the account `acme`, its port `port-1` at 1000 of 10000 Mbps,
/// and a token for it.
pub struct Carrier {
    pub simulator: Simulator,
    pub control: Control,
    pub client: Client,
    pub token: String,
}

/// An answer that was really received.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub json: Value,
}

/// When every test begins.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

impl Carrier {
    pub async fn new() -> Self {
        let simulator = Simulator::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let control = simulator.control();
        control.set_clock(start());
        control
            .add_account(Account::new("client", "secret", "acme"))
            .unwrap();
        control
            .add_port(NewPort::new("acme", "port-1", 1_000, 10_000))
            .unwrap();
        let mut carrier = Self {
            simulator,
            control,
            client: client(),
            token: String::new(),
        };
        carrier.token = carrier.token_of("client", "secret").await;
        carrier
    }

    /// Drives the clock to this long after the start.
    pub fn at_ms(&self, milliseconds: i64) {
        self.control
            .set_clock(start() + TimeDelta::milliseconds(milliseconds));
    }

    pub fn fault(&self, fault: Fault) {
        self.control.fault(fault).unwrap();
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.simulator.url()))
    }

    pub fn authorized(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.authorized(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.authorized(Method::POST, path).json(&body)).await
    }

    /// Calls the control API with this body.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        answer(self.request(method, path).json(&body)).await
    }

    /// A request for an order on `port-1`.
    pub fn order(&self, mbps: u32, reference: &str) -> RequestBuilder {
        let body = json!({ "mbps": mbps, "reference": reference });
        self.authorized(Method::POST, "/v1/ports/port-1/orders")
            .json(&body)
    }

    /// Places an order on `port-1` and returns it.
    pub async fn placed(&self, mbps: u32, reference: &str) -> Value {
        let answer = answer(self.order(mbps, reference)).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json
    }

    /// The order as it is now.
    pub async fn order_now(&self, order: &Value) -> Value {
        let path = format!("/v1/orders/{}", order["id"].as_str().unwrap());
        self.get(&path).await.json
    }

    pub async fn token_of(&self, id: &str, secret: &str) -> String {
        let request = self
            .request(Method::POST, "/oauth/token")
            .basic_auth(id, Some(secret));
        let answer = answer(form(request, "grant_type=client_credentials")).await;
        answer.json["access_token"].as_str().unwrap().to_owned()
    }

    /// A second account, `rival`, with its port `port-2`; returns its token.
    pub async fn rival(&self) -> String {
        self.control
            .add_account(Account::new("rival-client", "rival-secret", "rival"))
            .unwrap();
        self.control
            .add_port(NewPort::new("rival", "port-2", 500, 1_000))
            .unwrap();
        self.token_of("rival-client", "rival-secret").await
    }
}

impl Answer {
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.json["code"].as_str().unwrap_or("none"))
    }
}

/// A client that follows nothing and trusts nobody: one request, one answer.
pub fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
    });
    Client::builder().no_proxy().build().unwrap()
}

pub fn form(request: RequestBuilder, body: &'static str) -> RequestBuilder {
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer {
        status,
        headers,
        json: response.json().await.unwrap(),
    }
}
