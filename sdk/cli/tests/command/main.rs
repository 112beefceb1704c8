//! The command from outside: what an author types, and what comes of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod author;
mod interfaces;
mod kept;
mod new;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use nexusport_sandbox::fixture::Fixture;
use nexusport_sandbox::{Plugin, Question};
use tempfile::TempDir;

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nexusport-plugin"))
        .args(arguments)
        .env_remove("NEXUSPORT_KEY")
        .output()
        .unwrap()
}

#[track_caller]
fn stdout(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(folder: &TempDir, component: &[u8]) -> PathBuf {
    let file = folder.path().join("plugin.wasm");
    fs::write(&file, component).unwrap();
    file
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_repositorys_plugins_pass_every_check() {
    let folder = TempDir::new().unwrap();
    for component in [
        nexusport_plugins::CARRIER_SIMULATOR,
        nexusport_plugins::PRICING_COMMITTED,
        nexusport_plugins::PRICING_BURST,
        nexusport_plugins::BRAND_NORTHLIGHT,
        nexusport_plugins::BRAND_HARBOUR,
    ] {
        stdout(&command(&["check", text(&write(&folder, component))]));
    }
}

#[test]
fn check_names_what_a_host_would_refuse() {
    let folder = TempDir::new().unwrap();
    let check = |component: &[u8], problem: &str| {
        let refused = stderr(&command(&["check", text(&write(&folder, component))]));
        assert!(refused.contains(problem), "{refused}");
    };
    check(b"not a component", "this is not a component");
    check(
        nexusport_plugins::hostile::LOOPS,
        "the plugin used all of its fuel, 5000000 units",
    );
}

/// A host that answers every upload with what it was sent.
async fn echo(request: Request) -> (StatusCode, String) {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 100).await.unwrap();
    let key = head.headers["authorization"].to_str().unwrap();
    let status = if key == "Bearer good" {
        StatusCode::CREATED
    } else {
        StatusCode::FORBIDDEN
    };
    (status, format!("{} {} {:?}", head.method, head.uri, body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn push_sends_the_bytes_with_the_key_and_tells_the_answer() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let host = tokio::spawn(async { axum::serve(listener, Router::new().fallback(echo)).await });

    let (accepted, refused) = tokio::task::spawn_blocking(move || {
        let folder = TempDir::new().unwrap();
        let file = write(&folder, b"bytes");
        let push = |key| {
            command(&[
                "push",
                text(&file),
                "--url",
                &url,
                "--key",
                key,
                "--plugin",
                "acme",
            ])
        };
        (push("good"), push("bad"))
    })
    .await
    .unwrap();
    host.abort();

    assert_eq!(stdout(&accepted), "POST /v1/plugins/acme/releases b\"bytes\"\n");
    assert!(stderr(&refused).contains("403"), "{refused:?}");
}

/// Asks, and compares with what is kept in the folder under this name; or keeps it there.
fn keep_in<Q: Question>(folder: &Path, plugin: &Plugin, name: &str, question: &Q) -> Q::Answer {
    let budget = question.budget(plugin.sandbox().limits()).more_time(200);
    let answer = question.ask(plugin, &budget).result;
    // Not of one component but of every one that does the same.
    let fixture = Fixture::of(&"0".repeat(64), question, &answer);
    let file = folder.join(format!("{name}.json"));
    if env::var_os("NEXUSPORT_WRITE_FIXTURES").is_some() {
        fs::create_dir_all(folder).unwrap();
        fs::write(&file, fixture.document()).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap();
    assert_eq!(kept, fixture.document(), "{}", file.display());
    answer.unwrap()
}
