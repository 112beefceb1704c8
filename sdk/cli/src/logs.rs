//! `logs`: what calls of a reseller's plugins came to on a host, oldest first, and what comes after them as it happens. What
//! each run holds is the host's to say: whatever there is beside the usual goes into the JSON.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::host::Host;
use crate::terminal::Terminal;

/// Runs of a page, the most that a host gives.
const PAGE: &str = "200";
const EVERY: Duration = Duration::from_secs(2);

/// Which runs are wanted, and until when.
pub(crate) struct Wanted {
    /// Of this component alone.
    pub digest: Option<String>,
    /// That ended so alone.
    pub outcome: Option<String>,
    /// What happens after the last of them.
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing.
    Stop,
    /// The next ones are told as they come, until the command is stopped.
    Follow,
}

/// Tells each run once, a line or a JSON document each.
pub(crate) fn logs(terminal: &Terminal, host: &Host, wanted: &Wanted) -> Result<()> {
    let (mut cursor, mut told) = (None::<String>, HashSet::new());
    loop {
        let page = host.get(&["v1", "plugin-runs"], &query(wanted, cursor.as_deref()))?;
        for run in page["items"].as_array().into_iter().flatten() {
            // The last page is read again for what has come to it.
            if told.insert(run["id"].to_string()) {
                terminal.line(&line(run));
                terminal.answer(run);
            }
        }
        match (page["next"].as_str(), wanted.end) {
            (Some(next), _) => {
                cursor = Some(next.to_owned());
                told.clear();
            }
            (None, End::Stop) => return Ok(()),
            (None, End::Follow) => thread::sleep(EVERY),
        }
    }
}

fn query<'a>(wanted: &'a Wanted, cursor: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
    let (digest, outcome) = (wanted.digest.as_deref(), wanted.outcome.as_deref());
    let given = [("digest", digest), ("outcome", outcome), ("cursor", cursor)];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    [("limit", PAGE)].into_iter().chain(given).collect()
}

fn line(run: &Value) -> String {
    let word = |name: &str| run[name].as_str().unwrap_or("-").to_owned();
    let digest: String = word("digest").chars().take(12).collect();
    let fuel = run["fuel"].as_u64().unwrap_or_default();
    format!(
        "{} {digest} {} {} {fuel} fuel",
        word("at"),
        word("function"),
        word("outcome")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_a_line() {
        let run = json!({
            "at": "2026-11-21T12:00:00Z", "digest": "0123456789abcdef", "function": "pricing.price",
            "outcome": "answered", "fuel": 9,
        });
        assert_eq!(
            line(&run),
            "2026-11-21T12:00:00Z 0123456789ab pricing.price answered 9 fuel"
        );
        assert_eq!(line(&json!({})), "- - - - 0 fuel");
    }
}
