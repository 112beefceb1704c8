//! Signing up, signing in, keys, and what callers are refused.

use serde_json::json;

use crate::harness::{Host, PASSWORD, sign_up, text};

#[tokio::test]
async fn a_reseller_signs_up_and_is_ready_without_anybodys_help() {
    let host = Host::start().await;
    let answer = host
        .client
        .post("/v1/signup", sign_up("northlight"))
        .await
        .expect(201);
    assert_eq!(answer["address"], "northlight.localhost");
    let me = host
        .client
        .with_token(&text(&answer["token"]))
        .get("/v1/me")
        .await
        .expect(200);
    assert_eq!(me["tenant_id"], answer["reseller"]["id"]);
    assert_eq!(me["reseller_id"], answer["reseller"]["id"]);
    host.client
        .post("/v1/signup", sign_up("northlight"))
        .await
        .problem(409, "slug_taken");
}

#[tokio::test]
async fn a_person_signs_in_only_at_the_resellers_own_address() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    host.reseller("harbour").await;
    let who = json!({ "email": "owner@northlight.example", "password": PASSWORD });
    let session = host
        .client
        .at("northlight.localhost")
        .post("/v1/sessions", who.clone())
        .await
        .expect(201);
    host.client
        .at("harbour.localhost")
        .post("/v1/sessions", who.clone())
        .await
        .problem(401, "sign_in_failed");
    host.client
        .post("/v1/sessions", who)
        .await
        .problem(421, "misdirected");
    let client = host.client.with_token(&text(&session["token"]));
    client.at("northlight.localhost").get("/v1/me").await.expect(200);
    client
        .at("harbour.localhost")
        .get("/v1/me")
        .await
        .problem(421, "misdirected");
    client
        .at("nobody.example")
        .get("/v1/me")
        .await
        .problem(421, "misdirected");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_alike() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let at = host.client.at("northlight.localhost");
    let wrong = json!({ "email": "owner@northlight.example", "password": "not the right password" });
    let unknown = json!({ "email": "nobody@northlight.example", "password": "not the right password" });
    let (wrong, unknown) = (
        at.post("/v1/sessions", wrong).await,
        at.post("/v1/sessions", unknown).await,
    );
    wrong.problem(401, "sign_in_failed");
    assert_eq!(wrong.bytes, unknown.bytes);
}

#[tokio::test]
async fn a_removed_member_is_refused_on_the_next_request() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ann = host.member(&reseller, "ann@example.com", "Ann", None).await;
    ann.get("/v1/me").await.expect(200);
    host.remove_member(&reseller, "Ann").await;
    ann.get("/v1/me").await.problem(401, "credential_invalid");
}

#[tokio::test]
async fn a_key_holds_at_most_its_makers_permissions_and_dies_when_revoked() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let narrow = json!({ "name": "narrow", "permissions": ["keys.write", "keys.read"] });
    let narrow = reseller.client.post("/v1/api-keys", narrow).await.expect(201);
    let client = host.client.with_token(&text(&narrow["secret"]));
    client
        .get("/v1/customers")
        .await
        .problem(403, "permission_missing");
    let wide = json!({ "name": "wide", "permissions": ["customers.read"] });
    let detail = client
        .post("/v1/api-keys", wide)
        .await
        .problem(422, "permission_beyond_own");
    assert!(detail.contains("customers.read"), "{detail}");
    let listed = client.get("/v1/api-keys").await;
    assert!(!String::from_utf8_lossy(&listed.bytes).contains(&text(&narrow["secret"])));
    reseller
        .client
        .delete(&format!("/v1/api-keys/{}", text(&narrow["id"])))
        .await
        .expect(204);
    client
        .get("/v1/api-keys")
        .await
        .problem(401, "credential_revoked");
}

#[tokio::test]
async fn a_denied_attempt_is_in_the_audit_trail() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let narrow = json!({ "name": "narrow", "permissions": ["keys.read"] });
    let narrow = reseller.client.post("/v1/api-keys", narrow).await.expect(201);
    host.client
        .with_token(&text(&narrow["secret"]))
        .get("/v1/customers")
        .await
        .problem(403, "permission_missing");
    let events = reseller
        .client
        .get("/v1/audit-events?action=permission.use")
        .await
        .expect(200);
    assert_eq!(events["items"][0]["outcome"], "denied");
    assert_eq!(events["items"][0]["detail"]["permission"], "customers.read");
    assert_eq!(events["items"][0]["actor_id"], narrow["id"]);
}

#[tokio::test]
async fn the_same_idempotency_key_gives_the_stored_answer_without_its_secret() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ask = |body: serde_json::Value| {
        let request = reseller.client.request(reqwest::Method::POST, "/v1/api-keys");
        reseller
            .client
            .send(request.header("idempotency-key", "one").json(&body))
    };
    let first = ask(json!({ "name": "once" })).await.expect(201);
    let second = ask(json!({ "name": "once" })).await.expect(201);
    assert_eq!(first["id"], second["id"]);
    assert!(second["secret"].is_null());
    ask(json!({ "name": "other" }))
        .await
        .problem(422, "idempotency_key_reused");
    let keys = reseller.client.get("/v1/api-keys").await.expect(200);
    assert_eq!(
        keys["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["name"] == "once")
            .count(),
        1
    );
}

#[tokio::test]
async fn bad_input_is_refused_by_name() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let post = |body: &'static str| {
        let request = reseller.client.request(reqwest::Method::POST, "/v1/customers");
        reseller
            .client
            .send(request.header("content-type", "application/json").body(body))
    };
    post("{").await.problem(400, "json_malformed");
    let detail = post(r#"{"slug":"a","name":"a","currency":"EUR","time_zone":"UTC","colour":1}"#)
        .await
        .problem(422, "json_unexpected");
    assert!(detail.contains("colour"), "{detail}");
    post(r#"{"slug":7}"#).await.problem(422, "json_unexpected");
    let big = format!("{{\"slug\":\"{}\"}}", "a".repeat(nexusport::api::MAX_BODY_BYTES));
    let request = reseller.client.request(reqwest::Method::POST, "/v1/customers");
    let answer = reseller
        .client
        .send(request.header("content-type", "application/json").body(big))
        .await;
    assert!(answer.problem(413, "body_too_large").contains("1048576"));
    reseller
        .client
        .get("/v1/customers?limit=201")
        .await
        .problem(422, "limit_out_of_range");
    reseller
        .client
        .get("/v1/customers?cursor=abc")
        .await
        .problem(400, "cursor_invalid");
    reseller
        .client
        .get("/v1/customers?colour=red")
        .await
        .problem(400, "query_unexpected");
    reseller
        .client
        .get("/v1/customers/7")
        .await
        .problem(404, "not_found");
    reseller.client.get("/nowhere").await.problem(404, "no_such_path");
    reseller
        .client
        .delete("/v1/customers")
        .await
        .problem(405, "no_such_method");
}

#[tokio::test]
async fn lists_go_on_where_the_page_before_ended() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    for n in 0..5 {
        let new = json!({ "slug": format!("c{n}"), "name": "C", "currency": "EUR", "time_zone": "UTC" });
        reseller.client.post("/v1/customers", new).await.expect(201);
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/customers?limit=2".to_owned());
    loop {
        let page = reseller.client.get(&path).await.expect(200);
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|customer| text(&customer["id"])),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/customers?limit=2&cursor={next}");
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
}
