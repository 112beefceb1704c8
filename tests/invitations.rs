//! Invitations by mail (C19): for one address, once, for a while, and nobody is a user before.

use serde_json::{Value, json};

use crate::harness::{Host, PASSWORD, Reseller, text};

async fn invite(of: &Reseller, new: Value) -> Value {
    of.client.post("/v1/invitations", new).await.expect(201)
}

fn acceptance(token: &str) -> Value {
    json!({ "token": token, "name": "Ann", "password": PASSWORD })
}

#[tokio::test]
async fn an_invitation_works_once_and_makes_its_person_a_member() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    invite(&reseller, json!({ "email": "Ann@Example.com" })).await;
    let accept = acceptance(&host.mail("ann@example.com").await.token());
    let path = "/v1/invitations/accept";
    let session = host.client.post(path, accept.clone()).await.expect(201);
    assert_eq!(session["tenant_id"], json!(reseller.id));
    host.client
        .post(path, accept)
        .await
        .problem(422, "invitation_invalid");
    let members = reseller.client.get("/v1/memberships").await.expect(200);
    let members = members["items"].as_array().unwrap();
    assert!(members.iter().any(|member| member["email"] == "ann@example.com"));
}

#[tokio::test]
async fn the_token_is_in_the_mailbox_alone() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let new = json!({ "email": "ann@example.com" });
    let answer = reseller.client.post("/v1/invitations", new).await;
    answer.expect(201);
    let token = host.mail("ann@example.com").await.token();
    assert!(token.starts_with("inv_"), "{token}");
    for answer in [answer, reseller.client.get("/v1/invitations").await] {
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("inv_"));
    }
    let mut superuser = host.database.superuser().await;
    let kept: Vec<String> = sqlx::query_scalar(
        "select to_jsonb(i)::text from invitation i union all select to_jsonb(m)::text from mail m
        union all select detail::text from audit_event",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(!kept.is_empty() && kept.iter().all(|row| !row.contains(&token)));
}

#[tokio::test]
async fn an_invitation_expires_after_seven_days_unless_told_otherwise() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    for days in [0, 31] {
        let new = json!({ "email": "ann@example.com", "expires_in_days": days });
        let answer = reseller.client.post("/v1/invitations", new).await;
        assert!(answer.problem(422, "expiry_out_of_range").contains("1 to 30"));
    }
    invite(
        &reseller,
        json!({ "email": "short@example.com", "expires_in_days": 1 }),
    )
    .await;
    invite(&reseller, json!({ "email": "ann@example.com" })).await;
    let mut tokens = Vec::new();
    for email in ["short@example.com", "ann@example.com"] {
        tokens.push(host.mail(email).await.token());
    }
    for (now, token) in [
        ("2026-03-03T12:00:00Z", &tokens[0]),
        ("2026-03-09T12:00:00Z", &tokens[1]),
    ] {
        host.clock.set(now.parse().unwrap());
        host.client
            .post("/v1/invitations/accept", acceptance(token))
            .await
            .problem(422, "invitation_invalid");
    }
}

#[tokio::test]
async fn nobody_is_a_user_before_the_invitation_is_accepted() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let mut superuser = host.database.superuser().await;
    let mut users = async || -> i64 {
        sqlx::query_scalar("select count(*) from user_account where email = 'ann@example.com'")
            .fetch_one(&mut superuser)
            .await
            .unwrap()
    };
    invite(&reseller, json!({ "email": "ann@example.com" })).await;
    assert_eq!(users().await, 0);
    host.accept("ann@example.com", "Ann").await;
    assert_eq!(users().await, 1);
}

#[tokio::test]
async fn a_withdrawn_invitation_lets_nobody_in() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = text(&invite(&reseller, json!({ "email": "ann@example.com" })).await["id"]);
    let token = host.mail("ann@example.com").await.token();
    let path = format!("/v1/invitations/{id}");
    reseller.client.delete(&path).await.expect(204);
    host.client
        .post("/v1/invitations/accept", acceptance(&token))
        .await
        .problem(422, "invitation_invalid");
    reseller
        .client
        .delete(&path)
        .await
        .problem(409, "invitation_over");
    reseller
        .client
        .post(&format!("{path}/resend"), json!({}))
        .await
        .problem(409, "invitation_over");
    let listed = reseller.client.get("/v1/invitations").await.expect(200);
    assert_eq!(listed["items"][0]["withdrawn_at"], "2026-03-02T12:00:00Z");
}

