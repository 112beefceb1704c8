//! What somebody with one foot in the door tries: to get more than was given, to stay after being shown out, to break
//! what others use.

use reqwest::Method;
use serde_json::{Value, json};

use sqlx::Executor as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{Client, Host, PASSWORD, Reseller, text};

/// A key of the reseller that holds these permissions alone.
async fn narrow(host: &Host, reseller: &Reseller, permissions: &[&str]) -> Client {
    let new = json!({ "name": "narrow", "permissions": permissions });
    let key = reseller.client.post("/v1/api-keys", new).await.expect(201);
    host.client.with_token(&text(&key["secret"]))
}

/// A person who joined the reseller in this role, else as an owner.
async fn join(host: &Host, reseller: &Reseller, role: Option<&Value>) -> Client {
    host.member(reseller, "ann@example.com", "Ann", role).await
}

#[tokio::test]
async fn an_invitation_gives_at_most_what_its_sender_holds() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let clerk = narrow(&host, &reseller, &["members.read", "members.write"]).await;
    let owner = json!({ "email": "me@clerk.example" });
    let detail = clerk
        .post("/v1/invitations", owner)
        .await
        .problem(422, "permission_beyond_own");
    assert!(detail.contains("tenant.read"), "{detail}");
    let roles = clerk.get("/v1/roles").await.expect(200);
    let by_name = json!({ "email": "me@clerk.example", "role_id": roles["items"][0]["id"] });
    clerk
        .post("/v1/invitations", by_name)
        .await
        .problem(422, "permission_beyond_own");
    let role = json!({ "name": "clerk", "permissions": ["members.read"] });
    let role = clerk.post("/v1/roles", role).await.expect(201);
    let within = json!({ "email": "me@clerk.example", "role_id": role["id"] });
    clerk.post("/v1/invitations", within).await.expect(201);
}

#[tokio::test]
async fn a_removed_members_keys_and_the_keys_made_with_them_are_refused() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ann = join(&host, &reseller, None).await;
    let first = text(
        &ann.post("/v1/api-keys", json!({ "name": "first" }))
            .await
            .expect(201)["secret"],
    );
    let first = host.client.with_token(&first);
    let second = first
        .post("/v1/api-keys", json!({ "name": "second" }))
        .await
        .expect(201);
    let second = host.client.with_token(&text(&second["secret"]));
    second.get("/v1/me").await.expect(200);
    host.remove_member(&reseller, "Ann").await;
    for key in [first, second] {
        key.get("/v1/me").await.problem(401, "credential_invalid");
    }
    reseller.client.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_key_does_not_outlive_the_key_that_made_it() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let short = json!({ "name": "short", "expires_at": "2026-03-02T13:00:00Z" });
    let short = text(&reseller.client.post("/v1/api-keys", short).await.expect(201)["secret"]);
    let short = host.client.with_token(&short);
    let made = short
        .post("/v1/api-keys", json!({ "name": "made" }))
        .await
        .expect(201);
    assert_eq!(made["expires_at"], "2026-03-02T13:00:00Z");
    let longer = json!({ "name": "longer", "expires_at": "2026-03-02T13:00:01Z" });
    short
        .post("/v1/api-keys", longer)
        .await
        .problem(422, "expiry_beyond_own");
    let made = host.client.with_token(&text(&made["secret"]));
    made.get("/v1/me").await.expect(200);
    host.clock.set("2026-03-02T13:00:00Z".parse().unwrap());
    made.get("/v1/me").await.problem(401, "credential_expired");
}

#[tokio::test]
async fn whoever_signed_in_can_sign_out() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let role = json!({ "name": "narrow", "permissions": ["ports.read"] });
    let role = reseller.client.post("/v1/roles", role).await.expect(201);
    let ann = join(&host, &reseller, Some(&role["id"])).await;
    ann.delete("/v1/sessions/current").await.expect(204);
    ann.get("/v1/me").await.problem(401, "credential_invalid");
    let events = reseller
        .client
        .get("/v1/audit-events?action=session.end")
        .await
        .expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_no_row_can_hold_is_refused_and_nothing_breaks() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let nobody = json!({ "email": "a\u{0}@example.com", "password": PASSWORD });
    at.post("/v1/sessions", nobody)
        .await
        .problem(422, "value_unstorable");
    let client = &reseller.client;
    for path in [
        "/v1/audit-events?action=%00",
        "/v1/audit-events?from=-200000-01-01T00:00:00Z",
    ] {
        client.get(path).await.problem(422, "value_unstorable");
    }
    for email in ["@", "a@", "@b", "a\u{0}@b", "a b@c", "a@b\r\nc"] {
        client
            .post("/v1/invitations", json!({ "email": email }))
            .await
            .problem(422, "email_invalid");
    }
    let twice = json!({ "name": "twice", "permissions": ["ports.read", "ports.read"] });
    let role = client.post("/v1/roles", twice).await.expect(201);
    assert_eq!(role["permissions"], json!(["ports.read"]));
}

