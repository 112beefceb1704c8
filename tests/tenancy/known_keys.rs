//! A key that was looked up a moment ago is not looked up again for a single question; what it may do is read with the answer.
//! So whatever ends or narrows it counts from the next request on, and is told as by an operation that looks.

use nexusport::identity::Asker;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Executor as _;

use crate::harness::{Answer, Client, Stage, text};

struct Reader {
    stage: Stage,
    path: String,
    role: String,
    ann: Client,
}

impl Reader {
    /// Ann, who reads ports by a role of her own and may make keys.
    async fn set() -> Self {
        let stage = Stage::set().await;
        let port = stage.port("studio", 1000).await;
        let role = json!({ "name": "reader", "permissions": ["ports.read", "keys.write"] });
        let role = stage.reseller.client.post("/v1/roles", role).await.expect(201)["id"].clone();
        let ann = stage
            .host
            .member(&stage.reseller, "ann@example.com", "Ann", Some(&role))
            .await;
        Self {
            path: format!("/v1/ports/{port}"),
            role: text(&role),
            stage,
            ann,
        }
    }

    /// A key of Ann's that has just read the port, and is known.
    async fn known(&self, new: Value) -> (Client, String) {
        let made = self.ann.post("/v1/api-keys", new).await.expect(201);
        let key = self.stage.host.client.with_token(&text(&made["secret"]));
        key.get(&self.path).await.expect(200);
        self.is_known(&key).await;
        key.get(&self.path).await.expect(200);
        (key, format!("/v1/api-keys/{}", text(&made["id"])))
    }

    async fn is_known(&self, key: &Client) {
        let asker = Asker::recognise(&self.stage.host.app, key.token()).await.unwrap();
        assert!(matches!(asker, Asker::Key(_)), "{asker:?}");
    }

    /// The port is refused like the list of ports, for which the key is looked up.
    async fn refused(&self, key: &Client, status: u16, code: &str) {
        let answer = key.get(&self.path).await;
        answer.problem(status, code);
        let told = |answer: &Answer| {
            let problem = answer.json();
            (answer.status, problem["code"].clone(), problem["detail"].clone())
        };
        assert_eq!(told(&answer), told(&key.get("/v1/ports").await));
    }
}

#[tokio::test]
async fn a_known_key_is_not_looked_up() {
    let reader = Reader::set().await;
    let stage = &reader.stage;
    let keys = [&stage.reseller.client, &stage.customer.client];
    for key in keys {
        key.get(&reader.path).await.expect(200);
        reader.is_known(key).await;
    }
    let mut superuser = stage.host.database.superuser().await;
    superuser
        .execute("revoke select on api_key from app_entrance")
        .await
        .unwrap();
    // PostgreSQL plans the first questions of a connection for their own values, and later ones for any.
    for _ in 0..20 {
        for key in keys {
            key.get(&reader.path).await.expect(200);
        }
    }
    stage
        .reseller
        .client
        .get("/v1/ports")
        .await
        .problem(500, "broken");
}

#[tokio::test]
async fn an_end_or_a_removal_counts_from_the_next_question_on() {
    let reader = Reader::set().await;
    let (host, owner) = (&reader.stage.host, &reader.stage.reseller.client);

    let (revoked, path) = reader.known(json!({ "name": "revoked" })).await;
    owner.delete(&path).await.expect(204);
    reader.refused(&revoked, 401, "credential_revoked").await;

    let (revoked, path) = reader.known(json!({ "name": "revoked too" })).await;
    revoked.get("/v1/ports/nowhere").await.problem(404, "not_found");
    owner.delete(&path).await.expect(204);
    revoked
        .get("/v1/ports/nowhere")
        .await
        .problem(401, "credential_revoked");

    let expiring = json!({ "name": "expiring", "expires_at": "2026-03-02T12:00:30Z" });
    let (expiring, _) = reader.known(expiring).await;
    let (kept, _) = reader.known(json!({ "name": "kept" })).await;
    host.clock.set("2026-03-02T12:00:30Z".parse().unwrap());
    reader.refused(&expiring, 401, "credential_expired").await;

    reader.is_known(&kept).await;
    let role = format!("/v1/roles/{}", reader.role);
    let shown = owner.get(&role).await;
    let edit = json!({ "name": "reader", "permissions": ["keys.write"] });
    owner
        .edit(Method::PATCH, &role, &shown.etag(), edit)
        .await
        .expect(200);
    reader.refused(&kept, 403, "permission_missing").await;
    let shown = owner.get(&role).await;
    let edit = json!({ "name": "reader", "permissions": ["ports.read"] });
    owner
        .edit(Method::PATCH, &role, &shown.etag(), edit)
        .await
        .expect(200);
    reader.is_known(&kept).await;
    kept.get(&reader.path).await.expect(200);

    host.remove_member(&reader.stage.reseller, "Ann").await;
    reader.is_known(&kept).await;
    reader.refused(&kept, 401, "credential_invalid").await;
}

#[tokio::test]
async fn a_known_key_reads_what_it_may_and_no_more() {
    let reader = Reader::set().await;
    let stage = &reader.stage;
    let narrow = json!({ "name": "narrow", "permissions": ["keys.write"] });
    let narrow = reader.ann.post("/v1/api-keys", narrow).await.expect(201);
    let narrow = stage.host.client.with_token(&text(&narrow["secret"]));
    for _ in 0..2 {
        reader.refused(&narrow, 403, "permission_missing").await;
        reader.is_known(&narrow).await;
    }
    // Another house's key, known or not, is told what anybody is told of a port that does not exist.
    let stranger = stage.host.reseller("harbour").await.client;
    let nowhere = "/v1/ports/00000000-0000-7000-8000-000000000000";
    stranger.get(&reader.path).await.problem(404, "not_found");
    reader.is_known(&stranger).await;
    let (theirs, missing) = (stranger.get(&reader.path).await, stranger.get(nowhere).await);
    theirs.problem(404, "not_found");
    assert_eq!(theirs.json(), missing.json());
    // Who is suspended reads.
    let (key, _) = reader.known(json!({ "name": "kept" })).await;
    let ada = stage.host.operator("ada").await;
    let suspension = format!("/v1/operator/tenants/{}/suspension", stage.reseller.id);
    let reason = json!({ "reason": "the invoice of March is not paid" });
    ada.put(&suspension, reason).await.expect(200);
    reader.is_known(&key).await;
    key.get(&reader.path).await.expect(200);
}

#[tokio::test]
async fn a_use_is_noted_each_minute_however_often_a_key_is_known() {
    let reader = Reader::set().await;
    let clock = &reader.stage.host.clock;
    let (key, path) = reader.known(json!({ "name": "busy" })).await;
    let last_used =
        async || reader.stage.reseller.client.get(&path).await.expect(200)["last_used_at"].clone();
    assert_eq!(last_used().await, "2026-03-02T12:00:00Z");
    clock.set("2026-03-02T12:00:59Z".parse().unwrap());
    key.get(&reader.path).await.expect(200);
    assert_eq!(last_used().await, "2026-03-02T12:00:00Z");
    clock.set("2026-03-02T12:01:01Z".parse().unwrap());
    key.get(&reader.path).await.expect(200);
    assert_eq!(last_used().await, "2026-03-02T12:01:01Z");
}