#[tokio::test]
async fn a_mail_sent_again_has_the_only_token_that_works() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = text(&invite(&reseller, json!({ "email": "ann@example.com" })).await["id"]);
    let first = host.mail("ann@example.com").await.token();
    let path = format!("/v1/invitations/{id}/resend");
    host.clock.set("2026-03-05T12:00:00Z".parse().unwrap());
    let again = reseller.client.post(&path, json!({})).await.expect(200);
    assert_eq!(
        (&again["expires_at"], &again["sent"]),
        (&json!("2026-03-12T12:00:00Z"), &json!(2))
    );
    let second = host.mail("ann@example.com").await.token();
    let accept = |token: &str| host.client.post("/v1/invitations/accept", acceptance(token));
    accept(&first).await.problem(422, "invitation_invalid");
    for _ in 2..5 {
        reseller.client.post(&path, json!({})).await.expect(200);
    }
    reseller
        .client
        .post(&path, json!({}))
        .await
        .problem(409, "invitation_sent_often");
    accept(&second).await.problem(422, "invitation_invalid");
    host.accept("ann@example.com", "Ann").await;
}

#[tokio::test]
async fn an_invitation_is_no_use_at_another_resellers_address() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    host.reseller("harbour").await;
    invite(&reseller, json!({ "email": "ann@example.com" })).await;
    let token = host.mail("ann@example.com").await.token();
    let path = "/v1/invitations/accept";
    let elsewhere = host.client.at("harbour.localhost");
    elsewhere
        .post(path, acceptance(&token))
        .await
        .problem(422, "invitation_invalid");
    let own = host.client.at("northlight.localhost");
    own.post(path, acceptance(&token)).await.expect(201);
}

#[tokio::test]
async fn of_many_who_accept_at_once_one_is_let_in() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    invite(&reseller, json!({ "email": "ann@example.com" })).await;
    let token = host.mail("ann@example.com").await.token();
    let accept = || host.client.post("/v1/invitations/accept", acceptance(&token));
    let answers = futures::future::join_all((0..4).map(|_| accept())).await;
    let accepted = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(accepted, 1, "{answers:?}");
    let members = reseller.client.get("/v1/memberships").await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn whom_an_invitation_was_for_is_forgotten_when_it_is_over() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let mut conn = host.database.superuser().await;
    let mut known = async |email: &str| -> i64 {
        sqlx::query_scalar(
            "select count(*) from invitation where to_jsonb(invitation)::text like '%' || $1 || '%'",
        )
        .bind(email)
        .fetch_one(&mut conn)
        .await
        .unwrap()
    };
    let ids: Vec<String> = {
        let mut ids = Vec::new();
        for email in ["ann@example.com", "ben@example.com", "cy@example.com"] {
            let invited = invite(&reseller, json!({ "email": email })).await;
            assert_eq!(invited["email"], email);
            assert_eq!(known(email).await, 1);
            ids.push(text(&invited["id"]));
        }
        ids
    };
    host.accept("ann@example.com", "Ann").await;
    let withdrawn = format!("/v1/invitations/{}", ids[1]);
    reseller.client.delete(&withdrawn).await.expect(204);
    assert_eq!(known("ann@example.com").await + known("ben@example.com").await, 0);
    // It has expired, but can be sent again until it is 30 days old.
    host.clock.set("2026-03-31T12:00:00Z".parse().unwrap());
    nexusport::worker::drain(&host.app).await.unwrap();
    assert_eq!(known("cy@example.com").await, 1);
    host.clock.set("2026-04-01T12:00:00Z".parse().unwrap());
    nexusport::worker::drain(&host.app).await.unwrap();
    assert_eq!(known("cy@example.com").await, 0);
    let again = format!("/v1/invitations/{}/resend", ids[2]);
    reseller
        .client
        .post(&again, json!({}))
        .await
        .problem(409, "invitation_over");
    let listed = reseller.client.get("/v1/invitations").await.expect(200);
    let addresses = listed["items"].as_array().unwrap().iter();
    assert_eq!(
        addresses
            .filter(|invitation| invitation["email"].is_null())
            .count(),
        3
    );
}
