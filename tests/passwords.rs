//! Forgotten passwords and new ones.

use serde_json::json;
use sqlx::Connection as _;

use crate::harness::{Answer, Client, Host, PASSWORD, text};

const NEW: &str = "a wholly new password";
const EMAIL: &str = "owner@northlight.example";

async fn ask(at: &Client, email: &str) -> Answer {
    at.post("/v1/password-resets", json!({ "email": email })).await
}

async fn complete(at: &Client, token: &str) -> Answer {
    let reset = json!({ "token": token, "password": NEW });
    at.post("/v1/password-resets/complete", reset).await
}

async fn sign_in(at: &Client, password: &str) -> Answer {
    at.post("/v1/sessions", json!({ "email": EMAIL, "password": password }))
        .await
}

#[tokio::test]
async fn asking_for_a_reset_answers_everybody_alike() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    host.reseller("harbour").await;
    let at = host.client.at("northlight.localhost");
    let before = host.mails().await.len();
    let mut answers = Vec::new();
    for email in [
        EMAIL,
        "nobody@example.com",
        "owner@harbour.example",
        "not an address",
    ] {
        answers.push(ask(&at, email).await);
    }
    for answer in &answers {
        let told = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.remove("date");
            (answer.status, headers, answer.bytes.clone())
        };
        answer.expect(202);
        assert_eq!(told(answer), told(&answers[0]));
    }
    let mails = host.mails().await;
    assert_eq!(mails.len(), before + 1);
    assert_eq!(
        host.mail(EMAIL).await.from_address,
        "no-reply@northlight.localhost"
    );
}

#[tokio::test]
async fn a_reset_gives_a_new_password_and_ends_every_session() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let session = host.client.with_token(&reseller.session);
    ask(&at, EMAIL).await.expect(202);
    let token = host.mail(EMAIL).await.token();
    complete(&at, &token).await.expect(204);
    session.get("/v1/me").await.problem(401, "credential_invalid");
    sign_in(&at, PASSWORD).await.problem(401, "sign_in_failed");
    sign_in(&at, NEW).await.expect(201);
    let events = reseller
        .client
        .get("/v1/audit-events?action=password.reset")
        .await
        .expect(200);
    assert_eq!(events["items"][0]["outcome"], "done");
    noticed(&host).await;
}

/// The mailbox was told of the new password, in the reseller's name and without a way in.
async fn noticed(host: &Host) {
    let notice = host.mail(EMAIL).await;
    assert_eq!(notice.subject, "About your account at northlight");
    assert_eq!(notice.from_address, "no-reply@northlight.localhost");
    assert!(notice.text.contains("changed: password"), "{}", notice.text);
    assert!(!notice.text.contains('#'), "{}", notice.text);
}

#[tokio::test]
async fn a_reset_that_cannot_be_used_does_not_say_why() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    host.reseller("harbour").await;
    let at = host.client.at("northlight.localhost");
    let fresh = async || {
        ask(&at, EMAIL).await.expect(202);
        host.mail(EMAIL).await.token()
    };
    let (first, second) = (fresh().await, fresh().await);
    let elsewhere = complete(&host.client.at("harbour.localhost"), &second).await;
    complete(&at, &second).await.expect(204);
    reseller
        .client
        .post("/v1/invitations", json!({ "email": "ann@example.com" }))
        .await
        .expect(201);
    let invitation = host.mail("ann@example.com").await.token();
    let expired = fresh().await;
    host.clock.set("2026-03-02T13:00:00Z".parse().unwrap());
    let answers = [
        elsewhere,
        // Asked for before the one that was used.
        complete(&at, &first).await,
        complete(&at, &second).await,
        complete(&at, &expired).await,
        complete(&at, &invitation).await,
        complete(&at, &reseller.key).await,
        complete(&at, "not even a token").await,
    ];
    for answer in &answers {
        answer.problem(422, "reset_invalid");
        assert_eq!(answer.bytes, answers[0].bytes);
    }
}

#[tokio::test]
async fn of_many_who_use_a_reset_at_once_one_succeeds() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    ask(&at, EMAIL).await.expect(202);
    let token = host.mail(EMAIL).await.token();
    let answers = futures::future::join_all((0..4).map(|_| complete(&at, &token))).await;
    let done = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(done, 1, "{answers:?}");
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let other = host
        .client
        .with_token(&text(&sign_in(&at, PASSWORD).await.expect(201)["token"]));
    let session = host.client.with_token(&reseller.session);
    let change = |old: &str| json!({ "old_password": old, "new_password": NEW });
    let path = "/v1/me/password";
    session
        .put(path, change(NEW))
        .await
        .problem(422, "password_wrong");
    reseller
        .client
        .put(path, change(PASSWORD))
        .await
        .problem(422, "not_a_session");
    let before = host.mails().await.len();
    session.put(path, change(PASSWORD)).await.expect(204);
    assert_eq!(host.mails().await.len(), before + 1);
    noticed(&host).await;
    session.get("/v1/me").await.expect(200);
    other.get("/v1/me").await.problem(401, "credential_invalid");
    sign_in(&at, NEW).await.expect(201);
}

#[tokio::test]
async fn a_sign_in_on_its_way_does_not_survive_a_new_password() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let mut holder = host.database.superuser().await;
    let mut observer = host.database.superuser().await;
    let sessions = "select count(*) from session";
    let before: i64 = sqlx::query_scalar(sessions)
        .fetch_one(&mut observer)
        .await
        .unwrap();
    let mut change = holder.begin().await.unwrap();
    sqlx::query("update password set hash = 'another one'")
        .execute(&mut *change)
        .await
        .unwrap();
    let signing_in = tokio::spawn(async move { sign_in(&at, PASSWORD).await });
    // It has verified the old password by now, and waits for whoever changes it.
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waits)
        .fetch_one(&mut observer)
        .await
        .unwrap()
        == 0
    {
        assert!(!signing_in.is_finished(), "it did not wait");
        tokio::task::yield_now().await;
    }
    change.commit().await.unwrap();
    signing_in.await.unwrap().problem(401, "sign_in_failed");
    let after: i64 = sqlx::query_scalar(sessions)
        .fetch_one(&mut observer)
        .await
        .unwrap();
    assert_eq!(after, before);
}
