//! What can be asked before anybody is known says nothing of who is a member where.

use serde_json::json;

use super::{same, told};
use crate::harness::{Answer, Host, PASSWORD, sign_up, text};

/// Two resellers, and nobody with a foot in both.
async fn two_resellers() -> Host {
    let host = Host::start().await;
    for slug in ["northlight", "harbour"] {
        host.reseller(slug).await;
    }
    host
}

fn all_alike(answers: &[Answer], status: u16) {
    for answer in answers {
        assert_eq!(answer.status.as_u16(), status, "{}", told(answer));
        assert!(
            same(&answers[0], answer),
            "{} is not {}",
            told(&answers[0]),
            told(answer)
        );
    }
}

#[tokio::test]
async fn sign_in_reveals_no_membership() {
    let host = two_resellers().await;
    let northlight = host.client.at("northlight.localhost");
    let ask = |email: &str, password: &str| {
        let who = json!({ "email": email, "password": password });
        let northlight = northlight.clone();
        async move { northlight.post("/v1/sessions", who).await }
    };
    let answers = [
        ask("nobody@nowhere.example", "not the right password").await,
        ask("nobody@nowhere.example", PASSWORD).await,
        ask("owner@northlight.example", "not the right password").await,
        // A member elsewhere, with a wrong password and with the right one.
        ask("owner@harbour.example", "not the right password").await,
        ask("owner@harbour.example", PASSWORD).await,
    ];
    all_alike(&answers, 401);
    let tenant =
        |id: &str| json!({ "email": "owner@northlight.example", "password": PASSWORD, "tenant_id": id });
    let harbour = host.client.at("harbour.localhost");
    let who = json!({ "email": "owner@harbour.example", "password": PASSWORD });
    let theirs = text(&harbour.post("/v1/sessions", who).await.expect(201)["tenant_id"]);
    let answers = [
        northlight.post("/v1/sessions", tenant(&theirs)).await,
        northlight.post("/v1/sessions", tenant(super::NOBODY)).await,
    ];
    all_alike(&answers, 401);
}

#[tokio::test]
async fn an_invitation_that_cannot_be_used_does_not_say_why() {
    let host = two_resellers().await;
    let reseller = host.reseller("thames").await;
    let invite = async |email: &str| {
        reseller
            .client
            .post("/v1/invitations", json!({ "email": email }))
            .await
            .expect(201);
        host.mail(email).await.token()
    };
    let accept = async |token: &str| {
        let accept = json!({ "token": token, "name": "Ann", "password": PASSWORD });
        host.client.post("/v1/invitations/accept", accept).await
    };
    let (used, expired) = (invite("ann@example.com").await, invite("bob@example.com").await);
    accept(&used).await.expect(201);
    host.clock.set("2026-03-10T12:00:00Z".parse().unwrap());
    let made_up = format!("{}{}", &used[..used.len() - 43], "A".repeat(43));
    let answers = [
        accept(&used).await,
        accept(&expired).await,
        accept(&made_up).await,
        accept("not even a token").await,
        accept(&reseller.key).await,
        accept(&reseller.session).await,
    ];
    all_alike(&answers, 422);
}

#[tokio::test]
async fn sign_up_reveals_no_reseller_below_its_public_address() {
    let host = two_resellers().await;
    // That a slug is taken is public: the reseller is served at it. Customers' slugs are not.
    host.client
        .post("/v1/signup", sign_up("harbour"))
        .await
        .problem(409, "slug_taken");
    let reseller = host.reseller("thames").await;
    host.customer(&reseller, "alpine").await;
    host.client
        .post("/v1/signup", sign_up("alpine"))
        .await
        .expect(201);
}
