//! `logs`: what calls of a reseller's plugins came to on a host, oldest first, and what comes after them as it happens. What
//! each run holds is the host's to say: whatever there is beside the usual goes into the JSON.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::host::Host;
use crate::terminal::Terminal;

/// A page of runs at most.
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
    let mut told = HashSet::new();
    loop {
        let page = host.get(&["v1", "plugin-runs"], &query(wanted))?;
        let runs: Vec<&Value> = page["items"].as_array().into_iter().flatten().collect();
        // The newest come first.
        for run in runs.iter().rev().filter(|run| told.insert(run["id"].to_string())) {
            terminal.line(&line(run));
            terminal.answer(run);
        }
        // Only what is on the page can come again.
        told = runs.iter().map(|run| run["id"].to_string()).collect();
        if wanted.end == End::Stop {
            return Ok(());
        }
        thread::sleep(EVERY);
    }
}

fn query(wanted: &Wanted) -> Vec<(&str, &str)> {
    let filters = [("digest", &wanted.digest), ("outcome", &wanted.outcome)];
    let given = filters
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)));
    [("limit", PAGE)].into_iter().chain(given).collect()
}

fn line(run: &Value) -> String {
    let word = |name: &str| run[name].as_str().unwrap_or("-").to_owned();
    let digest: String = word("digest").chars().take(12).collect();
    let fuel = run["fuel"].as_u64().unwrap_or_default();
    let mut line = format!(
        "{} {digest} {} {} {fuel} fuel",
        word("at"),
        word("function"),
        word("outcome")
    );
    for printed in run["log"].as_str().unwrap_or_default().lines() {
        line.push_str("\n     ");
        line.push_str(printed);
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_a_line_and_what_it_printed_below_it() {
        let mut run = json!({
            "at": "2026-11-21T12:00:00Z", "digest": "0123456789abcdef", "function": "pricing.price",
            "outcome": "answered", "fuel": 9,
        });
        assert_eq!(
            line(&run),
            "2026-11-21T12:00:00Z 0123456789ab pricing.price answered 9 fuel"
        );
        run["log"] = json!("one\ntwo");
        assert!(line(&run).ends_with("9 fuel\n     one\n     two"));
    }
}
