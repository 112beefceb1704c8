//! Answers at another's place, providers that go while somebody is on the way, and what a provider gives away.

use std::sync::Arc;

use serde_json::{Value, json};
use sqlx::Executor as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Barrier,
};

use super::{
    Stage, begin, call_back, come_back, joins, name_provider,
    provider::{Plan, Provider, Reply, SECRET, query},
};
use crate::harness::text;

fn ann() -> Value {
    json!({ "sub": "ann", "email": "ann@quay.example" })
}

#[tokio::test]
async fn what_one_provider_answers_is_not_taken_to_another() {
    let stage = Stage::set().await;
    let partner = Provider::start().await;
    let joined = joins(&stage.customer).await;
    let partner_id = name_provider(&stage.reseller, &partner, "partner", joined).await;
    let journey = begin(&stage.at(), &partner_id).await;
    let back = query(&journey.url)["redirect_uri"].clone();
    assert!(back.ends_with(&format!("/v1/federated-sign-ins/callback/{partner_id}")));
    // The partner sent the asker on to the other provider, which answers at its own place.
    let code = stage.provider.sign_in(&journey.url, ann(), stage.host.app.now());
    let state = query(&journey.url)["state"].clone();
    let back = format!("state={state}&code={code}");
    let answer = call_back(&stage.at(), &stage.provider_id, &back, Some(&journey.cookie)).await;
    answer.problem(401, "sign_in_expired");
    assert_eq!((partner.asked("token"), stage.provider.asked("token")), (0, 0));
    let code = partner.sign_in(&journey.url, ann(), stage.host.app.now());
    come_back(&stage.at(), &journey, &code).await.expect(200);
}

#[tokio::test]
async fn a_provider_that_is_removed_while_it_is_asked_lets_nobody_in() {
    let stage = Stage::set().await;
    let barrier = Arc::new(Barrier::new(2));
    stage.provider.plan(Plan {
        token: Reply::Held(barrier.clone()),
        ..Plan::default()
    });
    let journey = begin(&stage.at(), &stage.provider_id).await;
    let code = stage.provider.sign_in(&journey.url, ann(), stage.host.app.now());
    let at = stage.at();
    let coming = tokio::spawn(async move { come_back(&at, &journey, &code).await });
    barrier.wait().await;
    let path = format!("/v1/identity-providers/{}", stage.provider_id);
    stage.reseller.client.delete(&path).await.expect(204);
    barrier.wait().await;
    coming.await.unwrap().problem(401, "sign_in_expired");
    assert!(stage.last_refusal().await.contains("removed"));
    assert_eq!(stage.sessions_begun().await, 0);
}

#[tokio::test]
async fn a_secret_that_the_provider_repeats_is_not_in_the_trail() {
    let stage = Stage::set().await;
    stage.provider.plan(Plan {
        token: Reply::Denied(format!("told me {SECRET}")),
        ..Plan::default()
    });
    stage.come_as(ann()).await.problem(401, "provider_disbelieved");
    let told = stage.last_refusal().await;
    assert!(told.contains("told me") && !told.contains(SECRET), "{told}");
}

#[tokio::test]
async fn a_provider_whose_secret_did_not_come_along_has_to_be_added_again() {
    let stage = Stage::set().await;
    let mut superuser = stage.host.database.superuser().await;
    // As a loaded archive leaves it.
    let emptied = "update identity_provider set sealed = ''";
    superuser.execute(emptied).await.unwrap();
    let start = json!({ "provider_id": stage.provider_id });
    let answer = stage.at().post("/v1/federated-sign-ins", start).await;
    answer.problem(409, "provider_unusable");
    let path = format!("/v1/identity-providers/{}", stage.provider_id);
    stage.reseller.client.delete(&path).await.expect(204);
    let joined = joins(&stage.customer).await;
    let again = name_provider(&stage.reseller, &stage.provider, "staff", joined).await;
    begin(&stage.at(), &again).await;
}

#[tokio::test]
async fn a_person_is_sent_back_to_the_address_that_was_looked_up() {
    let stage = Stage::set().await;
    let address = stage.host.client.base().trim_start_matches("http://").to_owned();
    let body = json!({ "provider_id": stage.provider_id }).to_string();
    // Two names in one request: the first counts, and is the one that was found to be the reseller's.
    let request = format!(
        "POST http://northlight.localhost:81/v1/federated-sign-ins HTTP/1.1\r\nhost: evil.example\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let body: Value = serde_json::from_str(body).unwrap();
    let back = &query(&text(&body["authorization_url"]))["redirect_uri"];
    assert!(back.starts_with("http://northlight.localhost:81/v1/"), "{back}");
}

#[tokio::test]
async fn journeys_from_one_machine_are_limited() {
    let stage = Stage::set().await;
    let nobodys = json!({ "provider_id": "00000000-0000-7000-8000-000000000000" });
    let mut begun = 0;
    loop {
        let answer = stage.at().post("/v1/federated-sign-ins", nobodys.clone()).await;
        if answer.status == 429 {
            answer.problem(429, "sign_in_throttled");
            assert!(answer.headers.contains_key("retry-after"));
            break;
        }
        answer.problem(404, "not_found");
        begun += 1;
        assert!(begun <= 60, "no limit");
    }
    let made_up = call_back(&stage.at(), &stage.provider_id, "state=x&code=y", None).await;
    made_up.problem(429, "sign_in_throttled");
    let events = "/v1/audit-events?action=federated_sign_in.begin";
    let events = stage.reseller.client.get(events).await.expect(200);
    assert_eq!(events["items"], json!([]));
}
