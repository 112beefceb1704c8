//! From a folder of kept calls into the component, and from there into its report.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{command, stderr, stdout, text};

struct Author {
    _folder: TempDir,
    plugin: PathBuf,
}

impl Author {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let given = ["new", "acme", "--world", "carrier", "--in", text(folder.path())];
        let plugin = PathBuf::from(stdout(&command(&given)).trim_end());
        Self {
            _folder: folder,
            plugin,
        }
    }

    fn recording(&self, name: &str) -> PathBuf {
        self.plugin.join("fixtures").join(name)
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let file = self.recording(name);
        let mut recording = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        change(&mut recording);
        fs::write(file, recording.to_string()).unwrap();
    }

    fn build(&self) -> Output {
        let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
        command(&[
            "--json",
            "build",
            text(&self.plugin),
            "--target-dir",
            text(&target_dir),
        ])
    }

    fn built(&self) -> Value {
        serde_json::from_str(&stdout(&self.build())).unwrap()
    }

    fn component(&self) -> PathBuf {
        self.plugin.join("plugin.wasm")
    }

    fn check(&self) -> Output {
        command(&["check", text(&self.component())])
    }
}

#[test]
fn recordings_travel_in_the_component_and_are_held_against_it() {
    let author = Author::new();
    fs::copy(
        author.recording("throttled.json"),
        author.recording("a-call.json"),
    )
    .unwrap();
    let built = author.built();
    assert_eq!(
        built["recordings"],
        json!(["throttled"]),
        "another call than a scenario's stays at home"
    );
    let checked = stdout(&author.check());
    assert!(
        checked.contains("carrier_fixtures: 1 recordings have the answers that they had"),
        "{checked}"
    );
    assert!(
        checked.contains(built["sha256"].as_str().unwrap()),
        "the digest is of the component with them"
    );

    author.change("throttled.json", |recording| {
        recording["outcome"]["answered"]["Again"]["after_seconds"] = json!(18);
    });
    assert_ne!(author.built()["sha256"], built["sha256"]);
    let refused = stderr(&author.check());
    let told =
        "carrier_fixtures: throttled: answered.Again.after_seconds was 18 when it was recorded and is 17";
    assert!(refused.contains(told), "{refused}");

    let file = author.recording("throttled.json");
    let component = author.component();
    let kept = stdout(&command(&[
        "replay",
        "--keep",
        text(&file),
        "--component",
        text(&component),
    ]));
    assert!(kept.contains("after_seconds was 18 and is 17"), "{kept}");
    assert_eq!(author.built()["recordings"], json!(["throttled"]));
    stdout(&author.check());
}

#[test]
fn recordings_that_no_host_would_take_are_refused_when_they_are_built_in() {
    let author = Author::new();
    author.change("throttled.json", |recording| {
        recording["input"]["journal"][0]["answer"]["Answered"]["body"] = json!("x".repeat(256 << 10));
    });
    let refused = stderr(&author.build());
    for named in ["fixtures", "262144"] {
        assert!(refused.contains(named), "{named}: {refused}");
    }
    fs::write(author.recording("throttled.json"), "{}").unwrap();
    let refused = stderr(&author.build());
    assert!(
        refused.contains("throttled.json") && refused.contains("no fixture"),
        "{refused}"
    );
}
