//! Guessing is slow: tries are counted by account and by where they come from, in one place for all hosts.

use serde_json::json;

use crate::harness::{Answer, Client, Host, PASSWORD};

async fn sign_in(at: &Client, email: &str, password: &str) -> Answer {
    at.post("/v1/sessions", json!({ "email": email, "password": password }))
        .await
}

const WRONG: &str = "not the right password";

#[tokio::test]
async fn after_five_wrong_passwords_the_account_waits_longer_each_time_whether_it_exists_or_not() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let mut refusals = Vec::new();
    for email in ["owner@northlight.example", "nobody@northlight.example"] {
        for _ in 0..5 {
            sign_in(&at, email, WRONG).await.problem(401, "sign_in_failed");
        }
        let refused = sign_in(&at, email, PASSWORD).await;
        refused.problem(429, "sign_in_throttled");
        assert_eq!(refused.headers["retry-after"], "30");
        refusals.push(refused.bytes);
    }
    assert_eq!(refusals[0], refusals[1]);
    host.clock.set("2026-03-02T12:00:30Z".parse().unwrap());
    sign_in(&at, "owner@northlight.example", WRONG)
        .await
        .problem(401, "sign_in_failed");
    let longer = sign_in(&at, "owner@northlight.example", WRONG).await;
    assert_eq!(longer.headers["retry-after"], "60");
    host.clock.set("2026-03-02T12:02:00Z".parse().unwrap());
    sign_in(&at, "owner@northlight.example", PASSWORD)
        .await
        .expect(201);
    // What worked is forgotten.
    sign_in(&at, "owner@northlight.example", WRONG)
        .await
        .problem(401, "sign_in_failed");
}

#[tokio::test]
async fn another_host_counts_on_and_another_account_is_not_held_up() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    host.reseller("harbour").await;
    let at = |client: &Client| client.at("northlight.localhost");
    let (here, there) = (at(&host.client), at(&host.another().await));
    for client in [&here, &there, &here, &there, &here] {
        sign_in(client, "nobody@example.com", WRONG)
            .await
            .problem(401, "sign_in_failed");
    }
    sign_in(&there, "nobody@example.com", WRONG)
        .await
        .problem(429, "sign_in_throttled");
    sign_in(&there, "owner@northlight.example", PASSWORD)
        .await
        .expect(201);
    let harbour = host.client.at("harbour.localhost");
    sign_in(&harbour, "nobody@example.com", WRONG)
        .await
        .problem(401, "sign_in_failed");
}

#[tokio::test]
async fn many_at_once_are_not_more_than_one_after_another() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let tries = (0..12).map(|_| sign_in(&at, "nobody@example.com", WRONG));
    let answers = futures::future::join_all(tries).await;
    let tried = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(tried, 5, "{answers:?}");
}

#[tokio::test]
async fn one_machine_cannot_go_through_many_accounts() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let tries = (0..64).map(|n| {
        let at = at.clone();
        async move {
            at.post(
                "/v1/password-resets",
                json!({ "email": format!("{n}@example.com") }),
            )
            .await
        }
    });
    let answers = futures::future::join_all(tries).await;
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert!((4..=6).contains(&refused), "{refused}");
    // Nobody believes a header that no proxy of ours has written.
    let request = at.request(reqwest::Method::POST, "/v1/password-resets");
    let request = request
        .header("x-forwarded-for", "192.0.2.1")
        .json(&json!({ "email": "a@example.com" }));
    at.send(request).await.problem(429, "sign_in_throttled");
}

#[tokio::test]
async fn what_works_does_not_count_against_its_machine() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    sign_in(&at, "nobody@example.com", WRONG)
        .await
        .problem(401, "sign_in_failed");
    let mut superuser = host.database.superuser().await;
    sqlx::query("update attempt set tries = 59")
        .execute(&mut superuser)
        .await
        .unwrap();
    for _ in 0..3 {
        sign_in(&at, "owner@northlight.example", PASSWORD)
            .await
            .expect(201);
    }
    sign_in(&at, "somebody@example.com", WRONG)
        .await
        .problem(401, "sign_in_failed");
    sign_in(&at, "owner@northlight.example", PASSWORD)
        .await
        .problem(429, "sign_in_throttled");
}

#[tokio::test]
async fn strangers_cannot_fill_a_mailbox_by_asking_several_resellers() {
    let host = Host::start().await;
    let email = "owner@northlight.example";
    let mut answers = Vec::new();
    for (slug, asked) in [("northlight", 5), ("harbour", 4), ("thames", 1)] {
        host.reseller(slug).await;
        let at = host.client.at(&format!("{slug}.localhost"));
        for _ in 0..asked {
            let asked = at.post("/v1/password-resets", json!({ "email": email })).await;
            answers.push(asked.status.as_u16());
        }
    }
    // Northlight's own sign-up was the first.
    assert_eq!(answers, [[202; 9].as_slice(), &[429]].concat());
    let sign_up = json!({ "slug": "another", "name": "Another", "currency": "EUR", "time_zone": "UTC",
        "owner": { "email": email, "name": "Owner", "password": PASSWORD } });
    host.client
        .post("/v1/signup", sign_up)
        .await
        .problem(429, "sign_in_throttled");
    // Nobody learns by that who is a member where.
    let at = host.client.at("harbour.localhost");
    at.post("/v1/password-resets", json!({ "email": "owner@harbour.example" }))
        .await
        .expect(202);
}
