//! Carriers: where their requests may go, and that their secrets go nowhere else.

use nexusport::{
    boot,
    carriers::{self, Destinations},
    fault::Fault,
    identity::{Caller, Purpose, entrance},
    ids::CarrierId,
    vault::MasterKey,
};
use nexusport_sandbox::carrier::{Answer, NotSent, Request, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Host, Reseller, text};

#[allow(dead_code)] // not every reply is needed here
#[path = "../../host/src/egress/tests/server.rs"]
mod server;

mod notifications;
mod sending;
mod tokens;

use server::{Server, reply};

const SECRET: &str = "c4nary/s3cret+value";

struct Carrier<'a> {
    host: &'a Host,
    path: String,
    id: CarrierId,
    reseller: &'a Reseller,
}

impl<'a> Carrier<'a> {
    async fn add(host: &'a Host, reseller: &'a Reseller) -> Self {
        let new = json!({ "name": "Harbour Networks" });
        let id = text(&reseller.client.post("/v1/carriers", new).await.expect(201)["id"]);
        Self {
            host,
            path: format!("/v1/carriers/{id}"),
            id: id.parse::<Uuid>().unwrap().into(),
            reseller,
        }
    }

    async fn destination(&self, handle: &str, base_url: &str) -> Value {
        let path = format!("{}/destinations/{handle}", self.path);
        let body = json!({ "base_url": base_url });
        self.reseller.client.put(&path, body).await.expect(200)
    }

    async fn credential(&self, handle: &str, destinations: &[&str], secret: Value) -> Value {
        let path = format!("{}/credentials/{handle}", self.path);
        let body = json!({ "secret": secret, "destinations": destinations });
        self.reseller.client.put(&path, body).await.expect(200)
    }

    async fn shown(&self) -> Value {
        self.reseller.client.get(&self.path).await.expect(200)
    }

    async fn pinned(&self) -> Destinations {
        let caller = caller(self.host, &self.reseller.key).await;
        let house = caller.for_house(Purpose::Carrier);
        let mut tx = self.host.app.db.house(&house).await.unwrap();
        carriers::pinned(&mut tx, self.id).await.unwrap()
    }

    async fn send(&self, pinned: &Destinations, request: &Request) -> Result<Answer, Fault> {
        let caller = caller(self.host, &self.reseller.key).await;
        carriers::send(&self.host.app, &caller, self.id, pinned, request).await
    }
}

async fn caller(host: &Host, key: &str) -> Caller {
    entrance::authenticate(&host.app, key).await.unwrap()
}

fn bearer() -> Value {
    json!({ "kind": "bearer", "token": SECRET })
}

fn oauth2(token_destination: &str) -> Value {
    json!({
        "kind": "oauth2", "client_id": "client", "client_secret": SECRET,
        "token_destination": token_destination, "token_target": "/oauth/token",
    })
}

fn request(destination: &str, credential: Option<&str>) -> Request {
    Request {
        method: "POST".to_owned(),
        destination: destination.to_owned(),
        target: "/orders".to_owned(),
        headers: Vec::new(),
        body: b"{}".to_vec(),
        credential: credential.map(str::to_owned),
        repeatable: false,
    }
}

#[track_caller]
fn answered(answer: Result<Answer, Fault>) -> Response {
    match answer {
        Ok(Answer::Answered(response)) => response,
        other => panic!("not answered: {other:?}"),
    }
}

#[track_caller]
fn refused(answer: Result<Answer, Fault>) -> String {
    match answer {
        Ok(Answer::NotSent(NotSent {
            temporary: false,
            detail,
        })) => detail,
        other => panic!("not refused: {other:?}"),
    }
}

async fn ok() -> Server {
    Server::start(vec![reply("200 OK", "", "{}"), reply("200 OK", "", "{}")]).await
}

#[tokio::test]
async fn a_carrier_shows_its_destinations_and_credentials_but_no_secret() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    carrier
        .destination("api", "https://api.carrier.example/v1/")
        .await;
    carrier.credential("key", &["api"], bearer()).await;
    let shown = carrier.shown().await;
    assert_eq!(
        shown["destinations"][0]["base_url"],
        "https://api.carrier.example/v1"
    );
    assert_eq!(shown["credentials"][0]["kind"], "bearer");
    assert_eq!(shown["credentials"][0]["destinations"], json!(["api"]));
    let listed = reseller.client.get("/v1/carriers").await.expect(200);
    assert_eq!(listed["items"][0]["id"], shown["id"]);
    let told = reseller.client.get("/v1/audit-events").await.expect(200);
    for seen in [&shown, &listed, &told] {
        assert!(!seen.to_string().contains("c4nary"), "{seen}");
    }
}

