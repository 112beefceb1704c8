//! docs/contract.md: every promise has an entry, every entry names tests that exist or says what is planned, and the
//! planned part only shrinks.

use super::sources::{RUST, Source, read};

/// Entries that are not fully proven yet. Lower it whenever fewer are.
const PLANNED_AT_MOST: usize = 7;

/// One promise.
struct Entry {
    item: String,
    proof: String,
}

impl Entry {
    fn tests(&self) -> impl Iterator<Item = &str> {
        let spans = self.proof.split('`').skip(1).step_by(2);
        spans.filter(|span| span.contains("::"))
    }

    fn is_planned(&self) -> bool {
        self.proof.contains("planned")
    }
}

fn entries() -> Vec<Entry> {
    let text = read("docs/contract.md");
    let rows = text.lines().filter(|line| line.starts_with("| C"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 3, "item, promise and proof: {row}");
        assert!(!cells[1].is_empty(), "{row}");
        Entry {
            item: cells[0].to_owned(),
            proof: cells[2].to_owned(),
        }
    })
    .collect()
}

#[test]
fn every_promise_has_an_entry() {
    let mut expected: Vec<_> = (1..=46).map(|n| format!("C{n}")).collect();
    expected.insert(19, "C19a".to_owned());
    expected.insert(32, "C31a".to_owned());
    expected.insert(33, "C31b".to_owned());
    expected.insert(34, "C31c".to_owned());
    assert_eq!(
        entries().into_iter().map(|entry| entry.item).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn every_entry_is_proven_or_planned() {
    for entry in entries() {
        assert!(
            entry.is_planned() || entry.tests().next().is_some(),
            "{} says nothing",
            entry.item
        );
    }
}

#[test]
fn every_test_that_an_entry_names_exists() {
    for entry in entries() {
        for test in entry.tests() {
            assert!(is_a_test(test), "{} names {test}, which is no test", entry.item);
        }
    }
}

#[test]
fn what_is_planned_only_shrinks() {
    let planned: Vec<_> = entries()
        .into_iter()
        .filter(Entry::is_planned)
        .map(|entry| entry.item)
        .collect();
    assert!(
        planned.len() <= PLANNED_AT_MOST,
        "more is planned than before: {planned:?}"
    );
    assert_eq!(
        planned.len(),
        PLANNED_AT_MOST,
        "less is planned than before: lower PLANNED_AT_MOST"
    );
}

/// Whether there is a test of this path.
pub fn is_a_test(path: &str) -> bool {
    RUST.iter().any(|source| has_test(source, path))
}

/// Whether a file has the test of this path: the last name is its function, the others lead to the file.
fn has_test(source: &Source, path: &str) -> bool {
    let mut names: Vec<_> = path.split("::").collect();
    let function = names.pop().unwrap();
    let folders = source.path.trim_end_matches(".rs").replace('_', "-");
    let leads =
        |name: &&str| *name == "tests" || folders.split('/').any(|part| part == name.replace('_', "-"));
    names.iter().all(leads)
        && source
            .occurrences(&format!("fn {function}"))
            .into_iter()
            .any(|at| is_test(source, at))
}

/// Whether the function that begins at this token has a test's attribute.
fn is_test(source: &Source, at: usize) -> bool {
    let before = source.tokens[..at].iter().rev();
    before
        .take_while(|token| token.text != "}" && token.text != ";")
        .any(|token| token.text == "test")
}
