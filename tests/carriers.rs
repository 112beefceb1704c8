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

#[path = "../host/src/egress/tests/server.rs"]
mod server;

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

fn oauth2(client_secret: &str) -> Value {
    json!({
        "kind": "oauth2", "client_id": "client", "client_secret": client_secret,
        "token_destination": "auth", "token_target": "/oauth/token",
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
async fn a_secret_leaves_for_its_destination_alone_and_a_refused_pairing_is_audited() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let (api, other) = (ok().await, ok().await);
    carrier.destination("api", &api.url).await;
    carrier.destination("other", &other.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let pinned = carrier.pinned().await;
    answered(carrier.send(&pinned, &request("api", Some("key"))).await);
    let expected = format!("authorization: Bearer {SECRET}\r\n");
    assert!(api.requests()[0].contains(&expected));
    let detail = refused(carrier.send(&pinned, &request("other", Some("key"))).await);
    assert_eq!(detail, "the credential key is not bound to the destination other");
    assert!(other.requests().is_empty());
    let told = reseller
        .client
        .get("/v1/audit-events?action=carrier.send")
        .await
        .expect(200);
    assert_eq!(told["items"][0]["outcome"], "refused");
    assert_eq!(told["items"][0]["detail"]["destination"], "other");
    answered(carrier.send(&pinned, &request("other", None)).await);
    assert!(!other.requests()[0].contains("authorization"));
}

#[tokio::test]
async fn another_base_url_detaches_the_credentials_of_its_destination() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let (former, latter) = (ok().await, ok().await);
    carrier.destination("api", &former.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let begun = carrier.pinned().await;
    assert_eq!(
        carrier.destination("api", &former.url).await["detached"],
        json!([])
    );
    assert_eq!(
        carrier.destination("api", &latter.url).await["detached"],
        json!(["key"])
    );
    refused(
        carrier
            .send(&carrier.pinned().await, &request("api", Some("key")))
            .await,
    );
    carrier.credential("key", &["api"], bearer()).await;
    answered(
        carrier
            .send(&carrier.pinned().await, &request("api", Some("key")))
            .await,
    );
    let detail = refused(carrier.send(&begun, &request("api", Some("key"))).await);
    assert!(detail.contains("led elsewhere"), "{detail}");
    assert_eq!((former.requests().len(), latter.requests().len()), (0, 1));
}

#[tokio::test]
async fn a_secret_that_a_carrier_repeats_reaches_no_guest() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let echo = format!("{{\"you sent\":\"{}\"}}", SECRET.replace('/', "\\/"));
    let header = format!("x-echo: {}\r\n", hex::encode(SECRET));
    let api = Server::start(vec![reply("200 OK", &header, &echo), reply("200 OK", "", &echo)]).await;
    carrier.destination("api", &api.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let pinned = carrier.pinned().await;
    for credential in [Some("key"), None] {
        let response = answered(carrier.send(&pinned, &request("api", credential)).await);
        assert_eq!(response.body, b"{\"you sent\":\"[secret]\"}");
        assert!(
            response
                .headers
                .iter()
                .all(|header| header.value != hex::encode(SECRET))
        );
    }
}

#[tokio::test]
async fn a_removed_credential_is_gone_and_another_resellers_still_works() {
    let host = Host::start().await;
    let (north, harbour) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let (first, second) = (
        Carrier::add(&host, &north).await,
        Carrier::add(&host, &harbour).await,
    );
    let api = ok().await;
    for carrier in [&first, &second] {
        carrier.destination("api", &api.url).await;
        carrier.credential("key", &["api"], bearer()).await;
    }
    let path = format!("{}/credentials/key", first.path);
    north.client.delete(&path).await.expect(204);
    north.client.delete(&path).await.problem(404, "not_found");
    assert_eq!(first.shown().await["credentials"], json!([]));
    let detail = refused(
        first
            .send(&first.pinned().await, &request("api", Some("key")))
            .await,
    );
    assert_eq!(detail, "the carrier has no credential key");
    answered(
        second
            .send(&second.pinned().await, &request("api", Some("key")))
            .await,
    );
    let mut superuser = host.database.superuser().await;
    let left: Vec<i32> =
        sqlx::query_scalar("select length(sealed) from credential where removed_at is not null")
            .fetch_all(&mut superuser)
            .await
            .unwrap();
    assert_eq!(left, [0]);
}

#[tokio::test]
async fn two_tenants_sealed_credentials_swapped_open_for_neither() {
    let host = Host::start().await;
    let (north, harbour) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let (first, second) = (
        Carrier::add(&host, &north).await,
        Carrier::add(&host, &harbour).await,
    );
    let api = ok().await;
    for carrier in [&first, &second] {
        carrier.destination("api", &api.url).await;
        carrier.credential("key", &["api"], bearer()).await;
    }
    let mut superuser = host.database.superuser().await;
    let swapped = sqlx::query(
        "update credential set sealed = other.sealed from credential other where other.id <> credential.id",
    )
    .execute(&mut superuser)
    .await
    .unwrap();
    assert_eq!(swapped.rows_affected(), 2);
    for carrier in [&first, &second] {
        let sent = carrier
            .send(&carrier.pinned().await, &request("api", Some("key")))
            .await;
        assert!(matches!(sent, Err(Fault::Broken(_))), "{sent:?}");
    }
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn a_customers_work_uses_the_house_and_leaves_its_refusals_there() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "baker").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let api = ok().await;
    carrier.destination("api", &api.url).await;
    carrier.credential("key", &["api"], bearer()).await;
    let (pinned, caller) = (carrier.pinned().await, caller(&host, &customer.key).await);
    let send = async |credential| {
        carriers::send(
            &host.app,
            &caller,
            carrier.id,
            &pinned,
            &request("api", Some(credential)),
        )
        .await
    };
    answered(send("key").await);
    refused(send("none").await);
    let path = "/v1/audit-events?action=carrier.send";
    let told = |answer: Value| answer["items"].as_array().unwrap().len();
    assert_eq!(told(customer.client.get(path).await.expect(200)), 0);
    assert_eq!(told(reseller.client.get(path).await.expect(200)), 1);
}

#[tokio::test]
async fn a_token_is_fetched_once_and_renewed_when_the_carrier_refuses_it() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let token = |token: &str| {
        reply(
            "200 OK",
            "",
            &format!("{{\"access_token\":\"{token}\",\"expires_in\":3600}}"),
        )
    };
    let auth = Server::start(vec![token("t0ken-one"), token("t0ken-two"), token("t0ken-three")]).await;
    let stale = || reply("401 Unauthorized", "", "t0ken-one is stale");
    let fine = || reply("200 OK", "", "t0ken-two, t0ken-one");
    let api = Server::start(vec![fine(), stale(), fine(), stale(), fine()]).await;
    carrier.destination("api", &api.url).await;
    carrier.destination("auth", &auth.url).await;
    let set = carrier.credential("client", &["api"], oauth2(SECRET)).await;
    assert_eq!(set["destinations"], json!(["api", "auth"]));
    let pinned = carrier.pinned().await;
    let once = request("api", Some("client"));
    let repeatable = Request {
        repeatable: true,
        ..once.clone()
    };
    answered(carrier.send(&pinned, &once).await);
    assert_eq!((api.requests().len(), auth.requests().len()), (1, 1));
    let renewed = answered(carrier.send(&pinned, &repeatable).await);
    assert_eq!(
        (renewed.status, &renewed.body[..]),
        (200, &b"[secret], [secret]"[..])
    );
    assert!(api.requests()[2].contains("authorization: Bearer t0ken-two\r\n"));
    let kept = answered(carrier.send(&pinned, &once).await);
    assert_eq!(
        kept.status, 401,
        "a request that is not repeatable was sent twice"
    );
    assert_eq!((api.requests().len(), auth.requests().len()), (4, 2));
    answered(carrier.send(&pinned, &once).await);
    assert!(api.requests()[4].contains("authorization: Bearer t0ken-three\r\n"));
    assert!(api.requests().iter().all(|request| !request.contains("Basic")));
}

#[tokio::test]
async fn a_client_secret_does_not_go_to_a_token_endpoint_that_moved() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let (api, auth, moved) = (ok().await, ok().await, ok().await);
    carrier.destination("api", &api.url).await;
    carrier.destination("auth", &auth.url).await;
    carrier.credential("client", &["api"], oauth2(SECRET)).await;
    assert_eq!(
        carrier.destination("auth", &moved.url).await["detached"],
        json!(["client"])
    );
    let detail = refused(
        carrier
            .send(&carrier.pinned().await, &request("api", Some("client")))
            .await,
    );
    assert!(detail.contains("token destination auth"), "{detail}");
    assert!(api.requests().is_empty() && auth.requests().is_empty() && moved.requests().is_empty());
}

