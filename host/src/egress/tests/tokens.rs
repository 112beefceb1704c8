//! Tokens against a token endpoint.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta};

use super::{
    server::{Reply, Server, reply},
    *,
};
use crate::app::Timestamp;

const ISSUED: &str = r#"{"access_token":"t-1","token_type":"Bearer","expires_in":3600}"#;
const LATER: &str = r#"{"access_token":"t-2","token_type":"bearer","expires_in":3600}"#;

fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn grant(base_url: &str) -> Grant<'_> {
    Grant {
        lane: lane(),
        credential: Uuid::from_u128(9),
        endpoint: (base_url, "/oauth/token"),
        client_id: "client one",
        client_secret: "s3cret/+:",
        scope: Some("ports orders"),
        request: TokenRequest::Form,
    }
}

async fn refusal(reply: Reply) -> TokenFailed {
    let server = Server::start(vec![reply]).await;
    client().token(&grant(&server.url), now()).await.unwrap_err()
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_standard_says() {
    let server = Server::start(vec![reply("200 OK", "", ISSUED)]).await;
    let token = client().token(&grant(&server.url), now()).await.unwrap();
    assert_eq!(*token, "t-1");
    let request = &server.requests()[0];
    let credentials = STANDARD.encode("client+one:s3cret%2F%2B%3A");
    assert!(request.starts_with("POST /oauth/token HTTP/1.1\r\n"), "{request}");
    assert!(
        request.contains(&format!("authorization: Basic {credentials}\r\n")),
        "{request}"
    );
    assert!(
        request.ends_with("\r\n\r\ngrant_type=client_credentials&scope=ports+orders"),
        "{request}"
    );
}

#[tokio::test]
async fn a_carrier_that_wants_json_gets_the_same_fields_as_json() {
    let server = Server::start(vec![reply("200 OK", "", ISSUED), reply("200 OK", "", LATER)]).await;
    let scopes = [None, Some("ports orders")];
    for (credential, scope) in (0..).zip(scopes) {
        let grant = Grant {
            scope,
            credential: Uuid::from_u128(credential),
            request: TokenRequest::Json,
            ..grant(&server.url)
        };
        client().token(&grant, now()).await.unwrap();
    }
    assert_eq!(server.requests().len(), 2);
    for (request, scope) in server.requests().iter().zip(scopes) {
        assert!(
            request.contains("content-type: application/json\r\n"),
            "{request}"
        );
        assert!(!request.contains("authorization:"), "{request}");
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let asked: serde_json::Value = serde_json::from_str(body).unwrap();
        let mut fields = serde_json::json!({
            "grant_type": "client_credentials", "client_id": "client one", "client_secret": "s3cret/+:",
        });
        if let Some(scope) = scope {
            fields["scope"] = scope.into();
        }
        assert_eq!(asked, fields);
    }
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_its_end() {
    let server = Server::start(vec![reply("200 OK", "", ISSUED), reply("200 OK", "", LATER)]).await;
    let (client, grant) = (client(), grant(&server.url));
    for seconds in [0, 1800, 3569] {
        let token = client
            .token(&grant, now() + TimeDelta::seconds(seconds))
            .await
            .unwrap();
        assert_eq!(*token, "t-1", "after {seconds} s");
    }
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        *client
            .token(&grant, now() + TimeDelta::seconds(3570))
            .await
            .unwrap(),
        "t-2"
    );
}

#[tokio::test]
async fn a_token_belongs_to_one_reseller_and_one_credential() {
    let server = Server::start((0..3).map(|_| reply("200 OK", "", ISSUED)).collect()).await;
    let client = client();
    let first = grant(&server.url);
    client.token(&first, now()).await.unwrap();
    let credential = Uuid::from_u128(10);
    client
        .token(
            &Grant {
                credential,
                ..grant(&server.url)
            },
            now(),
        )
        .await
        .unwrap();
    let lane = Lane {
        reseller: Uuid::from_u128(5).into(),
        ..lane()
    };
    client
        .token(
            &Grant {
                lane,
                ..grant(&server.url)
            },
            now(),
        )
        .await
        .unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_refused_token_is_forgotten_but_a_newer_one_is_not() {
    let server = Server::start(vec![reply("200 OK", "", ISSUED), reply("200 OK", "", LATER)]).await;
    let (client, grant) = (client(), grant(&server.url));
    let first = client.token(&grant, now()).await.unwrap();
    client.forget_token(&grant, &first);
    assert_eq!(*client.token(&grant, now()).await.unwrap(), "t-2");
    client.forget_token(&grant, &first);
    assert_eq!(*client.token(&grant, now()).await.unwrap(), "t-2");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_final_and_trouble_is_not() {
    assert!(
        !refusal(reply("401 Unauthorized", "", r#"{"error":"invalid_client"}"#))
            .await
            .temporary
    );
    assert!(!refusal(reply("302 Found", "location: /\r\n", "")).await.temporary);
    assert!(!refusal(reply("200 OK", "", "{}")).await.temporary);
    assert!(
        !refusal(reply("200 OK", "", r#"{"access_token":"a\nb"}"#))
            .await
            .temporary
    );
    assert!(
        !refusal(reply("200 OK", "", r#"{"access_token":"a","token_type":"mac"}"#))
            .await
            .temporary
    );
    assert!(refusal(reply("503 Busy", "", "")).await.temporary);
    assert!(refusal(reply("429 Slow down", "", "")).await.temporary);
    assert!(refusal(Reply::Close).await.temporary);
}
