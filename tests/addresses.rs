//! Whose address it is: anybody can give one, and only the mailbox shows whose it is.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Host, PASSWORD, text};

const OTHER: &str = "a stranger's own password";

fn sign_up(slug: &str, email: &str, password: &str) -> Value {
    json!({
        "slug": slug, "name": slug, "currency": "EUR", "time_zone": "UTC",
        "owner": { "email": email, "name": "Somebody", "password": password },
    })
}

/// What an answer shows beside the ids and tokens that are always new.
fn shape(answer: &Answer) -> (u16, Vec<String>, Vec<String>) {
    let body = answer.json();
    let fields = body.as_object().unwrap().keys().cloned().collect();
    let headers = answer.headers.keys().map(ToString::to_string).collect();
    (answer.status.as_u16(), fields, headers)
}

async fn user(client: &Client) -> String {
    text(&client.get("/v1/me").await.expect(200)["id"])
}

async fn prove(at: &Client, token: &str, password: &str) -> Answer {
    let proof = json!({ "token": token, "password": password });
    at.post("/v1/address-proofs", proof).await
}

/// Ann, who proved her address by accepting an invitation.
async fn ann(host: &Host) -> Client {
    let reseller = host.reseller("northlight").await;
    host.member(&reseller, "ann@example.com", "Ann", None).await
}

#[tokio::test]
async fn sign_up_with_a_strangers_address_looks_like_any_other_and_gives_nothing_of_the_strangers() {
    let host = Host::start().await;
    let ann = ann(&host).await;
    let fresh = host
        .client
        .post("/v1/signup", sign_up("one", "new@example.com", OTHER))
        .await;
    let taken = host
        .client
        .post("/v1/signup", sign_up("two", "ann@example.com", OTHER))
        .await;
    assert_eq!(shape(&fresh), shape(&taken));
    let stranger = host.client.with_token(&text(&taken.expect(201)["token"]));
    assert_ne!(user(&stranger).await, user(&ann).await);
    let at = host.client.at("northlight.localhost");
    let sign_in = |password: &str| json!({ "email": "ann@example.com", "password": password });
    at.post("/v1/sessions", sign_in(OTHER))
        .await
        .problem(401, "sign_in_failed");
    at.post("/v1/sessions", sign_in(PASSWORD)).await.expect(201);
}

#[tokio::test]
async fn sign_up_with_ones_own_password_is_signing_up_as_the_person_one_is() {
    let host = Host::start().await;
    let ann = ann(&host).await;
    let again = sign_up("two", "Ann@Example.com", PASSWORD);
    let again = host.client.post("/v1/signup", again).await.expect(201);
    assert_eq!(
        user(&host.client.with_token(&text(&again["token"]))).await,
        user(&ann).await
    );
}

#[tokio::test]
async fn a_proof_moves_what_was_made_under_the_address_to_the_person_who_proved_it_before() {
    let host = Host::start().await;
    let ann = ann(&host).await;
    let made = host
        .client
        .post("/v1/signup", sign_up("two", "ann@example.com", OTHER))
        .await
        .expect(201);
    let session = host.client.with_token(&text(&made["token"]));
    let key = session
        .post("/v1/api-keys", json!({ "name": "before" }))
        .await
        .expect(201);
    let key = host.client.with_token(&text(&key["secret"]));
    let token = host.mail("ann@example.com").await.token();
    assert!(token.starts_with("prf_"), "{token}");
    let at = host.client.at("two.localhost");
    prove(&at, &token, OTHER).await.expect(204);
    session.get("/v1/me").await.problem(401, "credential_invalid");
    key.get("/v1/me").await.expect(200);
    let sign_in = |password: &str| json!({ "email": "ann@example.com", "password": password });
    at.post("/v1/sessions", sign_in(OTHER))
        .await
        .problem(401, "sign_in_failed");
    let mine = at.post("/v1/sessions", sign_in(PASSWORD)).await.expect(201);
    assert_eq!(text(&mine["user"]), user(&ann).await);
    let client = host.client.with_token(&text(&mine["token"]));
    client.get("/v1/customers").await.expect(200);
}

#[tokio::test]
async fn a_proof_is_no_use_with_another_password_at_another_address_or_twice() {
    let host = Host::start().await;
    host.reseller("harbour").await;
    host.client
        .post("/v1/signup", sign_up("one", "new@example.com", OTHER))
        .await
        .expect(201);
    let token = host.mail("new@example.com").await.token();
    let (own, elsewhere) = (
        host.client.at("one.localhost"),
        host.client.at("harbour.localhost"),
    );
    let made_up = format!("prf_{}", "A".repeat(43));
    let answers = [
        // The mailbox's owner, who clicks on what a stranger's sign-up sent there.
        prove(&own, &token, PASSWORD).await,
        prove(&elsewhere, &token, OTHER).await,
        prove(&own, &made_up, OTHER).await,
        prove(&own, "not even a token", OTHER).await,
    ];
    for answer in &answers {
        answer.problem(422, "proof_invalid");
        assert_eq!(answer.bytes, answers[0].bytes);
    }
    prove(&own, &token, OTHER).await.expect(204);
    assert_eq!(prove(&own, &token, OTHER).await.bytes, answers[0].bytes);
}

#[tokio::test]
async fn an_address_can_be_proven_until_a_week_has_passed() {
    let host = Host::start().await;
    host.client
        .post("/v1/signup", sign_up("one", "new@example.com", OTHER))
        .await
        .expect(201);
    let token = host.mail("new@example.com").await.token();
    host.clock.set("2026-03-09T12:00:00Z".parse().unwrap());
    prove(&host.client, &token, OTHER)
        .await
        .problem(422, "proof_invalid");
}

#[tokio::test]
async fn two_accounts_that_prove_one_address_at_once_become_one() {
    let host = Host::start().await;
    let mut tokens = Vec::new();
    for slug in ["one", "two"] {
        host.client
            .post("/v1/signup", sign_up(slug, "new@example.com", OTHER))
            .await
            .expect(201);
        tokens.push(host.mail("new@example.com").await.token());
    }
    let (first, second) = tokio::join!(
        prove(&host.client, &tokens[0], OTHER),
        prove(&host.client, &tokens[1], OTHER)
    );
    for (answer, token) in [(first, &tokens[0]), (second, &tokens[1])] {
        if answer.status == 409 {
            answer.problem(409, "address_busy");
            prove(&host.client, token, OTHER).await.expect(204);
        }
    }
    let mut superuser = host.database.superuser().await;
    let (proven, left): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where email_proven_at is not null), count(*) filter (where ended_at is null)
        from user_account where email = 'new@example.com'",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!((proven, left), (1, 1));
}
