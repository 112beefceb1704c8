//! Signing in with an identity provider: who comes in, where, and who does not. The provider is real: it listens,
//! signs, and checks what it is sent.

mod hostile;
mod keys;
mod mixed_up;
mod people;
mod provider;
mod strangers;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Customer, Host, Reseller, text};
use provider::{CLIENT, Provider, SECRET, query};

/// A reseller with a provider whose people join a customer.
struct Stage {
    host: Host,
    reseller: Reseller,
    customer: Customer,
    provider: Provider,
    provider_id: String,
}

/// Somebody on the way to a provider.
struct Journey {
    provider_id: String,
    url: String,
    cookie: String,
}

impl Stage {
    async fn set() -> Self {
        let host = Host::start().await;
        let reseller = host.reseller("northlight").await;
        let customer = host.customer(&reseller, "quay").await;
        let provider = Provider::start().await;
        let joins = joins(&customer).await;
        let provider_id = name_provider(&reseller, &provider, "staff", joins).await;
        Self {
            host,
            reseller,
            customer,
            provider,
            provider_id,
        }
    }

    /// Somebody at the reseller's address.
    fn at(&self) -> Client {
        self.host.client.anonymous().at("northlight.localhost")
    }

    /// Goes to the provider, signs in there as this subject with these claims, and comes back.
    async fn come_as(&self, claims: Value) -> Answer {
        let journey = begin(&self.at(), &self.provider_id).await;
        let code = self.provider.sign_in(&journey.url, claims, self.host.app.now());
        come_back(&self.at(), &journey, &code).await
    }

    /// Why the reseller's trail says that nobody came in, oldest first.
    async fn refusals(&self) -> Vec<String> {
        let path = "/v1/audit-events?action=session.begin&limit=200";
        let events = self.reseller.client.get(path).await.expect(200);
        let events = events["items"].as_array().unwrap().clone();
        let refused = events.iter().filter(|event| event["outcome"] == "refused");
        refused.map(|event| text(&event["detail"]["why"])).collect()
    }

    async fn last_refusal(&self) -> String {
        self.refusals().await.pop().unwrap()
    }

    async fn sessions_begun(&self) -> usize {
        let path = "/v1/audit-events?action=session.begin&limit=200";
        let events = self.reseller.client.get(path).await.expect(200);
        let events = events["items"].as_array().unwrap().clone();
        events.iter().filter(|event| event["outcome"] == "done").count()
    }
}

/// The customer's own role, for whoever joins.
async fn joins(customer: &Customer) -> Value {
    let roles = customer.client.get("/v1/roles").await.expect(200);
    json!({ "tenant_id": customer.id, "role_id": roles["items"][0]["id"] })
}

async fn name_provider(reseller: &Reseller, provider: &Provider, name: &str, joins: Value) -> String {
    let new = json!({
        "name": name, "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "joins": joins,
    });
    text(
        &reseller
            .client
            .post("/v1/identity-providers", new)
            .await
            .expect(201)["id"],
    )
}

async fn begin(at: &Client, provider_id: &str) -> Journey {
    begin_with(at, json!({ "provider_id": provider_id })).await
}

async fn begin_with(at: &Client, start: Value) -> Journey {
    let provider_id = text(&start["provider_id"]);
    let answer = at.post("/v1/federated-sign-ins", start).await;
    let url = text(&answer.expect(201)["authorization_url"]);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for attribute in ["__Host-", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(answer.headers["cache-control"], "no-store");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    Journey {
        provider_id,
        url,
        cookie,
    }
}

async fn come_back(at: &Client, journey: &Journey, code: &str) -> Answer {
    let state = &query(&journey.url)["state"];
    let query = format!("state={state}&code={code}&session_state=x");
    call_back(at, &journey.provider_id, &query, Some(&journey.cookie)).await
}

async fn call_back(at: &Client, provider_id: &str, query: &str, cookie: Option<&str>) -> Answer {
    let path = format!("/v1/federated-sign-ins/callback/{provider_id}?{query}");
    let mut request = at.request(reqwest::Method::GET, &path);
    if let Some(cookie) = cookie {
        request = request.header("cookie", format!("a=b; {cookie}"));
    }
    at.send(request).await
}
