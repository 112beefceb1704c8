//! Tokens, and who sees what.

use nexusport_simulator::Account;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Carrier, answer, form};

#[tokio::test]
async fn a_client_gets_a_token_by_basic_or_by_form() {
    let carrier = Carrier::new().await;
    let token = || carrier.request(Method::POST, "/oauth/token");
    let by_basic = form(
        token().basic_auth("client", Some("secret")),
        "grant_type=client_credentials",
    );
    let by_form = form(
        token(),
        "grant_type=client_credentials&client_id=client&client_secret=secret",
    );
    for request in [by_basic, by_form] {
        let answer = answer(request).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json["token_type"], "Bearer");
        assert_eq!(answer.json["expires_in"], 3600);
        let bearer = answer.json["access_token"].as_str().unwrap();
        let ping = crate::harness::answer(carrier.request(Method::GET, "/v1/ping").bearer_auth(bearer)).await;
        assert_eq!((ping.status, ping.json), (200, json!({ "account": "acme" })));
    }
}

#[tokio::test]
async fn a_wrong_secret_gets_no_token() {
    let carrier = Carrier::new().await;
    let token = || carrier.request(Method::POST, "/oauth/token");
    let wrong = form(
        token().basic_auth("client", Some("guess")),
        "grant_type=client_credentials",
    );
    let absent = form(token(), "grant_type=client_credentials");
    for request in [wrong, absent] {
        assert_eq!(answer(request).await.code(), (401, "invalid_client"));
    }
    let password = form(
        token().basic_auth("client", Some("secret")),
        "grant_type=password",
    );
    assert_eq!(answer(password).await.code(), (400, "unsupported_grant_type"));
}

#[tokio::test]
async fn every_carrier_path_wants_a_token() {
    let carrier = Carrier::new().await;
    for path in [
        "/v1/ping",
        "/v1/ports",
        "/v1/ports/port-1",
        "/v1/orders/x",
        "/v1/nonsense",
        "/",
    ] {
        let call = carrier.request(Method::GET, path);
        assert_eq!(answer(call).await.code(), (401, "unauthorized"), "{path}");
        let call = carrier.request(Method::GET, path).bearer_auth("guess");
        assert_eq!(answer(call).await.code(), (401, "unauthorized"), "{path}");
    }
}

#[tokio::test]
async fn a_token_ends_after_an_hour_of_the_simulators_clock() {
    let carrier = Carrier::new().await;
    carrier.at_ms(3_599_999);
    assert_eq!(carrier.get("/v1/ping").await.status, 200);
    carrier.at_ms(3_600_000);
    assert_eq!(carrier.get("/v1/ping").await.code(), (401, "unauthorized"));
}

#[tokio::test]
async fn a_new_secret_ends_the_old_one_and_its_tokens() {
    let carrier = Carrier::new().await;
    carrier
        .control
        .add_account(Account::new("client", "rotated", "acme"))
        .unwrap();
    assert_eq!(carrier.get("/v1/ping").await.code(), (401, "unauthorized"));
    let old = carrier
        .request(Method::POST, "/oauth/token")
        .basic_auth("client", Some("secret"));
    assert_eq!(
        answer(form(old, "grant_type=client_credentials")).await.code(),
        (401, "invalid_client")
    );
    carrier.token_of("client", "rotated").await;
}

#[tokio::test]
async fn a_strangers_port_and_order_look_like_nothing() {
    let carrier = Carrier::new().await;
    let order = carrier.placed(2_000, "mine").await;
    let rival = carrier.rival().await;
    let id = order["id"].as_str().unwrap();
    let body = json!({ "mbps": 100, "reference": "theirs" });
    let calls = [
        (Method::GET, "/v1/ports/port-1".to_owned(), "/v1/ports/nothing"),
        (
            Method::POST,
            "/v1/ports/port-1/check".to_owned(),
            "/v1/ports/nothing/check",
        ),
        (
            Method::POST,
            "/v1/ports/port-1/orders".to_owned(),
            "/v1/ports/nothing/orders",
        ),
        (Method::GET, format!("/v1/orders/{id}"), "/v1/orders/nothing"),
        (
            Method::POST,
            format!("/v1/orders/{id}/cancel"),
            "/v1/orders/nothing/cancel",
        ),
    ];
    for (method, theirs, nothing) in calls {
        let body = if theirs.ends_with("check") {
            json!({ "mbps": 100 })
        } else {
            body.clone()
        };
        let call = |path: &str| {
            carrier
                .request(method.clone(), path)
                .bearer_auth(&rival)
                .json(&body)
        };
        let stranger = answer(call(&theirs)).await;
        assert_eq!(stranger.code(), (404, "not_found"), "{method} {theirs}");
        assert_eq!(
            stranger.json,
            answer(call(nothing)).await.json,
            "{method} {theirs}"
        );
    }
    let found = carrier
        .request(Method::GET, "/v1/orders?reference=mine")
        .bearer_auth(&rival);
    assert_eq!(answer(found).await.json, json!({ "orders": [] }));
    assert_eq!(carrier.order_now(&order).await["status"], "ACCEPTED");
}
