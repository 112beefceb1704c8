//! From nothing to a checked component, in a folder that knows nothing of this repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

use crate::{command, stderr, stdout, text};

const WORLDS: [&str; 3] = ["carrier", "pricing", "branding"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn new(folder: &TempDir, world: &str) -> PathBuf {
    let name = format!("acme-{world}");
    let made = stdout(&command(&[
        "new",
        &name,
        "--world",
        world,
        "--in",
        text(folder.path()),
    ]));
    PathBuf::from(made.trim_end())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Everything that cargo and rustc say they read for what they built in this target folder since then.
fn read_since(began: SystemTime, target_dir: &Path) -> Vec<PathBuf> {
    let mut read = Vec::new();
    for file in files(target_dir)
        .iter()
        .filter(|file| file.extension().is_some_and(|is| is == "d"))
        .filter(|file| fs::metadata(file).unwrap().modified().unwrap() >= began)
    {
        let text = fs::read_to_string(file).unwrap();
        let sources = text
            .lines()
            .filter_map(|line| line.split_once(": "))
            .flat_map(|(_, sources)| sources.split(' '));
        read.extend(sources.map(PathBuf::from));
    }
    read
}

#[test]
fn a_new_plugin_of_each_world_is_tested_built_and_checked_where_the_repository_is_not_read() {
    let folder = TempDir::new().unwrap();
    let began = fs::metadata(folder.path()).unwrap().modified().unwrap();
    let repository = repository();
    // Kept between runs, since most of it is what the plugins depend on.
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
    for world in WORLDS {
        let made = new(&folder, world);
        for file in files(&made) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains(repository.to_str().unwrap()), "{}", file.display());
        }
        let tested = command(&["test", text(&made), "--target-dir", text(&target_dir)]);
        let asked = match world {
            "carrier" => "throttled.json: the same to the byte",
            _ => "no fixtures",
        };
        assert!(stdout(&tested).contains(asked), "{tested:?}");
        let built = stdout(&command(&[
            "build",
            text(&made),
            "--target-dir",
            text(&target_dir),
        ]));
        let file = built.lines().next().unwrap();
        let checked = stdout(&command(&["check", file]));
        assert!(checked.contains("imports: 0 imports"), "{checked}");
        assert!(checked.contains(&format!("acme-{world} 0.1.0")), "{checked}");
        let component = fs::read(file).unwrap();
        let told = String::from_utf8_lossy(&component);
        assert!(!told.contains(".cargo/"), "panics name their author's home");
        // Both name the release by the digest that a host will give it.
        let digest = built.lines().last().unwrap().strip_prefix("sha256 ").unwrap();
        assert!(checked.contains(digest), "{checked}");
    }
    let read = read_since(began, &target_dir);
    let of_the_sdk =
        |path: &&PathBuf| path.starts_with(folder.path()) && path.ends_with("sdk/rust/src/decimal.rs");
    assert!(read.iter().any(|path| of_the_sdk(&path)));
    let elsewhere = read
        .iter()
        .find(|path| path.starts_with(&repository) && !path.starts_with(&target_dir));
    assert_eq!(elsewhere, None);
}

#[test]
fn a_new_plugin_is_built_with_the_versions_that_the_sdk_was_tested_with() {
    let folder = TempDir::new().unwrap();
    let made = new(&folder, "pricing");
    let (ours, theirs) = (
        read(&repository().join("Cargo.lock")),
        read(&made.join("Cargo.lock")),
    );
    let entries: Vec<_> = theirs.split("[[package]]").skip(1).collect();
    assert!(entries.len() > 10, "{theirs}");
    for entry in entries {
        assert!(ours.contains(entry.trim()), "{entry}");
    }
    assert!(theirs.contains("name = \"wit-bindgen\"") && !theirs.contains("name = \"sqlx\""));
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

#[test]
fn new_overwrites_nothing() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("acme")).unwrap();
    let refused = stderr(&command(&[
        "new",
        "acme",
        "--world",
        "pricing",
        "--in",
        text(folder.path()),
    ]));
    assert!(refused.contains("is there already"), "{refused}");
    assert_eq!(fs::read_dir(folder.path().join("acme")).unwrap().count(), 0);
}

#[test]
fn a_program_is_answered_in_json_and_refused_in_json() {
    let folder = TempDir::new().unwrap();
    let new = || {
        command(&[
            "new",
            "acme",
            "--world",
            "pricing",
            "--in",
            text(folder.path()),
            "--json",
        ])
    };
    let made: Value = serde_json::from_str(&stdout(&new())).unwrap();
    assert_eq!(made["folder"], text(&folder.path().join("acme")));
    let refused: Value = serde_json::from_str(&stderr(&new())).unwrap();
    assert!(
        refused["error"].as_str().unwrap().ends_with("is there already"),
        "{refused}"
    );
}