#[tokio::test]
async fn a_token_that_cannot_be_had_means_the_request_was_not_sent() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let api = ok().await;
    let auth = Server::start(vec![
        reply("503 Busy", "", ""),
        reply("401 Unauthorized", "", SECRET),
    ])
    .await;
    carrier.destination("api", &api.url).await;
    carrier.destination("auth", &auth.url).await;
    carrier.credential("client", &["api"], oauth2(SECRET)).await;
    let pinned = carrier.pinned().await;
    let busy = carrier.send(&pinned, &request("api", Some("client"))).await;
    assert!(
        matches!(busy, Ok(Answer::NotSent(NotSent { temporary: true, .. }))),
        "{busy:?}"
    );
    let detail = refused(carrier.send(&pinned, &request("api", Some("client"))).await);
    assert_eq!(detail, "the token endpoint answered 401");
    assert!(api.requests().is_empty());
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
        (credential(oauth2(SECRET), json!(["d0"])), "destination_unknown"),
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
            cache: host.folder.path().join("cache"),
            program: env!("CARGO_BIN_EXE_nexusport").into(),
        };
        boot::app(&host.database.urls, parts).await.map(drop)
    };
    let refused = start([9; 32]).await.unwrap_err().to_string();
    assert!(refused.contains("master_key_differs"), "{refused}");
    start([7; 32]).await.unwrap();
}