#[tokio::test]
async fn a_failed_sign_in_is_in_the_audit_trail_of_the_address_it_was_tried_at() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    for email in ["owner@northlight.example", "nobody@northlight.example"] {
        let wrong = json!({ "email": email, "password": "not the right password" });
        at.post("/v1/sessions", wrong)
            .await
            .problem(401, "sign_in_failed");
    }
    let path = "/v1/audit-events?action=session.begin";
    let events = reseller.client.get(path).await.expect(200);
    let refused = events["items"].as_array().unwrap().iter();
    let refused: Vec<_> = refused.filter(|event| event["outcome"] == "refused").collect();
    assert_eq!(refused.len(), 2);
    for event in refused {
        assert_eq!(event["actor_kind"], "anonymous");
        assert_eq!(event["detail"], json!({}));
    }
}

#[tokio::test]
async fn work_whose_client_went_away_keeps_its_answer_for_the_retry() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let new = json!({ "slug": "quay", "name": "Quay", "currency": "EUR", "time_zone": "UTC" });
    let request = || {
        let request = reseller.client.request(Method::POST, "/v1/customers");
        request.header("idempotency-key", "one").json(&new)
    };
    // The answer cannot be kept for now, so the client goes away between the work and that.
    let mut superuser = host.database.superuser().await;
    superuser
        .execute("begin; lock table idempotency_key in share mode")
        .await
        .unwrap();
    let leaving = tokio::spawn(request().send());
    let made = loop {
        let customers = reseller.client.get("/v1/customers").await.expect(200);
        if let Some(made) = customers["items"].as_array().unwrap().first() {
            break made["id"].clone();
        }
    };
    leaving.abort();
    leaving.await.unwrap_err();
    for _ in 0..10 {
        reseller.client.get("/v1/me").await.expect(200);
    }
    superuser.execute("commit").await.unwrap();
    let again = loop {
        let again = reseller.client.send(request()).await;
        if again.status != 409 || again.json()["code"] != "idempotency_key_in_flight" {
            break again;
        }
    };
    assert_eq!(again.expect(201)["id"], made);
}

#[tokio::test]
async fn two_who_register_one_address_at_once_are_two_until_the_mailbox_tells() {
    let host = Host::start().await;
    let sign_up = |slug: &str, password: &str| {
        json!({
            "slug": slug, "name": slug, "currency": "EUR", "time_zone": "UTC",
            "owner": { "email": "one@example.com", "name": "One", "password": password },
        })
    };
    let (first, second) = tokio::join!(
        host.client
            .post("/v1/signup", sign_up("northlight", "the first's own password")),
        host.client
            .post("/v1/signup", sign_up("harbour", "the second's own password")),
    );
    let tokens = [first, second].map(|answer| text(&answer.expect(201)["token"]));
    let mut people = Vec::new();
    for token in tokens {
        let me = host.client.with_token(&token).get("/v1/me").await.expect(200);
        people.push(text(&me["id"]));
    }
    assert_ne!(people[0], people[1]);
}

#[tokio::test]
async fn who_was_shown_out_while_sending_a_body_does_nothing_with_it() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let key = narrow(&host, &reseller, &["customers.write"]).await;
    let body =
        json!({ "slug": "alpine", "name": "Alpine", "currency": "EUR", "time_zone": "UTC" }).to_string();
    let head = format!(
        "POST /v1/customers HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        key.token(),
        body.len()
    );
    let address = host.client.base().trim_start_matches("http://").to_owned();
    let (first, last) = body.split_at(body.len() - 1);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(format!("{head}{first}").as_bytes())
        .await
        .unwrap();
    // Answered after what was sent has arrived.
    let keys = reseller.client.get("/v1/api-keys").await.expect(200);
    let mut keys = keys["items"].as_array().unwrap().iter();
    let id = text(&keys.find(|key| key["name"] == "narrow").unwrap()["id"]);
    reseller
        .client
        .delete(&format!("/v1/api-keys/{id}"))
        .await
        .expect(204);
    stream.write_all(last.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("credential_revoked"), "{answer}");
    let customers = reseller.client.get("/v1/customers").await.expect(200);
    assert_eq!(customers["items"], json!([]));
}
