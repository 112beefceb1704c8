//! A second factor: codes of a person's device, and those on paper.

use serde_json::{Value, json};
use totp_rs::Totp;

use crate::harness::{Answer, Client, Device, Host, PASSWORD, Reseller, text};

const EMAIL: &str = "owner@northlight.example";

async fn sign_in(at: &Client, code: Option<&str>) -> Answer {
    let who = json!({ "email": EMAIL, "password": PASSWORD, "code": code });
    at.post("/v1/sessions", who).await
}

/// A reseller whose owner turned a second factor on, and the reseller's own address.
async fn guarded() -> (Host, Reseller, Device, Client) {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    host.prove(EMAIL).await;
    let device = host.second_factor(&reseller.session).await;
    let at = host.client.at("northlight.localhost");
    (host, reseller, device, at)
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing() {
    let (host, reseller, device, at) = guarded().await;
    sign_in(&at, None).await.problem(401, "second_factor_required");
    for wrong in ["000000", "12345", "not a code", "00000-00000"] {
        sign_in(&at, Some(wrong))
            .await
            .problem(401, "second_factor_wrong");
    }
    host.later(30);
    let session = sign_in(&at, Some(&device.code(&host))).await.expect(201);
    let session = host.client.with_token(&text(&session["token"]));
    session.get("/v1/me").await.expect(200);
    // Every way in asks for it.
    let wish = json!({ "old_password": PASSWORD, "new_password": "a wholly new password" });
    session
        .put("/v1/me/password", wish)
        .await
        .problem(422, "second_factor_required");
    let sign_up = json!({ "slug": "another", "name": "Another", "currency": "EUR", "time_zone": "UTC",
        "owner": { "email": EMAIL, "name": "Owner", "password": PASSWORD } });
    host.client
        .post("/v1/signup", sign_up)
        .await
        .problem(401, "second_factor_required");
    let other = host.reseller("harbour").await;
    let invitation = json!({ "email": EMAIL });
    other.client.post("/v1/invitations", invitation).await.expect(201);
    let token = host.mail(EMAIL).await.token();
    let accept =
        |code: Option<String>| json!({ "token": token, "name": "Owner", "password": PASSWORD, "code": code });
    let path = "/v1/invitations/accept";
    let refused = host.client.post(path, accept(None)).await;
    refused.problem(401, "second_factor_required");
    host.later(30);
    let code = Some(device.code(&host));
    host.client.post(path, accept(code)).await.expect(201);
    let tried = "/v1/audit-events?action=session.begin&limit=200";
    let tried = reseller.client.get(tried).await.expect(200);
    let wrong = |event: &&Value| event["detail"]["code"] == "second_factor_wrong";
    assert_eq!(tried["items"].as_array().unwrap().iter().filter(wrong).count(), 4);
}

#[tokio::test]
async fn a_code_works_once_also_for_many_who_show_it_at_once() {
    let (host, _, device, at) = guarded().await;
    // The code that turned it on is used up too.
    let used = device.code(&host);
    sign_in(&at, Some(&used))
        .await
        .problem(401, "second_factor_wrong");
    host.later(30);
    let code = device.code(&host);
    let all = futures::future::join_all((0..4).map(|_| sign_in(&at, Some(&code)))).await;
    let inside = all.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(inside, 1, "{all:?}");
    host.later(3600);
    sign_in(&at, Some(&code))
        .await
        .problem(401, "second_factor_wrong");
    sign_in(&at, Some(&device.code(&host))).await.expect(201);
}

#[tokio::test]
async fn who_lacks_the_password_is_not_told_that_there_is_a_second_factor() {
    let (host, _, device, at) = guarded().await;
    host.reseller("harbour").await;
    host.later(30);
    let code = device.code(&host);
    let ask = async |email: &str, password: &str, code: Option<&str>| {
        let who = json!({ "email": email, "password": password, "code": code });
        at.post("/v1/sessions", who).await
    };
    let answers = [
        ask("nobody@example.com", "not the right password", None).await,
        ask(EMAIL, "not the right password", None).await,
        ask(EMAIL, "not the right password", Some("000000")).await,
        ask(EMAIL, "not the right password", Some(&code)).await,
        // A member elsewhere alone.
        ask("owner@harbour.example", PASSWORD, Some("000000")).await,
    ];
    for answer in &answers {
        answer.problem(401, "sign_in_failed");
        assert_eq!(answer.bytes, answers[0].bytes);
    }
    // Nor was the code used up by that.
    sign_in(&at, Some(&code)).await.expect(201);
}

#[tokio::test]
async fn wrong_codes_are_slowed_down_on_every_host_and_right_ones_are_not() {
    let (host, _, device, at) = guarded().await;
    for _ in 0..8 {
        host.later(30);
        sign_in(&at, None).await.problem(401, "second_factor_required");
        sign_in(&at, Some(&device.code(&host))).await.expect(201);
    }
    let there = host.another().await.at("northlight.localhost");
    for at in [&at, &there, &at, &there, &at] {
        sign_in(at, Some("000000"))
            .await
            .problem(401, "second_factor_wrong");
        // Knowing the password does not make the tries forgotten.
        sign_in(at, None).await.problem(401, "second_factor_required");
    }
    host.later(1);
    let refused = sign_in(&there, Some(&device.code(&host))).await;
    refused.problem(429, "sign_in_throttled");
    host.later(60);
    sign_in(&there, Some(&device.code(&host))).await.expect(201);
}

#[tokio::test]
async fn each_recovery_code_works_once_and_new_ones_end_the_old() {
    let (host, reseller, device, at) = guarded().await;
    let session = host.client.with_token(&reseller.session);
    let path = "/v1/me/second-factor";
    let written = device.recovery_codes[0].to_uppercase();
    sign_in(&at, Some(&written)).await.expect(201);
    sign_in(&at, Some(&device.recovery_codes[0]))
        .await
        .problem(401, "second_factor_wrong");
    assert_eq!(session.get(path).await.expect(200)["recovery_codes_left"], 9);
    let renew = async |code: &str| {
        let both = json!({ "password": PASSWORD, "code": code });
        session.post(&format!("{path}/recovery-codes"), both).await
    };
    renew("000000").await.problem(422, "second_factor_wrong");
    let fresh = renew(&device.recovery_codes[1]).await.expect(200);
    let fresh = fresh["recovery_codes"].as_array().unwrap();
    assert_eq!(fresh.len(), 10);
    sign_in(&at, Some(&device.recovery_codes[2]))
        .await
        .problem(401, "second_factor_wrong");
    sign_in(&at, fresh[0].as_str()).await.expect(201);
    let mut superuser = host.database.superuser().await;
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select code_hash from recovery_code")
        .fetch_all(&mut superuser)
        .await
        .unwrap();
    let plain = text(&fresh[1]).replace('-', "");
    assert_eq!(stored.len(), 10);
    assert!(
        !stored
            .iter()
            .any(|hash| hash.windows(10).any(|part| part == plain.as_bytes()))
    );
}

#[tokio::test]
async fn it_is_turned_on_by_a_code_alone_and_ends_the_other_sessions() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let (session, at) = (
        host.client.with_token(&reseller.session),
        host.client.at("northlight.localhost"),
    );
    let path = "/v1/me/second-factor";
    let start = async |password: &str| session.post(path, json!({ "password": password })).await;
    start(PASSWORD).await.problem(409, "address_unproven");
    host.prove(EMAIL).await;
    start("not the right password")
        .await
        .problem(422, "password_wrong");
    let confirm = async |code: &str| {
        session
            .post(&format!("{path}/confirm"), json!({ "code": code }))
            .await
    };
    confirm("000000").await.problem(409, "second_factor_not_started");
    start(PASSWORD).await.expect(201);
    let started = start(PASSWORD).await.expect(201);
    let device = Totp::from_url(text(&started["url"])).unwrap();
    assert_eq!(
        (device.issuer(), device.account_name()),
        (Some("northlight"), EMAIL)
    );
    assert_eq!(device.secret().to_base32(), text(&started["secret"]));
    confirm("000000").await.problem(422, "second_factor_wrong");
    // What is not confirmed is not asked for.
    let other = sign_in(&at, None).await.expect(201);
    let other = host.client.with_token(&text(&other["token"]));
    assert_eq!(session.get(path).await.expect(200)["on"], false);
    let seconds = u64::try_from(host.app.now().timestamp()).unwrap();
    confirm(&device.generate(seconds).to_string()).await.expect(200);
    assert_eq!(session.get(path).await.expect(200)["on"], true);
    other.get("/v1/me").await.problem(401, "credential_invalid");
    start(PASSWORD).await.problem(409, "second_factor_on");
    let told = host.mail(EMAIL).await;
    assert!(
        told.text.contains("a second factor is asked for"),
        "{}",
        told.text
    );
    reseller.client.get(path).await.problem(422, "not_a_session");
    let mut superuser = host.database.superuser().await;
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed from second_factor")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    let secret = device.secret().as_bytes();
    assert!(!sealed.windows(secret.len()).any(|part| part == secret));
}

