//! What an author does with a component that is built: measure it, ask it again what a host kept, follow its runs.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use axum::Router;
use axum::extract::Request as HttpRequest;
use nexusport_plugins::{PRICING_BURST, PRICING_COMMITTED, hostile};
use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::fixture::Fixture;
use nexusport_sandbox::pricing::{Fact, Interval, Period, Request};
use nexusport_sandbox::{Limits, Plugin, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{command, stderr, stdout, text, write};

const SETTINGS: &str = r#"{"price_per_mbps": "0.40"}"#;

fn bench(component: &[u8], more: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let settings = folder.path().join("settings.json");
    fs::write(&settings, SETTINGS).unwrap();
    let file = write(&folder, component);
    let given = ["bench", text(&file), "--settings", text(&settings)];
    command(&[&given, more].concat())
}

#[test]
fn bench_tells_what_each_further_fact_takes_of_its_limit() {
    let figures: Value = serde_json::from_str(&stdout(&bench(PRICING_COMMITTED, &["--json"]))).unwrap();
    let calls = figures["calls"].as_array().unwrap();
    let fuel: Vec<u64> = calls.iter().map(|call| call["fuel"].as_u64().unwrap()).collect();
    assert!(fuel.is_sorted() && fuel.len() == 4, "{fuel:?}");
    assert_eq!(calls[3]["fuel_limit"], 105_000_000);
    let slope = &figures["slope"];
    assert_eq!(slope["fuel_per_fact_limit"], 100_000);
    assert_eq!(slope["fuel_per_fact_many"], (fuel[3] - fuel[2]) / 900);
    let said = stdout(&bench(PRICING_COMMITTED, &[]));
    assert!(said.contains("fuel grows no faster than the facts"), "{said}");
}

#[test]
fn a_component_can_be_named_by_its_folder() {
    let folder = TempDir::new().unwrap();
    let missing = stderr(&command(&["bench", text(folder.path())]));
    assert!(missing.contains("plugin.wasm"), "{missing}");
    let file = write(&folder, PRICING_COMMITTED);
    for action in ["check", "bench"] {
        let said = |place| {
            let answered = stdout(&command(&["--json", action, text(place)]));
            serde_json::from_str::<Value>(&answered).unwrap()
        };
        let (by_folder, by_file) = (said(folder.path()), said(&file));
        assert_eq!(by_folder["file"], by_file["file"], "{action}");
        assert_eq!(by_folder["slope"], by_file["slope"], "{action}");
    }
}

#[test]
fn bench_names_the_failure_of_a_call_that_takes_too_much() {
    let said = stdout(&bench(hostile::LOOPS, &[]));
    assert!(
        said.contains("FAIL price, facts: 1: 5100000 fuel, 100.00 % of 5100000"),
        "{said}"
    );
    assert!(
        said.contains("plugin_fuel_exhausted") && !said.contains("slope"),
        "{said}"
    );
}

#[test]
fn a_component_that_is_too_heavy_is_refused_by_the_limit_and_the_way_out() {
    let folder = TempDir::new().unwrap();
    let file = write(&folder, &vec![0; (16 << 20) + 1]);
    let refused = stderr(&command(&["bench", text(&file)]));
    for named in [
        text(&file),
        "component_bytes",
        "16777217",
        "16777216",
        "--class heavy",
    ] {
        assert!(refused.contains(named), "{named}: {refused}");
    }
}

/// What a host keeps of a call of the committed rule.
fn fixture(folder: &TempDir) -> PathBuf {
    let interval = Interval {
        start: 0,
        end: 500,
        mbps: 1000,
        base_mbps: 1000,
        extras: vec![],
    };
    let request = Request {
        period: Period { start: 0, end: 1000 },
        time_zone: "UTC".to_owned(),
        currency: "EUR".to_owned(),
        settings: SETTINGS.as_bytes().to_vec(),
        facts: vec![Fact::Interval(interval)],
        extras: vec![],
    };
    let artifact = compile_trusted(PRICING_COMMITTED, &Limits::default())
        .artifact
        .unwrap();
    let plugin = Plugin::load(&Sandbox::new(Limits::default()).unwrap(), &artifact).unwrap();
    let budget = plugin.sandbox().limits().pricing(1).more_time(200);
    let answer = plugin.price(&request, &budget).result;
    let file = folder.path().join("kept.json");
    fs::write(&file, Fixture::of(plugin.digest(), &request, &answer).document()).unwrap();
    file
}

#[test]
fn a_kept_call_is_answered_the_same_and_another_rule_s_answer_is_told_apart() {
    let folder = TempDir::new().unwrap();
    let kept = fixture(&folder);
    let replay = |component: &[u8]| {
        let file = write(&folder, component);
        command(&["replay", text(&kept), "--component", text(&file)])
    };
    let same = stdout(&replay(PRICING_COMMITTED));
    assert!(same.contains("the same to the byte"), "{same}");
    let other = replay(PRICING_BURST);
    let said = String::from_utf8_lossy(&other.stdout);
    assert!(said.contains("FAIL") && said.contains("answered.Ok"), "{said}");
    assert!(stderr(&other).contains("1 of 1 fixtures are not answered as they were"));
}

/// A host with a run on each of two pages, that knows what it is asked for.
async fn runs(request: HttpRequest) -> String {
    let asked = request.uri().to_string();
    let run = |id: u32, outcome: &str| {
        json!({ "id": id, "at": format!("2026-11-21T12:00:0{id}Z"), "digest": "0123456789abcdef",
            "function": "pricing.price", "outcome": outcome, "fuel": id })
    };
    let (items, next) = match asked.strip_prefix("/v1/plugin-runs?limit=200&digest=01+23") {
        Some("") => (vec![run(1, "plugin_panicked")], json!("after 1")),
        Some("&cursor=after+1") => (vec![run(2, "answered")], json!(null)),
        _ => panic!("{asked}"),
    };
    json!({ "items": items, "next": next }).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_tells_every_page_of_runs_in_the_hosts_order() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let host = tokio::spawn(async { axum::serve(listener, Router::new().fallback(runs)).await });
    let told = tokio::task::spawn_blocking(move || {
        stdout(&command(&[
            "logs", "--url", &url, "--key", "k", "--digest", "01 23",
        ]))
    });
    let told = told.await.unwrap();
    host.abort();
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        [
            "2026-11-21T12:00:01Z 0123456789ab pricing.price plugin_panicked 1 fuel",
            "2026-11-21T12:00:02Z 0123456789ab pricing.price answered 2 fuel",
        ]
    );
}
