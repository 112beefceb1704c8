//! The shape of files: how they open, how long they are, and words that do not belong in them.

use super::sources::{RUST, Source, only, texts};

const LINES: usize = 300;
/// Where even an exception ends.
const LINES_AT_MOST: usize = 550;

/// Files of more than 300 lines.
const LONG: &[(&str, &str)] = &[
    ("host/src/db/doors.rs", "the doors are read side by side"),
    (
        "host/src/ports/speed.rs",
        "one calculation with its cases as tests",
    ),
    ("tests/tenancy/plans.rs", "one test, and whom it excuses"),
];

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent = RUST.iter().filter(|source| !source.text.starts_with("//!"));
    only(
        silent.map(|source| source.path.clone()),
        &[],
        "a file opens with a //! paragraph",
    );
}

#[test]
fn files_are_under_300_lines() {
    let long = || RUST.iter().filter(|source| source.text.lines().count() > LINES);
    for source in long() {
        let lines = source.text.lines().count();
        assert!(lines <= LINES_AT_MOST, "{} has {lines} lines", source.path);
    }
    only(
        long().map(|source| source.path.clone()),
        LONG,
        "a file has at most 300 lines",
    );
}

#[test]
fn nothing_is_left_to_do() {
    let words = ["todo !", "unimplemented !", "dbg !", "# [ ignore"];
    let unfinished = RUST
        .iter()
        .filter(|source| words.iter().any(|word| source.says(word)));
    only(
        unfinished.map(|source| source.path.clone()),
        &[],
        "no stubs, and no test is switched off",
    );
}

#[test]
fn no_test_sleeps() {
    let exceptions = [];
    let tests = RUST.iter().filter(|source| source.path.starts_with("tests/"));
    let sleeping = tests.filter(|source| source.says("sleep ("));
    only(
        sleeping.map(|source| source.path.clone()),
        &exceptions,
        "tests wait for what they need, not for time",
    );
}

#[test]
fn types_are_named_for_what_they_are() {
    let empty = ["Manager", "Helper", "Util", "Service"];
    let named = |source: &Source| {
        let pairs = source.tokens.windows(2);
        let types = pairs
            .filter(|pair| ["struct", "enum", "trait", "type", "union"].contains(&pair[0].text.as_str()));
        let bad = types.filter(|pair| empty.iter().any(|word| pair[1].text.contains(word)));
        bad.map(|pair| format!("{}: {}", source.path, pair[1].text))
            .collect::<Vec<_>>()
    };
    only(
        RUST.iter().flat_map(named),
        &[],
        "no type is a Manager, Helper, Util or Service",
    );
}

#[test]
fn no_file_knows_a_machine() {
    // Put together here, so that this file does not name them.
    let places = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let lines = texts().into_iter().flat_map(|(path, text)| {
        let bad = text
            .lines()
            .enumerate()
            .filter(|(_, line)| names_one_of(line, &places));
        bad.map(|(at, _)| format!("{path}:{}", at + 1))
            .collect::<Vec<_>>()
    });
    only(lines, &[], "no path of somebody's machine");
}

/// Whether an absolute path begins with one of these; a longer path or a URL may contain them.
fn names_one_of(line: &str, places: &[String]) -> bool {
    places.iter().any(|place| {
        let mut found = line.match_indices(place.as_str());
        found.any(|(at, _)| {
            !line[..at].ends_with(|before: char| before.is_alphanumeric() || "}._-~".contains(before))
        })
    })
}
