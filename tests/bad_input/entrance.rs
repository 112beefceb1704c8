//! Odd tokens, addresses that disagree, odd sign-ups, and names that look alike.

use serde_json::json;

use super::{is_an_answer, odd_values, told};
use crate::harness::{Client, Host, PASSWORD, sign_up};

#[tokio::test]
async fn a_token_is_good_for_what_it_was_made_for() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let invitation = reseller
        .client
        .post("/v1/invitations", json!({ "email": "ann@example.com" }))
        .await
        .expect(201);
    let mut wrong = vec![
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        PASSWORD.to_owned(),
        reseller.key.to_uppercase(),
        reseller.key[..reseller.key.len() - 1].to_owned(),
        format!("{}a", reseller.key),
        reseller.key.replacen("key_", "ses_", 1),
        reseller.session.replacen("ses_", "key_", 1),
        "x".repeat(7_000),
    ];
    // A way in for a person is no way in for a program.
    wrong.extend(invitation["token"].as_str().map(str::to_owned));
    for token in wrong {
        let answer = host.client.with_token(&token).get("/v1/me").await;
        assert_eq!(answer.status, 401, "{token}: {}", told(&answer));
        assert!(is_an_answer(&answer));
    }
    for token in [&reseller.key, &reseller.session] {
        let accept = json!({ "token": token, "name": "Ann", "password": PASSWORD });
        host.client
            .post("/v1/invitations/accept", accept)
            .await
            .problem(422, "invitation_invalid");
    }
}

#[tokio::test]
async fn host_credential_and_path_that_disagree_are_refused() {
    let host = Host::start().await;
    let (ours, theirs) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let at = |client: &Client, name: &str| client.at(name);
    // Host and credential.
    at(&ours.client, "harbour.localhost")
        .get("/v1/me")
        .await
        .problem(421, "misdirected");
    at(&host.client.with_token(&ours.session), "harbour.localhost")
        .get("/v1/me")
        .await
        .problem(421, "misdirected");
    // A host of nobody's, with and without a credential.
    for client in [&ours.client, &host.client] {
        at(client, "nobody.example")
            .get("/v1/me")
            .await
            .problem(421, "misdirected");
    }
    // Credential and path: somebody else's tenant is not there.
    ours.client
        .get(&format!("/v1/customers/{}", theirs.id))
        .await
        .problem(404, "not_found");
    // Two credentials, and none that is one.
    let request = ours
        .client
        .request(reqwest::Method::GET, "/v1/me")
        .header("authorization", format!("Bearer {}", theirs.key));
    ours.client.send(request).await.problem(400, "credential_twice");
    let request = host
        .client
        .request(reqwest::Method::GET, "/v1/me")
        .header("authorization", "Basic eDp5");
    host.client.send(request).await.problem(401, "credential_missing");
    // Neither a query nor a header selects a tenant.
    ours.client
        .get(&format!("/v1/customers?tenant_id={}", theirs.id))
        .await
        .problem(400, "query_unexpected");
    let request = ours.client.request(reqwest::Method::GET, "/v1/me");
    let me = ours
        .client
        .send(request.header("x-tenant-id", &theirs.id))
        .await
        .expect(200);
    assert_eq!(me["tenant_id"], json!(ours.id));
}

#[tokio::test]
async fn the_entrance_takes_nothing_amiss() {
    let host = Host::start().await;
    let good = sign_up("northlight");
    for field in [
        "/slug",
        "/name",
        "/currency",
        "/time_zone",
        "/owner/email",
        "/owner/name",
        "/owner/password",
    ] {
        for value in odd_values() {
            let mut body = good.clone();
            *body.pointer_mut(field).unwrap() = value.clone();
            let answer = host.client.post("/v1/signup", body).await;
            assert!(is_an_answer(&answer), "{field} {value}: {}", told(&answer));
            let nul = value == json!("a\u{0}b");
            assert!(
                !nul || answer.status.is_client_error(),
                "{field}: {}",
                told(&answer)
            );
        }
    }
}

#[tokio::test]
async fn names_that_look_alike_or_hide_something_are_refused() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let named = async |name: &str| {
        let new = json!({ "slug": "alpine", "name": name, "currency": "EUR", "time_zone": "UTC" });
        reseller.client.post("/v1/customers", new).await
    };
    for name in [
        "Cafe\u{301}",    // decomposed: the same to the eye as the composed form
        "pay\u{2060}pal", // word joiner
        "pay\u{ad}pal",   // soft hyphen
        "\u{202e}lapyap", // right to left
        "x\u{301}\u{301}\u{301}\u{301}\u{301}",
        "pay\u{e0061}pal", // tag characters
        "\u{3164}",        // a letter that shows nothing
    ] {
        named(name).await.problem(422, "name_invalid");
    }
    named("Café Zürich 東京").await.expect(201);
    named("Another").await.problem(409, "slug_taken");
}