#[tokio::test]
async fn it_is_turned_off_by_both_factors_and_no_less() {
    let (host, reseller, device, at) = guarded().await;
    let session = host.client.with_token(&reseller.session);
    let path = "/v1/me/second-factor/turn-off";
    let off = async |password: &str, code: &str| {
        session
            .post(path, json!({ "password": password, "code": code }))
            .await
    };
    host.later(30);
    let code = device.code(&host);
    off("not the right password", &code)
        .await
        .problem(422, "password_wrong");
    off(PASSWORD, "000000").await.problem(422, "second_factor_wrong");
    off(PASSWORD, &code).await.expect(204);
    sign_in(&at, None).await.expect(201);
    off(PASSWORD, &code).await.problem(409, "second_factor_off");
    let told = host.mail(EMAIL).await;
    assert!(
        told.text.contains("no second factor is asked for any more"),
        "{}",
        told.text
    );
    for action in ["start", "confirm", "turn_off"] {
        let path = format!("/v1/audit-events?action=second_factor.{action}");
        let events = reseller.client.get(&path).await.expect(200);
        assert_eq!(
            events["items"].as_array().unwrap().len(),
            1 + usize::from(action == "turn_off"),
            "{action}"
        );
    }
}

#[tokio::test]
async fn what_is_shown_once_is_not_shown_again_for_the_same_idempotency_key() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    host.prove(EMAIL).await;
    let session = host.client.with_token(&reseller.session);
    let ask = async || {
        let request = session.request(reqwest::Method::POST, "/v1/me/second-factor");
        let request = request
            .header("idempotency-key", "one")
            .json(&json!({ "password": PASSWORD }));
        session.send(request).await.expect(201)
    };
    assert!(
        ask().await["url"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/")
    );
    assert_eq!(ask().await, json!({ "secret": null, "url": null }));
}
