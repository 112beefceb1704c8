//! The interface and its versions: frozen texts stay as they are, and components of every version that is served go on
//! answering as they did when they were built.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::pricing::{Fact, Interval, Period, Request};
use nexusport_sandbox::{Limits, Plugin, Sandbox};
use sha2::{Digest, Sha256};

use crate::keep_in;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What is wrong with a folder of interface texts, against a list of `sha256sum`'s lines.
fn altered(wit: &Path, frozen: &str) -> Vec<String> {
    let lines = frozen.lines().filter(|line| !line.starts_with('#'));
    let listed: BTreeMap<&str, &str> = lines
        .filter_map(|line| line.split_once("  "))
        .map(|(digest, file)| (file, digest))
        .collect();
    let mut problems = Vec::new();
    for (file, expected) in &listed {
        match fs::read(wit.join(file)) {
            Ok(text) if digest(&text) == **expected => {}
            Ok(_) => problems.push(format!(
                "{file} is frozen and was altered: what is new goes into a new version"
            )),
            Err(_) => problems.push(format!("{file} is frozen and is gone")),
        }
        let folder = file.split('/').next().unwrap();
        for entry in fs::read_dir(wit.join(folder)).into_iter().flatten() {
            let name = format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap());
            if !listed.contains_key(&*name) {
                problems.push(format!("{name} is new in a frozen folder"));
            }
        }
    }
    problems
}

#[test]
fn frozen_interface_texts_are_as_they_were() {
    let wit = repository().join("wit");
    let frozen = fs::read_to_string(wit.join("FROZEN")).unwrap();
    assert_eq!(altered(&wit, &frozen), Vec::<String>::new());
}

#[test]
fn a_frozen_text_that_is_altered_removed_or_joined_by_another_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let v1 = folder.path().join("v1");
    fs::create_dir(&v1).unwrap();
    fs::write(v1.join("types.wit"), "package a;").unwrap();
    let frozen = format!("# frozen\n{}  v1/types.wit\n", digest(b"package a;"));
    let problems = || altered(folder.path(), &frozen).join("; ");
    assert_eq!(problems(), "");
    fs::write(v1.join("types.wit"), "package b;").unwrap();
    assert!(
        problems().contains("v1/types.wit is frozen and was altered"),
        "{}",
        problems()
    );
    fs::write(v1.join("types.wit"), "package a;").unwrap();
    fs::write(v1.join("more.wit"), "").unwrap();
    assert_eq!(problems(), "v1/more.wit is new in a frozen folder");
    fs::remove_dir_all(&v1).unwrap();
    assert_eq!(problems(), "v1/types.wit is frozen and is gone");
}

#[test]
fn a_guest_that_was_built_long_ago_answers_as_it_did() {
    let guest = fs::read(repository().join("host/sandbox/tests/guests/pricing-0.1.0.wasm")).unwrap();
    let report = compile_trusted(&guest, &Limits::default());
    let artifact = report
        .artifact
        .as_ref()
        .unwrap_or_else(|| panic!("{:?}", report.refusal()));
    let plugin = Plugin::load(&Sandbox::new(Limits::default()).unwrap(), artifact).unwrap();
    let interval = |start, end, mbps| {
        Fact::Interval(Interval {
            start,
            end,
            mbps,
            base_mbps: 1000,
            extras: vec![],
        })
    };
    let request = Request {
        period: Period { start: 0, end: 720 },
        time_zone: "Europe/Vienna".into(),
        currency: "EUR".into(),
        settings: br#"{"price_per_mbps": "0.40"}"#.to_vec(),
        facts: vec![interval(0, 700, 1000), interval(700, 720, 4999)],
        extras: vec![],
    };
    keep_in(
        &repository().join("host/sandbox/tests/guests"),
        &plugin,
        "pricing-0.1.0",
        &request,
    )
    .unwrap();
}
