//! API keys: what tells a typo from a revoked one, and two that live while one takes the other's place (C20).

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Host, text};

async fn rotate(client: &Client, id: &Value, body: Value) -> Answer {
    client
        .post(&format!("/v1/api-keys/{}/rotate", text(id)), body)
        .await
}

#[tokio::test]
async fn a_key_says_whether_it_was_mistyped_revoked_or_has_expired() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let make = async |new: Value| reseller.client.post("/v1/api-keys", new).await.expect(201);
    let revoked = make(json!({ "name": "revoked" })).await;
    let expiring = make(json!({ "name": "expiring", "expires_at": "2026-03-02T13:00:00Z" })).await;
    let secret = text(&revoked["secret"]);
    assert!(secret.starts_with("key_") && secret.len() == 53, "{secret}");
    let me = async |token: &str| host.client.with_token(token).get("/v1/me").await;
    let other = if &secret[10..11] == "x" { "y" } else { "x" };
    let typo = format!("{}{other}{}", &secret[..10], &secret[11..]);
    me(&typo).await.problem(401, "credential_mistyped");
    let path = format!("/v1/api-keys/{}", text(&revoked["id"]));
    reseller.client.delete(&path).await.expect(204);
    me(&secret).await.problem(401, "credential_revoked");
    me(&typo).await.problem(401, "credential_mistyped");
    host.clock.set("2026-03-02T13:00:00Z".parse().unwrap());
    me(&text(&expiring["secret"]))
        .await
        .problem(401, "credential_expired");
    let shown = reseller.client.get(&path).await.expect(200);
    assert_eq!(shown["revoked_at"], "2026-03-02T12:00:00Z");
}

#[tokio::test]
async fn a_key_without_a_permission_is_refused_and_one_that_names_none_has_all_of_its_makers() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    reseller
        .client
        .post("/v1/api-keys", json!({ "name": "none", "permissions": [] }))
        .await
        .problem(422, "permissions_empty");
    let all = reseller
        .client
        .post("/v1/api-keys", json!({ "name": "all" }))
        .await
        .expect(201);
    let me = reseller.client.get("/v1/me").await.expect(200);
    let mut held = [all["permissions"].clone(), me["permissions"].clone()];
    for held in &mut held {
        held.as_array_mut().unwrap().sort_by_key(ToString::to_string);
    }
    assert_eq!(held[0], held[1]);
}

#[tokio::test]
async fn while_a_key_is_rotated_two_live_and_never_three() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let new = json!({ "name": "billing", "permissions": ["billing.read", "keys.write"] });
    let first = reseller.client.post("/v1/api-keys", new).await.expect(201);
    let second = rotate(&reseller.client, &first["id"], json!({}))
        .await
        .expect(201);
    for field in ["name", "permissions"] {
        assert_eq!(second[field], first[field]);
    }
    assert_eq!(second["succeeds"], first["id"]);
    for key in [&first, &second] {
        host.client
            .with_token(&text(&key["secret"]))
            .get("/v1/invoices")
            .await
            .expect(200);
    }
    for id in [&first["id"], &second["id"]] {
        rotate(&reseller.client, id, json!({}))
            .await
            .problem(409, "rotation_under_way");
    }
    rotate(&reseller.client, &second["id"], json!({ "overlap_hours": 169 }))
        .await
        .problem(422, "overlap_too_long");
    host.clock.set("2026-03-03T12:00:00Z".parse().unwrap());
    let gone = host.client.with_token(&text(&first["secret"]));
    gone.get("/v1/invoices").await.problem(401, "credential_expired");
    // A key can see to its own successor.
    let own = host.client.with_token(&text(&second["secret"]));
    let third = rotate(&own, &second["id"], json!({ "overlap_hours": 0 }))
        .await
        .expect(201);
    own.get("/v1/invoices").await.problem(401, "credential_expired");
    let third = host.client.with_token(&text(&third["secret"]));
    third.get("/v1/invoices").await.expect(200);
    rotate(&reseller.client, &second["id"], json!({}))
        .await
        .problem(409, "key_over");
}

#[tokio::test]
async fn of_many_rotations_at_once_one_is_made() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let key = reseller
        .client
        .post("/v1/api-keys", json!({ "name": "busy" }))
        .await
        .expect(201);
    let tries = (0..4).map(|_| rotate(&reseller.client, &key["id"], json!({})));
    let answers = futures::future::join_all(tries).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{answers:?}");
}

#[tokio::test]
async fn nobody_gets_more_by_rotating_than_they_hold() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    let wide = reseller
        .client
        .post("/v1/api-keys", json!({ "name": "wide" }))
        .await
        .expect(201);
    let narrow = json!({ "name": "narrow", "permissions": ["keys.write"] });
    let narrow = reseller.client.post("/v1/api-keys", narrow).await.expect(201);
    let narrow = host.client.with_token(&text(&narrow["secret"]));
    rotate(&narrow, &wide["id"], json!({}))
        .await
        .problem(422, "permission_beyond_own");
    // A customer's secret is the customer's.
    let theirs = customer.client.get("/v1/api-keys").await.expect(200)["items"][0]["id"].clone();
    rotate(&reseller.client, &theirs, json!({}))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn with_a_key_go_the_keys_that_were_made_with_it_and_not_its_successor() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let make = async |with: &Client| {
        with.post("/v1/api-keys", json!({ "name": "k" }))
            .await
            .expect(201)
    };
    let as_key = |key: &Value| host.client.with_token(&text(&key["secret"]));
    let parent = make(&reseller.client).await;
    let child = make(&as_key(&parent)).await;
    let grandchild = make(&as_key(&child)).await;
    let successor = rotate(&as_key(&parent), &parent["id"], json!({}))
        .await
        .expect(201);
    let path = format!("/v1/api-keys/{}", text(&parent["id"]));
    reseller.client.delete(&path).await.expect(204);
    for gone in [&parent, &child, &grandchild] {
        as_key(gone)
            .get("/v1/me")
            .await
            .problem(401, "credential_revoked");
    }
    as_key(&successor).get("/v1/me").await.expect(200);
    reseller.client.get("/v1/me").await.expect(200);
}
