//! What somebody with one foot in the door tries: to get more than was given, to stay after being shown out, to break
//! what others use.

use serde_json::json;

use crate::harness::{Client, Host, Reseller, text};

/// A key of the reseller that holds these permissions alone.
async fn narrow(host: &Host, reseller: &Reseller, permissions: &[&str]) -> Client {
    let new = json!({ "name": "narrow", "permissions": permissions });
    let key = reseller.client.post("/v1/api-keys", new).await.expect(201);
    host.client.with_token(&text(&key["secret"]))
}

#[tokio::test]
async fn an_invitation_gives_at_most_what_its_sender_holds() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let clerk = narrow(&host, &reseller, &["members.read", "members.write"]).await;
    let owner = json!({ "email": "me@clerk.example" });
    let detail = clerk
        .post("/v1/invitations", owner)
        .await
        .problem(422, "permission_beyond_own");
    assert!(detail.contains("tenant.read"), "{detail}");
    let roles = clerk.get("/v1/roles").await.expect(200);
    let by_name = json!({ "email": "me@clerk.example", "role_id": roles["items"][0]["id"] });
    clerk
        .post("/v1/invitations", by_name)
        .await
        .problem(422, "permission_beyond_own");
    let role = json!({ "name": "clerk", "permissions": ["members.read"] });
    let role = clerk.post("/v1/roles", role).await.expect(201);
    let within = json!({ "email": "me@clerk.example", "role_id": role["id"] });
    clerk.post("/v1/invitations", within).await.expect(201);
}
