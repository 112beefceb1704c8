//! Rehearsals as recordings: fixtures of `carrier.next`, in the form that hosts and `nexusport-plugin` read.

use std::path::Path;
use std::{env, fs};

use serde::Serialize;
use serde_json::{Value, json};

use super::Rehearsal;

/// The version of the form.
const FORMAT: u32 = 1;
/// The fields of the interface that are lists of bytes.
const BYTES: [&str; 3] = ["settings", "body", "carrier_data"];

#[derive(Serialize)]
struct Recording {
    format: u32,
    interface: &'static str,
    digest: String,
    function: &'static str,
    input: Value,
    outcome: Value,
}

impl Rehearsal {
    /// Holds its last step against the recording in this file, by its path from the adapter's own folder, such as
    /// `fixtures/rejection.json`. With `NEXUSPORT_WRITE_FIXTURES` in the environment it is written anew instead.
    ///
    /// # Panics
    ///
    /// Where the file holds something else, or cannot be read or written.
    pub fn keep(&self, file: impl AsRef<Path>) {
        let file = file.as_ref();
        let recording = self.recording();
        if env::var_os("NEXUSPORT_WRITE_FIXTURES").is_some() {
            let document = pretty(&recording) + "\n";
            return fs::write(file, document).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        }
        let kept = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let kept: Value = serde_json::from_slice(&kept).unwrap_or_default();
        let now = value(&recording);
        if kept != now {
            let (kept, now) = (pretty(&kept), pretty(&now));
            let mut lines = kept.lines().zip(now.lines());
            let (was, is) = lines.find(|(was, is)| was != is).unwrap_or_default();
            let (was, is) = (was.trim(), is.trim());
            panic!("{}: {was} was kept and {is} comes of it", file.display());
        }
    }

    fn recording(&self) -> Recording {
        let (operation, journal) = (value(&self.operation), value(&self.journal));
        Recording {
            format: FORMAT,
            interface: env!("NEXUSPORT_INTERFACE"),
            // Not of one component but of every one that does the same.
            digest: "0".repeat(64),
            function: "carrier.next",
            input: readable(json!({ "operation": operation, "journal": journal })),
            outcome: readable(json!({ "answered": value(&self.end) })),
        }
    }
}

fn pretty(of: &impl Serialize) -> String {
    serde_json::to_string_pretty(of).expect("a recording is JSON")
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("values of the interface are JSON")
}

/// Lists of bytes become text where they are UTF-8, and `{"hex": …}` where they are not.
fn readable(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(readable).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, field)| match BYTES.contains(&&*name) {
                true => (name, text(field)),
                false => (name, readable(field)),
            })
            .collect(),
        other => other,
    }
}

fn text(bytes: Value) -> Value {
    let Ok(bytes) = serde_json::from_value::<Vec<u8>>(bytes) else {
        unreachable!("the interface has lists of bytes of these names")
    };
    match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => {
            let hex = error.as_bytes().iter().map(|byte| format!("{byte:02x}"));
            json!({ "hex": hex.collect::<String>() })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::*;
    use super::value;

    /// Sends what is no text and waits.
    struct Acme;

    impl Carrier for Acme {
        fn describe() -> Description {
            unreachable!("a rehearsal never asks")
        }

        fn run(_: &Operation, link: &mut Link<'_>) -> Run<Outcome> {
            let mut request = Request::put("api", "/speed").credential("key");
            request.body = vec![0xff, 0];
            link.try_send(request)?;
            Err(again(30).or_when("order-7"))
        }
    }

    fn recorded(answers: Vec<Answer>) -> Value {
        let operation = Operation {
            id: "op-1".into(),
            asked_at: 5_000,
            settings: b"{}".to_vec(),
            port: None,
            task: Task::ListPorts("7".into()),
            extras: vec![],
        };
        value(&rehearse_with::<Acme>(&operation, answers).recording())
    }

    #[test]
    fn a_recording_has_what_was_asked_and_the_step_that_follows_the_last_answer() {
        let request = json!({
            "method": "PUT", "destination": "api", "target": "/speed", "headers": [], "body": { "hex": "ff00" },
            "credential": "key", "repeatable": true,
        });
        let first = recorded(vec![]);
        assert_eq!(first["outcome"], json!({ "answered": { "Send": request } }));
        let exchange = json!({ "request": request, "answer": { "Lost": "timeout" }, "at": 5100, "first": 5100, "repeats": 0 });
        let operation = json!({
            "id": "op-1", "asked_at": 5000, "settings": "{}", "port": null, "task": { "ListPorts": "7" }, "extras": [],
        });
        let expected = json!({
            "format": 1, "interface": "0.1.0", "digest": "0".repeat(64), "function": "carrier.next",
            "input": { "operation": operation, "journal": [exchange] },
            "outcome": { "answered": { "Again": { "after_seconds": 30, "wake_on": ["order-7"] } } },
        });
        assert_eq!(recorded(vec![Answer::Lost("timeout".into())]), expected);
    }
}
