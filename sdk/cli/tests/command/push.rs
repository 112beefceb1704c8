//! `push`, at hosts that follow an upload, that do not, that refuse it, and that go away.

use std::process::Output;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{command, stderr, stdout, text, write};

fn check(name: &str, outcome: &str, message: &str) -> Value {
    json!({ "name": name, "outcome": outcome, "figure": null, "limit": 9, "message": message })
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

fn release() -> Value {
    json!({ "id": "7", "plugin": "acme", "state": "checked", "digest": "0123" })
}

/// A host that tells its checks, with what a terminal must not get, to whoever asks for events.
async fn host(request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 100).await.unwrap();
    let sent = (head.method.as_str(), head.uri.path(), &body[..]);
    assert_eq!(sent, ("POST", "/x/v1/plugins/a%2Fb/releases", &b"bytes"[..]));
    assert!(
        head.headers["accept"]
            .to_str()
            .unwrap()
            .contains("text/event-stream")
    );
    let told = [
        event("stage", &json!({ "stage": "compile" })),
        ": still here\n\n".to_owned(),
        event(
            "check",
            &check("locals", "passed", "4 of\u{1b}[2J\nFAIL at most 9"),
        ),
        event("check", &check("later", "unheard-of", "")),
        event("check", &check("trial", "warning", "slow")),
    ];
    let end = match head.headers["authorization"].to_str().unwrap() {
        "Bearer good" => event("release", &release()),
        "Bearer bad" => event(
            "problem",
            &json!({ "code": "component_refused", "detail": "by \u{1b}[31mtrial" }),
        ),
        "Bearer cut" => String::new(),
        "Bearer heavy" => {
            assert_eq!(head.uri.query(), Some("class=heavy"));
            event("release", &release())
        }
        "Bearer old" => return (StatusCode::CREATED, release().to_string()).into_response(),
        _ => {
            let problem = json!({ "code": "credential_invalid", "detail": "it is revoked" });
            return (StatusCode::UNAUTHORIZED, problem.to_string()).into_response();
        }
    };
    let kind = HeaderMap::from_iter([(
        axum::http::header::CONTENT_TYPE,
        "text/event-stream".parse().unwrap(),
    )]);
    (kind, told.concat() + &end).into_response()
}

async fn push(key: &'static str, more: &'static [&'static str]) -> Output {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x/", listener.local_addr().unwrap());
    let host = tokio::spawn(async { axum::serve(listener, Router::new().fallback(host)).await });
    let pushed = tokio::task::spawn_blocking(move || {
        let folder = TempDir::new().unwrap();
        let file = write(&folder, b"bytes");
        let given = [
            "push",
            text(&file),
            "--url",
            &url,
            "--key",
            key,
            "--plugin",
            "a/b",
        ];
        command(&[&given, more].concat())
    });
    let pushed = pushed.await.unwrap();
    host.abort();
    pushed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_told_each_check_and_the_release_and_nothing_that_moves_the_cursor() {
    let pushed = push("good", &[]).await;
    assert_eq!(
        stdout(&pushed),
        "ok   locals: 4 of FAIL at most 9\nwarn trial: slow\nrelease 7 of acme is checked\nsha256 0123\n"
    );
    assert_eq!(pushed.stderr, b"", "no progress without a terminal");
    stdout(&push("heavy", &["--class", "heavy"]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_gets_one_document_with_the_checks_and_the_release() {
    let pushed = push("good", &["--json"]).await;
    let answer: Value = serde_json::from_str(&stdout(&pushed)).unwrap();
    assert_eq!(answer["release"], release());
    let names: Vec<_> = answer["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| &check["name"])
        .collect();
    assert_eq!(names, ["locals", "trial"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_names_the_file_and_the_hosts_reason_after_the_checks() {
    let pushed = push("bad", &["--json"]).await;
    let refused: Value = serde_json::from_str(&stderr(&pushed)).unwrap();
    let refused = refused["error"].as_str().unwrap();
    assert!(
        refused.ends_with("plugin.wasm: component_refused: by trial"),
        "{refused}"
    );
    let answer: Value = serde_json::from_slice(&pushed.stdout).unwrap();
    assert_eq!(
        (&answer["release"], &answer["checks"][0]["name"]),
        (&Value::Null, &json!("locals"))
    );
}

#[test]
fn a_component_that_no_host_takes_is_not_sent() {
    let folder = TempDir::new().unwrap();
    let file = write(&folder, &vec![0; (16 << 20) + 1]);
    let given = [
        "push",
        text(&file),
        "--url",
        "http://127.0.0.1:1",
        "--key",
        "k",
        "--plugin",
        "a",
    ];
    let refused = stderr(&command(&given));
    for named in [
        "plugin.wasm has 16777217 bytes",
        "component_bytes is 16777216",
        "--class heavy",
    ] {
        assert!(refused.contains(named), "{named}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_goes_away_in_between_is_no_success() {
    let refused = stderr(&push("cut", &[]).await);
    assert!(
        refused.contains("stopped telling before the upload ended"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_without_events_is_understood_and_so_is_its_no() {
    let pushed = stdout(&push("old", &[]).await);
    assert_eq!(pushed, "release 7 of acme is checked\nsha256 0123\n");
    let refused = stderr(&push("none", &[]).await);
    assert!(
        refused.contains("401 Unauthorized: credential_invalid: it is revoked"),
        "{refused}"
    );
}
