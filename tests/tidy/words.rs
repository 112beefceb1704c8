//! One word for each thing (C12): docs/words.md against the schema, the API, the permissions and the audit events.

use std::collections::BTreeSet;

use serde_json::Value;

use super::sources::{RUST, read, texts};

/// Other people's words, which mean their things.
const BORROWED: [&str; 2] = ["client_id", "client_secret"];

struct Word {
    word: String,
    never: Vec<String>,
}

fn words() -> Vec<Word> {
    let text = read("docs/words.md");
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        Word {
            word: cells[0].to_owned(),
            never: cells[2].split(", ").map(str::to_owned).collect(),
        }
    })
    .collect()
}

#[test]
fn nothing_is_called_by_a_word_that_is_not_its_own() {
    let names = names();
    assert!(names.len() > 500, "only {} names were found", names.len());
    let strange: Vec<_> = words()
        .iter()
        .flat_map(|word| {
            word.never
                .iter()
                .map(move |never| (never.clone(), word.word.clone()))
        })
        .flat_map(|(never, word)| {
            let found = names.iter().filter(move |name| uses(name, &never)).cloned();
            found.map(move |name| format!("{name} should say {word}"))
        })
        .collect();
    assert_eq!(strange, Vec::<String>::new());
}

#[test]
fn every_word_is_used() {
    let names = names();
    for word in words() {
        assert!(
            names.iter().any(|name| uses(name, &word.word)),
            "nothing is called {}",
            word.word
        );
    }
}

#[test]
fn a_name_uses_its_parts_in_either_number() {
    assert!(uses("bandwidth-changes", "change") && uses("GET /v1/invites", "invite"));
    assert!(uses("NewClient", "client") && uses("access_history", "history"));
    assert!(!uses("billing", "bill") && !uses("clientele", "client"));
}

/// Whether a name has the word among its parts, in singular or plural.
fn uses(name: &str, word: &str) -> bool {
    let mut spaced = String::new();
    for letter in name.chars() {
        match letter {
            'A'..='Z' => spaced.extend([' ', letter.to_ascii_lowercase()]),
            'a'..='z' | '0'..='9' => spaced.push(letter),
            _ => spaced.push(' '),
        }
    }
    let parts: Vec<_> = spaced
        .split_whitespace()
        .map(|part| part.trim_end_matches('s'))
        .collect();
    let wanted: Vec<_> = word.split('_').collect();
    parts.windows(wanted.len()).any(|parts| parts == wanted)
}

/// Names in the schema, the API's document, permissions and audit events.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, sql) in texts()
        .into_iter()
        .filter(|(path, _)| path.starts_with("migrations/"))
    {
        let code = sql
            .lines()
            .map(|line| line.split("--").next().unwrap_or_default());
        let code: String = code.flat_map(|line| [line, "\n"]).collect();
        let unquoted = code.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
        names.extend(
            unquoted
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map(str::to_owned),
        );
    }
    let document: Value = serde_json::from_str(&read("docs/openapi.json")).unwrap();
    named(&document["paths"], &mut names);
    named(&document["components"]["schemas"], &mut names);
    for source in RUST.iter().filter(|source| source.is_in("host/src/")) {
        let events = source.occurrences("Event :: *").into_iter().map(|at| at + 4);
        let permissions = source.path.ends_with("identity/permission.rs");
        let all = (0..source.tokens.len()).filter(|_| permissions);
        for at in events.chain(all) {
            let text = source.tokens.get(at).map_or("", |token| token.text.as_str());
            names.extend(
                text.strip_prefix('"')
                    .and_then(|text| text.strip_suffix('"'))
                    .filter(|text| !text.contains(' '))
                    .map(str::to_owned),
            );
        }
    }
    names.retain(|name| !BORROWED.contains(&name.as_str()));
    names
}

/// Keys of paths, methods' names, fields and schemas; what is said of them is prose.
fn named(value: &Value, names: &mut BTreeSet<String>) {
    const PROSE: [&str; 5] = ["description", "summary", "example", "default", "title"];
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !PROSE.contains(&name.as_str())) {
                names.insert(name.clone());
                named(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, names)),
        _ => {}
    }
}
