//! The program itself.

use std::process::Stdio;

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::harness::{answer, client, form};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexusport-simulator"));
    command
        .args(arguments)
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The URL that a started program says it listens on.
async fn url(child: &mut Child) -> String {
    let line = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .next_line()
        .await
        .unwrap()
        .unwrap();
    line.rsplit_once(' ').unwrap().1.to_owned()
}

#[tokio::test]
async fn the_program_serves_the_accounts_and_ports_it_is_told() {
    let account = [
        "--account",
        "client:secret:acme",
        "--port",
        "acme:port-1:1000:10000",
    ];
    let mut command = program(&[&["--listen", "127.0.0.1:0"][..], &account].concat());
    command.env("NEXUSPORT_SIMULATOR_PROVISION_SECONDS", "0");
    let mut child = command.spawn().unwrap();
    let url = url(&mut child).await;
    let token = client()
        .post(format!("{url}/oauth/token"))
        .basic_auth("client", Some("secret"));
    let token = answer(form(token, "grant_type=client_credentials")).await.json;
    let token = token["access_token"].as_str().unwrap();
    let body = json!({ "mbps": 2000, "reference": "r" });
    let order = client()
        .post(format!("{url}/v1/ports/port-1/orders"))
        .bearer_auth(token)
        .json(&body);
    assert_eq!(answer(order).await.json["status"], "COMPLETED");
    child.kill().await.unwrap();
}

#[tokio::test]
async fn settings_can_come_from_the_environment() {
    let mut command = program(&[]);
    command.env("NEXUSPORT_SIMULATOR_LISTEN", "127.0.0.1:0");
    command.env("NEXUSPORT_SIMULATOR_ACCOUNTS", "a:b:one,c:d:two");
    command.env("NEXUSPORT_SIMULATOR_PORTS", "one:p1:100:200,two:p2:100:200");
    let mut child = command.spawn().unwrap();
    let url = url(&mut child).await;
    for port in ["p1", "p2"] {
        let drift = client()
            .post(format!("{url}/control/ports/{port}/drift"))
            .json(&json!({ "mbps": 300 }));
        assert_eq!(answer(drift).await.status, 200, "{port}");
    }
    child.kill().await.unwrap();
}

#[tokio::test]
async fn what_the_program_cannot_do_it_says() {
    for (arguments, expect) in [
        (
            &["--listen", "0.0.0.0:0"][..],
            "0.0.0.0:0 is not a loopback address",
        ),
        (&["--account", "client"], "CLIENT_ID:CLIENT_SECRET:ACCOUNT"),
        (&["--port", "acme:p:fast:10"], "\"fast\" is not a speed in Mbps"),
        (
            &["--listen", "127.0.0.1:0", "--port", "acme:p:100:200"],
            "port p cannot be added",
        ),
    ] {
        let output = program(arguments).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.contains(expect),
            "{arguments:?}: {said}"
        );
    }
}

#[tokio::test]
async fn the_program_ends_well_when_it_is_told_to() {
    let mut child = program(&["--listen", "127.0.0.1:0"]).spawn().unwrap();
    url(&mut child).await;
    let pid = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    assert!(child.wait().await.unwrap().success());
}
