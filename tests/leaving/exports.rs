//! Asking for an archive, fetching it, and when it is gone.

use futures::StreamExt as _;
use nexusport::{identity::entrance, leaving, worker};
use serde_json::{Value, json};

use super::{busy_stage, by_name, days_later, export};
use crate::harness::{Host, Stage, text};

#[tokio::test]
async fn an_export_is_made_by_a_job_and_fetched_under_a_neutral_name() {
    let stage = Stage::set().await;
    let client = &stage.customer.client;
    let export = client.post("/v1/exports", Value::Null).await.expect(202);
    assert_eq!(export["state"], "waiting");
    let path = format!("/v1/exports/{}", text(&export["id"]));
    client
        .get(&format!("{path}/archive"))
        .await
        .problem(409, "archive_not_there");
    client
        .post("/v1/exports", Value::Null)
        .await
        .problem(409, "export_waits");
    stage.work().await;
    let made = client.get(&path).await.expect(200);
    assert_eq!(made["state"], "ready");
    let answer = client.get(&format!("{path}/archive")).await;
    assert_eq!(answer.headers["content-type"], "application/x-tar");
    assert_eq!(
        answer.headers["content-disposition"],
        "attachment; filename=\"export-2026-03-02.tar\""
    );
    use sha2::Digest as _;
    assert_eq!(made["sha256"], hex::encode(sha2::Sha256::digest(&answer.bytes)));
    let text = String::from_utf8_lossy(&answer.bytes).to_lowercase();
    assert!(
        !text.contains("nexusport"),
        "an archive does not name the platform"
    );
    let listed = client.get("/v1/exports").await.expect(200);
    assert_eq!(listed["items"], json!([made]));
}

#[tokio::test]
async fn an_archive_is_removed_after_seven_days_and_lies_sealed_until_then() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    export(&host, &reseller.client).await;
    let mut superuser = host.database.superuser().await;
    let open: i64 = sqlx::query_scalar(
        "select count(*) from export_part where position('manifest.json'::bytea in sealed) > 0",
    )
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!(open, 0);
    let id = text(&reseller.client.get("/v1/exports").await.expect(200)["items"][0]["id"]);
    days_later(&host, 6).await;
    assert_eq!(
        reseller
            .client
            .get(&format!("/v1/exports/{id}/archive"))
            .await
            .status,
        200
    );
    days_later(&host, 1).await;
    let gone = reseller
        .client
        .get(&format!("/v1/exports/{id}"))
        .await
        .expect(200);
    assert_eq!(gone["state"], "expired");
    reseller
        .client
        .get(&format!("/v1/exports/{id}/archive"))
        .await
        .problem(409, "archive_not_there");
    let parts: i64 = sqlx::query_scalar("select count(*) from export_part")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(parts, 0);
}

#[tokio::test]
async fn a_customers_archive_has_its_own_rows_and_nothing_that_its_reseller_keeps_to_itself() {
    let (stage, _) = busy_stage().await;
    let sibling = stage.host.customer(&stage.reseller, "danube").await;
    let archive = export(&stage.host, &stage.customer.client).await;
    let files = by_name(&archive);
    for of_the_house in ["credential", "destination", "activation", "release", "plugin_run"] {
        assert!(
            !files.contains_key(&format!("{of_the_house}.ndjson")),
            "{of_the_house}"
        );
    }
    let receipt: Value = serde_json::from_str(files["receipt.ndjson"].lines().next().unwrap()).unwrap();
    assert!(receipt.get("input").is_none() && receipt["output"].is_object());
    let exchange: Value = serde_json::from_str(files["exchange.ndjson"].lines().next().unwrap()).unwrap();
    assert!(exchange.get("request").is_none() && exchange["state"] == "answered");
    let raw = String::from_utf8_lossy(&archive);
    assert!(!raw.contains(&sibling.id) && !raw.contains("owner@danube"));
    assert!(raw.contains("owner@quay.northlight.example"));
}

#[tokio::test]
async fn an_export_that_was_interrupted_is_made_anew() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = text(&reseller.client.post("/v1/exports", Value::Null).await.expect(202)["id"]);
    let mut superuser = host.database.superuser().await;
    // A host that died left a part behind.
    sqlx::query("insert into export_part select reseller_id, tenant_id, id, 0, 'left behind' from export")
        .execute(&mut superuser)
        .await
        .unwrap();
    worker::drain(&host.app).await.unwrap();
    let answer = reseller.client.get(&format!("/v1/exports/{id}/archive")).await;
    assert_eq!(answer.status, 200);
    assert!(by_name(&answer.bytes).contains_key("tenant.ndjson"));
}

#[tokio::test]
async fn a_key_that_is_revoked_during_a_download_gets_no_more_of_it() {
    let (stage, _) = busy_stage().await;
    let (app, reseller) = (&stage.host.app, &stage.reseller.client);
    let mut superuser = stage.host.database.superuser().await;
    sqlx::query("update tenant set name = repeat('long', 300000) where slug = 'quay'")
        .execute(&mut superuser)
        .await
        .unwrap();
    let bytes = export(&stage.host, reseller).await;
    assert!(bytes.len() > 1024 * 1024, "{} bytes are one part", bytes.len());
    let id = text(&reseller.get("/v1/exports").await.expect(200)["items"][0]["id"]);
    let new = json!({ "name": "downloads", "permissions": ["tenant.export"] });
    let key = reseller.post("/v1/api-keys", new).await.expect(201);
    let token = text(&key["secret"]);
    let caller = entrance::authenticate(app, &token).await.unwrap();
    let id: uuid::Uuid = id.parse().unwrap();
    let archive = leaving::archive(app, &caller, id.into()).await.unwrap();
    let mut parts = Box::pin(archive.bytes(token));
    let first = parts.next().await.unwrap().unwrap();
    assert_eq!(first, bytes[..first.len()]);
    let path = format!("/v1/api-keys/{}", text(&key["id"]));
    assert!(reseller.delete(&path).await.status.is_success());
    let Some(Err(refused)) = parts.next().await else {
        panic!("the download went on")
    };
    assert!(refused.to_string().contains("credential_revoked"), "{refused}");
}