#[tokio::test]
async fn a_strangers_carrier_is_missing_and_a_customer_may_see_none() {
    let host = Host::start().await;
    let (north, harbour) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let customer = host.customer(&north, "baker").await;
    let carrier = Carrier::add(&host, &north).await;
    carrier.destination("api", "https://api.carrier.example").await;
    let stranger = &harbour.client;
    let credential = format!("{}/credentials/key", carrier.path);
    let destination = format!("{}/destinations/api", carrier.path);
    let base_url = json!({ "base_url": "https://evil.example" });
    let key = json!({ "secret": bearer(), "destinations": ["api"] });
    stranger.get(&carrier.path).await.problem(404, "not_found");
    stranger
        .put(&destination, base_url.clone())
        .await
        .problem(404, "not_found");
    stranger
        .put(&credential, key.clone())
        .await
        .problem(404, "not_found");
    stranger.delete(&credential).await.problem(404, "not_found");
    assert_eq!(stranger.get("/v1/carriers").await.expect(200)["items"], json!([]));
    customer
        .client
        .get("/v1/carriers")
        .await
        .problem(403, "permission_missing");
    customer
        .client
        .put(&destination, base_url)
        .await
        .problem(403, "permission_missing");
    let unchanged = carrier.shown().await;
    assert_eq!(
        unchanged["destinations"][0]["base_url"],
        "https://api.carrier.example"
    );
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_code() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let put = async |what: &str, body: Value| {
        reseller
            .client
            .put(&format!("{}/{what}", carrier.path), body)
            .await
    };
    for base_url in [
        "http://api.carrier.example",
        "https://10.0.0.1",
        "https://u:p@api.carrier.example",
        "x",
    ] {
        put("destinations/api", json!({ "base_url": base_url }))
            .await
            .problem(422, "base_url_invalid");
    }
    put("destinations/A%20B", json!({ "base_url": "https://a.example" }))
        .await
        .problem(422, "handle_invalid");
    for n in 0..8 {
        carrier
            .destination(&format!("d{n}"), "https://api.carrier.example")
            .await;
    }
    put(
        "destinations/d8",
        json!({ "base_url": "https://api.carrier.example" }),
    )
    .await
    .problem(422, "too_many_destinations");
    let credential =
        |secret: Value, destinations: Value| json!({ "secret": secret, "destinations": destinations });
    let short = json!({ "kind": "bearer", "token": "short" });
    let header = json!({ "kind": "header", "name": "Host", "value": SECRET });
    let cases = [
        (credential(bearer(), json!(["none"])), "destination_unknown"),
        (credential(bearer(), json!([])), "destination_needed"),
        (credential(short, json!(["d0"])), "secret_length"),
        (credential(header, json!(["d0"])), "secret_unsendable"),
        (credential(oauth2("auth"), json!(["d0"])), "destination_unknown"),
        (
            credential(json!({ "kind": "mutual" }), json!(["d0"])),
            "json_unexpected",
        ),
    ];
    for (body, code) in cases {
        put("credentials/key", body).await.problem(422, code);
    }
    let again = json!({ "name": "Harbour Networks" });
    reseller
        .client
        .post("/v1/carriers", again)
        .await
        .problem(409, "name_taken");
}

#[tokio::test]
async fn a_host_with_another_master_key_does_not_start_on_the_database() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let start = async |key| {
        let parts = boot::Parts {
            clock: host.app.clock.clone(),
            connections: 2,
            master_key: MasterKey::new(key),
            allow_loopback_carriers: false,
            dns_resolver: None,
            cache: host.folder.path().join("cache"),
            post: crate::harness::post(host.folder.path()),
            trusted_proxies: Vec::new(),
            program: env!("CARGO_BIN_EXE_nexusport").into(),
        };
        boot::app(&host.database.urls, parts).await.map(drop)
    };
    let refused = start([9; 32]).await.unwrap_err().to_string();
    assert!(refused.contains("master_key_differs"), "{refused}");
    start([7; 32]).await.unwrap();
}
