//! What adapter and carrier said to each other, kept for `.ci/carriers`, which holds both against the carrier's document.

use std::{env, fs, path::Path};

use serde_json::{Value, json};

use super::Real;
use crate::harness::{Stage, text};

/// Keeps all of it in the folder that `NEXUSPORT_EXCHANGES` names; nothing where it names none.
pub async fn keep(real: &Real, stage: &Stage) {
    let Some(folder) = env::var_os("NEXUSPORT_EXCHANGES") else {
        return;
    };
    let all: Vec<_> = journals(stage).await.iter().map(said).collect();
    assert!(!all.is_empty(), "nothing was said");
    let name = format!("{}-{}.json", real.plugin, stage.simulator.address().port());
    fs::create_dir_all(&folder).unwrap();
    fs::write(Path::new(&folder).join(name), json!(all).to_string()).unwrap();
}

/// The exchanges of all operations, of the oldest first.
pub async fn journals(stage: &Stage) -> Vec<Value> {
    let client = &stage.reseller.client;
    let operations = client.get("/v1/operations?limit=200").await.expect(200);
    let mut all = Vec::new();
    for operation in operations["items"].as_array().unwrap() {
        let path = format!("/v1/operations/{}", text(&operation["id"]));
        let shown = client.get(&path).await.expect(200);
        all.extend(shown["journal"].as_array().unwrap().iter().cloned());
    }
    all
}

/// A request as recordings have it, and its latest answer.
fn said(exchange: &Value) -> Value {
    let body = |content: &Value| content["text"].as_str().unwrap_or_default().to_owned();
    json!({
        "request": {
            "method": exchange["method"], "destination": exchange["destination"], "target": exchange["target"],
            "headers": exchange["request"]["headers"], "body": body(&exchange["request"]), "credential": exchange["credential"],
        },
        "status": exchange["status"],
        "answer": body(&exchange["response"]),
    })
}
