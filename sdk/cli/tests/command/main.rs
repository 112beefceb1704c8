//! The command from outside: what an author types, and what comes of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod author;
mod interfaces;
mod kept;
mod mutated;
mod mutation;
mod new;
mod push;
mod recordings;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

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
        nexusport_plugins::CARRIER_EQUINIX_FABRIC,
        nexusport_plugins::CARRIER_MEF_SONATA,
        nexusport_plugins::CARRIER_MEGAPORT,
        nexusport_plugins::CARRIER_PACKETFABRIC,
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

#[test]
fn check_answers_a_program_with_every_check() {
    let folder = TempDir::new().unwrap();
    let asked = |component: &[u8]| {
        let answered = command(&["--json", "check", text(&write(&folder, component))]);
        serde_json::from_slice::<serde_json::Value>(&answered.stdout).unwrap()
    };
    let outcome = |answer: &serde_json::Value| {
        let checks = answer["checks"].as_array().unwrap();
        checks.last().unwrap()["outcome"].clone()
    };
    assert_eq!(outcome(&asked(nexusport_plugins::PRICING_COMMITTED)), "passed");
    assert_eq!(outcome(&asked(b"not a component")), "failed");
}

/// As `nexusport-plugin check … | head` does.
#[test]
fn whoever_reads_may_stop_before_the_end() {
    let folder = TempDir::new().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_nexusport-plugin"))
        .args([
            "check",
            text(&write(&folder, nexusport_plugins::PRICING_COMMITTED)),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert!(ended.status.success(), "{:?}", ended.status);
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
