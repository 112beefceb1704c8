//! An upload that is followed: every check as it was made, and nothing that depends on who listens.

use nexusport_plugins::{PRICING_COMMITTED, hostile};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{report, upload};
use crate::harness::{Client, Host, Reseller, text};

/// Events by name, with their data.
type Events = Vec<(String, Value)>;

fn followed(client: &Client, plugin: &str, component: &[u8]) -> RequestBuilder {
    client
        .request(Method::POST, &format!("/v1/plugins/{plugin}/releases"))
        .header("content-type", "application/wasm")
        .header("accept", "text/event-stream")
        .body(component.to_vec())
}

fn events(stream: &[u8]) -> Events {
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let data = serde_json::from_str(field("data: ")).unwrap();
        (field("event: ").to_owned(), data)
    };
    let blocks = std::str::from_utf8(stream).unwrap().split("\n\n");
    // Comments keep the connection open and tell nothing.
    let told = blocks.filter(|block| !block.is_empty() && !block.starts_with(':'));
    told.map(event).collect()
}

async fn follow(client: &Client, plugin: &str, component: &[u8]) -> Events {
    let answer = client.send(followed(client, plugin, component)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    events(&answer.bytes)
}

/// Everything from the next event on.
async fn rest(response: &mut Response) -> Vec<u8> {
    let mut heard = Vec::new();
    while let Some(bytes) = response.chunk().await.unwrap() {
        heard.extend_from_slice(&bytes);
    }
    heard
}

fn named(events: &Events, name: &str) -> Vec<Value> {
    let of = events.iter().filter(|(event, _)| event == name);
    of.map(|(_, data)| data.clone()).collect()
}

#[tokio::test]
async fn each_check_is_told_as_it_was_made_and_the_end_is_what_an_answer_says() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let events = follow(&reseller.client, "monthly", PRICING_COMMITTED).await;
    let stages = named(&events, "stage");
    let stages: Vec<_> = stages.iter().map(|it| text(&it["stage"])).collect();
    assert_eq!(stages, ["compile", "describe", "trial", "conformance"]);
    let (last, release) = events.last().unwrap();
    assert_eq!((&**last, &release["state"]), ("release", &json!("checked")));
    let checks = report(&reseller.client, &text(&release["id"])).await;
    assert_eq!(named(&events, "check"), checks);
    assert!(checks.iter().any(|check| check["name"] == "pricing_additive"));

    let answered = upload(&reseller.client, "monthly", PRICING_COMMITTED).await;
    assert_eq!(&answered.expect(201), release);
    let again = follow(&reseller.client, "monthly", PRICING_COMMITTED).await;
    assert_eq!(
        again,
        [("release".to_owned(), release.clone())],
        "nothing is looked at twice"
    );

    let other = host.reseller("harbour").await;
    let unfollowed = upload(&other.client, "monthly", PRICING_COMMITTED)
        .await
        .expect(201);
    let theirs = report(&other.client, &text(&unfollowed["id"])).await;
    assert_eq!(theirs, checks, "followed or not, the report is the same");
}

#[tokio::test]
async fn a_refused_component_ends_with_the_problem_that_an_answer_would_be() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let events = follow(&reseller.client, "compares", hostile::COMPARES).await;
    let (last, problem) = events.last().unwrap();
    let answered = upload(&reseller.client, "compares", hostile::COMPARES).await;
    assert_eq!(
        (&**last, &answered.expect(422)),
        ("problem", problem),
        "the same words"
    );
    assert!(text(&problem["detail"]).contains("pricing_fuel_slope"));
    let checks = named(&events, "check");
    let last = checks.last().unwrap();
    assert_eq!(
        (&last["outcome"], &last["limit"]),
        (&json!("failed"), &json!(200))
    );
}

#[tokio::test]
async fn what_is_refused_before_anything_is_looked_at_is_an_ordinary_problem() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let send = async |client: &Client, plugin: &str| client.send(followed(client, plugin, b"x")).await;
    send(&reseller.client, "Not-A-Name")
        .await
        .problem(422, "plugin_name_invalid");
    send(&reseller.client.anonymous(), "x")
        .await
        .problem(401, "credential_missing");
    let customer = host.customer(&reseller, "acme").await;
    send(&customer.client, "x")
        .await
        .problem(403, "permission_missing");
}

#[tokio::test]
async fn with_an_idempotency_key_there_is_one_answer_for_whoever_asks_again() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let send = async |component| {
        let request = followed(&reseller.client, "monthly", component);
        reseller
            .client
            .send(request.header("idempotency-key", "once"))
            .await
    };
    let (first, second) = (send(PRICING_COMMITTED).await, send(PRICING_COMMITTED).await);
    assert_eq!(first.headers["content-type"], "application/json");
    assert_eq!(first.expect(201), second.expect(201));
    assert_eq!(second.headers["idempotency-replayed"], "true");
}

#[tokio::test]
async fn an_upload_goes_on_when_its_client_hangs_up() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let mut kept = kept_waiting(&host).await;
    let mut response = followed(&reseller.client, "monthly", PRICING_COMMITTED)
        .send()
        .await
        .unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: stage"));
    drop(response);
    go_on(&mut kept).await;
    becomes_checked(&reseller, "monthly").await;
}

#[tokio::test]
async fn a_key_that_is_revoked_hears_no_more_and_the_upload_goes_on() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let only = json!({ "name": "ci", "permissions": ["plugins.upload"] });
    let made = reseller.client.post("/v1/api-keys", only).await.expect(201);
    let key = reseller.client.with_token(&text(&made["secret"]));
    let mut kept = kept_waiting(&host).await;
    let mut response = followed(&key, "monthly", PRICING_COMMITTED).send().await.unwrap();
    let mut heard = response.chunk().await.unwrap().unwrap().to_vec();
    let path = format!("/v1/api-keys/{}", text(&made["id"]));
    assert!(reseller.client.delete(&path).await.status.is_success());
    go_on(&mut kept).await;
    heard.extend(rest(&mut response).await);
    let events = events(&heard);
    let (last, problem) = events.last().unwrap();
    assert_eq!(
        (&**last, &problem["code"]),
        ("problem", &json!("credential_revoked"))
    );
    assert_eq!(named(&events, "release"), Vec::<Value>::new());
    becomes_checked(&reseller, "monthly").await;
}

#[tokio::test]
async fn a_host_that_stops_tells_the_end_of_what_it_took_in() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let mut kept = kept_waiting(&host).await;
    let mut response = followed(&reseller.client, "monthly", PRICING_COMMITTED)
        .send()
        .await
        .unwrap();
    response.chunk().await.unwrap().unwrap();
    host.stop();
    go_on(&mut kept).await;
    let heard = rest(&mut response).await;
    let end = heard.windows(14).any(|at| at == b"event: release");
    assert!(end, "{}", String::from_utf8_lossy(&heard));
}

/// Keeps every release from being stored, until it is [let go on](go_on).
async fn kept_waiting(host: &Host) -> PgConnection {
    let mut conn = host.database.superuser().await;
    sqlx::raw_sql("begin; lock table release in share mode")
        .execute(&mut conn)
        .await
        .unwrap();
    conn
}

async fn go_on(kept: &mut PgConnection) {
    sqlx::raw_sql("rollback").execute(kept).await.unwrap();
}

async fn becomes_checked(reseller: &Reseller, plugin: &str) {
    loop {
        let answer = reseller
            .client
            .get(&format!("/v1/plugins/{plugin}/releases"))
            .await;
        if answer.status == 200 && answer.json()["items"][0]["state"] == "checked" {
            return;
        }
        tokio::task::yield_now().await;
    }
}
