//! A tenant's way out (C45, and C28 for archives): what an archive holds, and loading it elsewhere.

mod archive;
mod departures;
mod emptied;
mod ends;
mod exports;
mod houses;
mod imports;
mod interrupted;
mod rows;

use std::{collections::BTreeMap, io::Read as _, path::PathBuf};

use chrono::TimeDelta;
use nexusport::worker;
use serde_json::{Value, json};

use crate::harness::{Client, Host, Stage, text};

/// A stage on which everything has happened: a window booked, delivered, and billed with its month.
pub async fn busy_stage() -> (Stage, String) {
    let stage = Stage::set().await;
    let port = stage.port("q-1", 1000).await;
    stage
        .book(&port, 5000, "2026-03-10T18:00:00Z", "2026-03-10T22:00:00Z")
        .await;
    stage.go_to("2026-04-02T09:00:00Z").await;
    let run = json!({ "customer_id": stage.customer.id, "period": "2026-03" });
    let client = &stage.reseller.client;
    assert!(client.post("/v1/billing-runs", run).await.status.is_success());
    let invited = json!({ "email": "a-guest@example.com" });
    let path = format!("/v1/customers/{}/invitations", stage.customer.id);
    client.post(&path, invited).await.expect(201);
    (stage, port)
}

/// Has an archive made and fetches it.
pub async fn export(host: &Host, client: &Client) -> Vec<u8> {
    let id = text(&client.post("/v1/exports", Value::Null).await.expect(202)["id"]);
    worker::drain(&host.app).await.unwrap();
    let export = client.get(&format!("/v1/exports/{id}")).await.expect(200);
    assert_eq!(export["state"], "ready", "{export}");
    let answer = client.get(&format!("/v1/exports/{id}/archive")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.bytes.len() as u64, export["size_bytes"].as_u64().unwrap());
    answer.bytes
}

/// An archive's files by name, in their order, read by another program's rules: the crate `tar`.
pub fn files(archive: &[u8]) -> Vec<(String, String)> {
    let mut tar = tar::Archive::new(archive);
    let entries = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (name, text)
    });
    entries.collect()
}

/// An archive's files as a map.
pub fn by_name(archive: &[u8]) -> BTreeMap<String, String> {
    files(archive).into_iter().collect()
}

/// The manifest of an archive.
pub fn manifest(archive: &[u8]) -> Value {
    serde_json::from_str(&by_name(archive)["manifest.json"]).unwrap()
}

/// Packs files into an archive.
pub fn pack(files: &[(String, String)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}

/// An archive as a file of the host's folder.
pub fn on_disk(host: &Host, name: &str, archive: &[u8]) -> PathBuf {
    let path = host.folder.path().join(name);
    std::fs::write(&path, archive).unwrap();
    path
}

/// What has a tenant of this name leave, without an archive.
pub fn wish(slug: &str) -> Value {
    json!({ "slug": slug, "reason": "the piers are sold", "without_export": true })
}

/// Time goes by for a host without a carrier.
pub async fn days_later(host: &Host, days: i64) {
    host.clock.set(host.app.now() + TimeDelta::days(days));
    worker::drain(&host.app).await.unwrap();
}
