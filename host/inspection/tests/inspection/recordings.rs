//! Recordings that a component brings along: good ones are its evidence, and each way of being none is refused by name.

use std::fs;
use std::path::Path;

use nexusport_inspection::{Check, Outcome};
use nexusport_plugins::{CARRIER_SIMULATOR, PRICING_COMMITTED};
use nexusport_sandbox::compile::with_fixtures;
use serde_json::{Map, Value, json};

use crate::place::look;

/// What the adapter of the simulated carrier was asked and answered, by what happens in it.
const KEPT: [(&str, &str); 8] = [
    ("carrier-error", "busy-while-polling"),
    ("partial-application", "cancelled"),
    ("polled-success", "applied"),
    ("rejection", "rejected-later"),
    ("second-change-in-flight", "another-order-is-open"),
    ("throttled", "throttled"),
    ("unknown-after-crash", "look-up-after-a-lost-order"),
    ("unknown-state", "wait"),
];

fn kept(file: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/fixtures");
    let document = fs::read(folder.join(file).with_extension("json")).unwrap();
    serde_json::from_slice(&document).unwrap()
}

fn recordings() -> Map<String, Value> {
    let of =
        |(scenario, file): &(&str, &str)| (scenario.to_string(), kept(&format!("carrier-simulator/{file}")));
    KEPT.iter().map(of).collect()
}

fn check<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    checks.iter().find(|check| check.name == name).unwrap()
}

/// The one check that fails with this section.
#[track_caller]
fn refused(section: &str, name: &str, words: &str) {
    let (inspected, _) = look(&with_fixtures(CARRIER_SIMULATOR, section));
    let failed = inspected.failed().expect("a check fails");
    assert_eq!(failed.name, name, "{failed:?}");
    assert!(failed.message.contains(words), "{failed:?}");
    assert!(failed.message.chars().count() < 1_000, "{failed:?}");
}

/// The recordings with one of them changed.
fn changed(scenario: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut recordings = recordings();
    change(&mut recordings[scenario]);
    Value::Object(recordings).to_string()
}

#[test]
fn recordings_with_the_answers_that_they_had_are_evidence() {
    let mut recordings = recordings();
    recordings.insert("throttled.2".to_owned(), recordings["throttled"].clone());
    let component = with_fixtures(CARRIER_SIMULATOR, &Value::Object(recordings).to_string());
    let (inspected, _) = look(&component);
    assert_eq!(inspected.failed(), None);
    let replayed = check(&inspected.checks, "carrier_fixtures");
    assert_eq!(replayed.message, "9 recordings have the answers that they had");
    let covered = check(&inspected.checks, "carrier_scenarios");
    assert_eq!(covered.outcome, Outcome::Warning);
    assert_eq!(
        covered.message,
        "no recording shows how it fares with: immediate-success, lost-but-done, duplicate-answer, late-answer"
    );
    let (bare, _) = look(CARRIER_SIMULATOR);
    assert_ne!(bare.digest, inspected.digest, "the digest covers them");
}

#[test]
fn another_answer_than_the_recorded_one_is_told_by_recording_and_place() {
    let wait = |recording: &mut Value| {
        recording["outcome"]["answered"]["Again"]["after_seconds"] = json!(18);
    };
    refused(
        &changed("throttled", wait),
        "carrier_fixtures",
        "throttled: answered.Again.after_seconds was 18 when it was recorded and is 17",
    );
    let failed = |recording: &mut Value| recording["outcome"] = json!({ "failed": "plugin_panicked" });
    refused(&changed("throttled", failed), "carrier_fixtures", "throttled: ");
}

#[test]
fn another_request_than_the_recorded_one_is_told_by_recording_and_place() {
    let target = |recording: &mut Value| {
        recording["input"]["journal"][0]["request"]["target"] = json!("/v1/elsewhere");
    };
    refused(
        &changed("throttled", target),
        "carrier_replay",
        "request 1 is not the one that was sent (the recording throttled)",
    );
}

#[test]
fn a_name_on_a_recording_proves_nothing() {
    let mut named = recordings();
    named.insert("rejection".to_owned(), named["throttled"].clone());
    refused(
        &Value::Object(named).to_string(),
        "carrier_fixtures",
        "rejection does not show what it is named for, a rejection after an answer",
    );
    let unknown = json!({ "sunny-day": recordings()["throttled"] });
    refused(
        &unknown.to_string(),
        "carrier_fixtures",
        "sunny-day: names no scenario; there are immediate-success, polled-success",
    );
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    let junk = [
        ("", "no JSON object"),
        ("nonsense", "no JSON object"),
        ("[]", "no JSON object"),
        ("\"\u{1b}[31m\u{202e}\"", "no JSON object"),
        (r#"{"throttled": 5}"#, "throttled: this is no fixture"),
        (r#"{"throttled": {}}"#, "missing field `format`"),
    ];
    for (section, words) in junk {
        refused(section, "carrier_fixtures", words);
    }
    let deep = "[".repeat(100_000);
    refused(
        &format!("{{\"throttled\": {deep}"),
        "carrier_fixtures",
        "recursion limit",
    );
    let price = json!({ "throttled": kept("pricing-committed/free") });
    refused(
        &price.to_string(),
        "carrier_fixtures",
        "it is a call of pricing.price, not of carrier.next",
    );
    let format = |recording: &mut Value| recording["format"] = json!(2);
    refused(&changed("throttled", format), "carrier_fixtures", "format is 2");
    let field = |recording: &mut Value| recording["input"]["operation"]["colour"] = json!("red");
    refused(&changed("throttled", field), "carrier_fixtures", "colour");
}

#[test]
fn recordings_are_within_limits_of_number_and_size() {
    let one = recordings()["throttled"].clone();
    let many: Map<String, Value> = (0..65)
        .map(|n| (format!("throttled.{n}"), json!({ "of": one["format"] })))
        .collect();
    refused(
        &Value::Object(many).to_string(),
        "carrier_fixtures",
        "there are 65 fixtures, the limit is 64",
    );
    refused(
        &" ".repeat((256 << 10) + 1),
        "fixtures_bytes",
        "the limit is 262144",
    );
    let twice = with_fixtures(&with_fixtures(CARRIER_SIMULATOR, "{}"), "{}");
    let (inspected, _) = look(&twice);
    assert_eq!(
        inspected.failed().unwrap().message,
        "it has more than one section of fixtures"
    );
}

#[test]
fn what_no_plugin_is_given_is_not_given_in_a_recording_either() {
    let long = |recording: &mut Value| {
        let journal = recording["input"]["journal"].as_array_mut().unwrap();
        let last = journal.last().unwrap().clone();
        journal.extend(vec![last; 64]);
    };
    refused(&changed("throttled", long), "carrier_answers", "64");
}

#[test]
fn a_price_has_no_recordings_and_nobody_reads_what_lies_in_the_section() {
    let (inspected, _) = look(&with_fixtures(PRICING_COMMITTED, "nonsense"));
    assert_eq!(inspected.failed(), None);
}
