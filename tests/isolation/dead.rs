//! Credentials that were good once, or never: each is refused everywhere, in the same words.

use serde_json::json;

use crate::harness::{Client, Host, text};

/// A credential that stands for nobody any more.
#[derive(Clone)]
pub struct Dead {
    pub who: &'static str,
    pub token: String,
    /// Told to who has the whole secret, and to nobody else.
    pub code: &'static str,
}

/// When the key of `expiring` ends.
const SOON: &str = "2026-03-01T00:00:00Z";

/// Credentials of one tenant that are dead as soon as a month has passed. `session` is one that began now.
pub async fn credentials(host: &Host, owner: &Client, session: &str) -> Vec<Dead> {
    let key = async |name: &str, expires_at: Option<&str>| {
        let new = json!({ "name": name, "expires_at": expires_at });
        owner.post("/v1/api-keys", new).await.expect(201)
    };
    let revoked = key("revoked", None).await;
    let path = format!("/v1/api-keys/{}", text(&revoked["id"]));
    owner.delete(&path).await.expect(204);
    let expiring = key("expiring", Some(SOON)).await;
    let gone = member(host, owner).await;
    let their_key = json!({ "name": "of somebody who left" });
    let their_key = gone.client.post("/v1/api-keys", their_key).await.expect(201);
    owner
        .delete(&format!("/v1/memberships/{}", gone.membership))
        .await
        .expect(204);
    let dead = |who, token: &str| Dead {
        who,
        token: token.to_owned(),
        code: match who {
            "a revoked key" => "credential_revoked",
            "an expired key" => "credential_expired",
            _ => "credential_invalid",
        },
    };
    vec![
        dead("a revoked key", &text(&revoked["secret"])),
        dead("an expired key", &text(&expiring["secret"])),
        dead("an expired session", session),
        dead("a removed member's session", &gone.session),
        dead("a removed member's key", &text(&their_key["secret"])),
        dead(
            "a token of no sort",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ),
        dead(
            "a made-up session",
            "session_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ),
    ]
}

struct Member {
    session: String,
    client: Client,
    membership: String,
}

/// Somebody who joined by an invitation, with everything an owner may do.
async fn member(host: &Host, owner: &Client) -> Member {
    let me = owner.get("/v1/me").await.expect(200);
    let email = format!("gone@{}.example", text(&me["tenant_id"]));
    owner
        .post("/v1/invitations", json!({ "email": email }))
        .await
        .expect(201);
    let client = host.accept(&email, "Gone").await;
    let members = owner.get("/v1/memberships?limit=200").await.expect(200);
    let mut members = members["items"].as_array().unwrap().iter();
    let membership = members.find(|member| member["email"] == json!(email)).unwrap();
    Member {
        session: client.token().to_owned(),
        client,
        membership: text(&membership["id"]),
    }
}
