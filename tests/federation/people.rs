//! Who a person that a provider speaks of is.

use serde_json::{Value, json};

use super::{Stage, begin, come_back, joins, name_provider, provider::Provider};
use crate::harness::{PASSWORD, text};

fn ann() -> Value {
    json!({ "sub": "ann", "email": "Ann@Quay.example", "name": "Ann" })
}

#[tokio::test]
async fn a_person_signs_in_with_the_resellers_provider_and_is_the_same_the_next_time() {
    let stage = Stage::set().await;
    let options = stage.at().get("/v1/sign-in-options").await.expect(200);
    assert_eq!(
        options["providers"],
        json!([{ "id": stage.provider_id, "name": "staff" }])
    );
    let answer = stage.come_as(ann()).await;
    let first = answer.expect(200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(first["tenant_id"], json!(stage.customer.id));
    assert_eq!(first["reseller_id"], json!(stage.reseller.id));
    let client = stage.host.client.with_token(&text(&first["token"]));
    let me = client.at("northlight.localhost").get("/v1/me").await.expect(200);
    assert_eq!(me["id"], first["user"]);
    let second = stage.come_as(ann()).await.expect(200);
    assert_eq!(second["user"], first["user"]);
    assert_ne!(second["token"], first["token"]);
    let members = stage.customer.client.get("/v1/memberships").await.expect(200);
    let members = members["items"].as_array().unwrap().clone();
    let anns: Vec<_> = members.iter().filter(|member| member["name"] == "Ann").collect();
    assert_eq!(anns.len(), 1);
    assert_eq!(anns[0]["email"], "ann@quay.example");
    let listed = stage.reseller.client.get("/v1/identity-providers").await;
    let path = &listed.expect(200)["items"][0]["callback_path"];
    let own = format!("/v1/federated-sign-ins/callback/{}", stage.provider_id);
    assert_eq!(path, &json!(own));
    assert!(!String::from_utf8_lossy(&listed.bytes).contains("client secret"));
}

#[tokio::test]
async fn an_asserted_address_makes_nobody_somebody_who_was_there_before() {
    let stage = Stage::set().await;
    stage.host.reseller("harbour").await;
    for (n, address) in [
        "owner@northlight.example",
        "owner@quay.northlight.example",
        "owner@harbour.example",
    ]
    .into_iter()
    .enumerate()
    {
        let claims = json!({ "sub": format!("liar-{n}"), "email": address, "email_verified": true });
        let session = stage.come_as(claims).await.expect(200);
        // In the customer that the provider gives, with that customer's role, and nowhere else.
        assert_eq!(session["tenant_id"], json!(stage.customer.id));
        let client = stage.host.client.with_token(&text(&session["token"]));
        client
            .get("/v1/customers")
            .await
            .problem(403, "permission_missing");
        let switch = json!({ "tenant_id": stage.reseller.id });
        client
            .post("/v1/sessions/current/tenant", switch)
            .await
            .problem(404, "not_found");
        client
            .at("harbour.localhost")
            .get("/v1/me")
            .await
            .problem(421, "misdirected");
    }
    // Whose addresses they are sign in as before, as themselves.
    let owner = json!({ "email": "owner@northlight.example", "password": PASSWORD });
    let owner = stage.at().post("/v1/sessions", owner).await.expect(201);
    assert_eq!(owner["tenant_id"], json!(stage.reseller.id));
    let harbour = stage.host.client.at("harbour.localhost");
    let owner = json!({ "email": "owner@harbour.example", "password": PASSWORD });
    harbour.post("/v1/sessions", owner).await.expect(201);
}

#[tokio::test]
async fn a_subject_is_one_person_for_each_reseller_and_issuer() {
    let stage = Stage::set().await;
    let first = stage.come_as(ann()).await.expect(200);
    // Another issuer at the same reseller says the same.
    let another = Provider::start().await;
    let joined = joins(&stage.customer).await;
    let id = name_provider(&stage.reseller, &another, "partner", joined).await;
    let journey = begin(&stage.at(), &id).await;
    let code = another.sign_in(&journey.url, ann(), stage.host.app.now());
    let second = come_back(&stage.at(), &journey, &code).await.expect(200);
    assert_ne!(first["user"], second["user"]);
    // The same issuer, named by another reseller.
    let harbour = stage.host.reseller("harbour").await;
    let theirs = stage.host.customer(&harbour, "thames").await;
    let id = name_provider(&harbour, &stage.provider, "staff", joins(&theirs).await).await;
    let at = stage.host.client.at("harbour.localhost");
    let journey = begin(&at, &id).await;
    let code = stage.provider.sign_in(&journey.url, ann(), stage.host.app.now());
    let third = come_back(&at, &journey, &code).await.expect(200);
    assert_ne!(first["user"], third["user"]);
    assert_eq!(third["tenant_id"], json!(theirs.id));
    let client = stage.host.client.with_token(&text(&third["token"]));
    client
        .at("northlight.localhost")
        .get("/v1/me")
        .await
        .problem(421, "misdirected");
}

#[tokio::test]
async fn who_was_removed_stays_outside_although_the_provider_still_vouches() {
    let stage = Stage::set().await;
    let session = stage.come_as(ann()).await.expect(200);
    let members = stage.customer.client.get("/v1/memberships").await.expect(200);
    let members = members["items"].as_array().unwrap().clone();
    let member = members
        .iter()
        .find(|member| member["user_id"] == session["user"])
        .unwrap();
    let path = format!("/v1/memberships/{}", text(&member["id"]));
    stage.customer.client.delete(&path).await.expect(204);
    let client = stage.host.client.with_token(&text(&session["token"]));
    client.get("/v1/me").await.problem(401, "credential_invalid");
    stage.come_as(ann()).await.problem(401, "no_membership");
    assert_eq!(stage.last_refusal().await, "no membership");
}

#[tokio::test]
async fn a_provider_that_is_removed_lets_nobody_in_any_more() {
    let stage = Stage::set().await;
    let journey = begin(&stage.at(), &stage.provider_id).await;
    let code = stage.provider.sign_in(&journey.url, ann(), stage.host.app.now());
    let path = format!("/v1/identity-providers/{}", stage.provider_id);
    stage.reseller.client.delete(&path).await.expect(204);
    come_back(&stage.at(), &journey, &code)
        .await
        .problem(401, "sign_in_expired");
    let again = json!({ "provider_id": stage.provider_id });
    stage
        .at()
        .post("/v1/federated-sign-ins", again)
        .await
        .problem(404, "not_found");
    stage
        .reseller
        .client
        .delete(&path)
        .await
        .problem(404, "not_found");
    let options = stage.at().get("/v1/sign-in-options").await.expect(200);
    assert_eq!(options["providers"], json!([]));
}

#[tokio::test]
async fn what_is_no_provider_is_refused_by_name() {
    let stage = Stage::set().await;
    let joins = joins(&stage.customer).await;
    let new = |fields: Value| {
        let mut new =
            json!({ "name": "x", "issuer": stage.provider.issuer, "client_id": "c", "client_secret": "s" });
        for (name, value) in fields.as_object().unwrap() {
            new[name] = value.clone();
        }
        let client = stage.reseller.client.clone();
        async move { client.post("/v1/identity-providers", new).await }
    };
    let cases = [
        (
            json!({ "issuer": "http://login.example.com" }),
            422,
            "issuer_invalid",
        ),
        (json!({ "issuer": "https://10.0.0.1" }), 422, "issuer_invalid"),
        (
            json!({ "issuer": "https://user@login.example.com" }),
            422,
            "issuer_invalid",
        ),
        (
            json!({ "issuer": "https://login.example.com?x=1" }),
            422,
            "issuer_invalid",
        ),
        (json!({ "issuer": "javascript:alert(1)" }), 422, "issuer_invalid"),
        (json!({ "client_secret": "" }), 422, "client_invalid"),
        (json!({ "client_id": "a\nb" }), 422, "client_invalid"),
        (json!({ "name": "staff" }), 409, "name_taken"),
        (json!({ "name": "" }), 422, "name_invalid"),
        (
            json!({ "joins": { "tenant_id": stage.reseller.id, "role_id": joins["role_id"] } }),
            404,
            "not_found",
        ),
    ];
    for (fields, status, code) in cases {
        new(fields.clone()).await.problem(status, code);
    }
    // A key that may add providers and little else cannot have people join as more than it is.
    let narrow = json!({ "name": "narrow", "permissions": ["federation.write"] });
    let narrow = stage
        .reseller
        .client
        .post("/v1/api-keys", narrow)
        .await
        .expect(201);
    let provider = json!({ "name": "x", "issuer": stage.provider.issuer, "client_id": "c", "client_secret": "s", "joins": joins });
    let narrow = stage.host.client.with_token(&text(&narrow["secret"]));
    narrow
        .post("/v1/identity-providers", provider)
        .await
        .problem(422, "permission_beyond_own");
}
