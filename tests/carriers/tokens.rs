//! Tokens that are fetched with a client's secret.

use super::*;

#[tokio::test]
async fn a_token_is_fetched_once_and_renewed_when_the_carrier_refuses_it() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let token = |token: &str| {
        reply(
            "200 OK",
            "",
            &format!("{{\"access_token\":\"{token}\",\"expires_in\":3600}}"),
        )
    };
    let auth = Server::start(vec![token("t0ken-one"), token("t0ken-two"), token("t0ken-three")]).await;
    let stale = || reply("401 Unauthorized", "", "t0ken-one is stale");
    let fine = || reply("200 OK", "", "t0ken-two, t0ken-one");
    let api = Server::start(vec![fine(), stale(), fine(), stale(), fine()]).await;
    carrier.destination("api", &api.url).await;
    carrier.destination("auth", &auth.url).await;
    let set = carrier.credential("client", &["api"], oauth2("auth")).await;
    assert_eq!(set["destinations"], json!(["api", "auth"]));
    let pinned = carrier.pinned().await;
    let once = request("api", Some("client"));
    let repeatable = Request {
        repeatable: true,
        ..once.clone()
    };
    answered(carrier.send(&pinned, &once).await);
    assert_eq!((api.requests().len(), auth.requests().len()), (1, 1));
    let renewed = answered(carrier.send(&pinned, &repeatable).await);
    assert_eq!(
        (renewed.status, &renewed.body[..]),
        (200, &b"[secret], [secret]"[..])
    );
    assert!(api.requests()[2].contains("authorization: Bearer t0ken-two\r\n"));
    let kept = answered(carrier.send(&pinned, &once).await);
    assert_eq!(
        kept.status, 401,
        "a request that is not repeatable was sent twice"
    );
    assert_eq!((api.requests().len(), auth.requests().len()), (4, 2));
    answered(carrier.send(&pinned, &once).await);
    assert!(api.requests()[4].contains("authorization: Bearer t0ken-three\r\n"));
    assert!(api.requests().iter().all(|request| !request.contains("Basic")));
}

#[tokio::test]
async fn a_client_secret_does_not_go_to_a_token_endpoint_that_moved() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let (api, auth, moved) = (ok().await, ok().await, ok().await);
    carrier.destination("api", &api.url).await;
    carrier.destination("auth", &auth.url).await;
    carrier.credential("client", &["api"], oauth2("auth")).await;
    assert_eq!(
        carrier.destination("auth", &moved.url).await["detached"],
        json!(["client"])
    );
    let detail = refused(
        carrier
            .send(&carrier.pinned().await, &request("api", Some("client")))
            .await,
    );
    assert!(detail.contains("token destination auth"), "{detail}");
    assert!(api.requests().is_empty() && auth.requests().is_empty() && moved.requests().is_empty());
}

#[tokio::test]
async fn a_token_that_cannot_be_had_means_the_request_was_not_sent() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let api = ok().await;
    let auth = Server::start(vec![
        reply("503 Busy", "", ""),
        reply("401 Unauthorized", "", SECRET),
    ])
    .await;
    carrier.destination("api", &api.url).await;
    carrier.destination("auth", &auth.url).await;
    carrier.credential("client", &["api"], oauth2("auth")).await;
    let pinned = carrier.pinned().await;
    let busy = carrier.send(&pinned, &request("api", Some("client"))).await;
    assert!(
        matches!(busy, Ok(Answer::NotSent(NotSent { temporary: true, .. }))),
        "{busy:?}"
    );
    let detail = refused(carrier.send(&pinned, &request("api", Some("client"))).await);
    assert_eq!(detail, "the token endpoint answered 401");
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn a_token_endpoint_that_wants_json_is_asked_with_json() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let carrier = Carrier::add(&host, &reseller).await;
    let token = r#"{"access_token":"t0ken-one","token_timeout":"3600","token_type":"Bearer"}"#;
    let auth = Server::start(vec![reply("200 OK", "", token)]).await;
    let api = ok().await;
    carrier.destination("api", &api.url).await;
    carrier.destination("auth", &auth.url).await;
    let mut client = oauth2("auth");
    client["token_request"] = json!("xml");
    let path = format!("{}/credentials/client", carrier.path);
    let wrong = json!({ "secret": client, "destinations": ["api"] });
    let refusal = reseller.client.put(&path, wrong).await.expect(422);
    assert!(text(&refusal["detail"]).contains("`form` or `json`"), "{refusal}");
    client["token_request"] = json!("json");
    carrier.credential("client", &["api"], client).await;
    answered(
        carrier
            .send(&carrier.pinned().await, &request("api", Some("client")))
            .await,
    );
    let asked = auth.requests()[0].clone();
    let (_, body) = asked.split_once("\r\n\r\n").unwrap();
    let fields =
        json!({ "grant_type": "client_credentials", "client_id": "client", "client_secret": SECRET });
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), fields, "{asked}");
    assert!(api.requests()[0].contains("authorization: Bearer t0ken-one\r\n"));
}
