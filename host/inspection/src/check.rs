//! One line of a report, and how it is kept.

use nexusport_sandbox as sandbox;
use serde::{Deserialize, Serialize};

/// One check. None is made after one that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Check {
    /// A stable word, such as `imports` or the limit that it is about.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What was measured, in the unit of the limit.
    pub figure: Option<u64>,
    /// What is allowed.
    pub limit: Option<u64>,
    /// For people; nothing in it needs cleaning.
    pub message: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Shown to whoever approves the release.
    Warning,
    /// It cannot become a release.
    Failed,
}

impl Outcome {
    /// The word in reports and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

impl From<sandbox::Check> for Check {
    fn from(check: sandbox::Check) -> Self {
        let sandbox::Check {
            name,
            passed,
            figure,
            limit,
            message,
        } = check;
        Self {
            name,
            outcome: outcome(passed),
            figure,
            limit,
            message,
        }
    }
}

/// A check as reports keep it; those made before there were warnings say `passed`.
#[derive(Deserialize)]
struct Kept {
    name: String,
    outcome: Option<Outcome>,
    #[serde(default)]
    passed: bool,
    figure: Option<u64>,
    limit: Option<u64>,
    message: String,
}

impl From<Kept> for Check {
    fn from(kept: Kept) -> Self {
        let Kept {
            name,
            outcome: kept_outcome,
            passed,
            figure,
            limit,
            message,
        } = kept;
        Self {
            name,
            outcome: kept_outcome.unwrap_or(outcome(passed)),
            figure,
            limit,
            message,
        }
    }
}

const fn outcome(passed: bool) -> Outcome {
    if passed { Outcome::Passed } else { Outcome::Failed }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_from_before_warnings_is_read() {
        let old =
            json!({ "name": "locals", "passed": true, "figure": 1, "limit": 2, "message": "1 of at most 2" });
        let check: Check = serde_json::from_value(old).unwrap();
        assert_eq!((check.outcome, check.figure), (Outcome::Passed, Some(1)));
        let kept = serde_json::to_value(&check).unwrap();
        assert_eq!(kept["outcome"], "passed");
        assert_eq!(serde_json::from_value::<Check>(kept).unwrap(), check);
        let old = json!({ "name": "locals", "passed": false, "figure": null, "limit": null, "message": "" });
        let check: Check = serde_json::from_value(old).unwrap();
        assert_eq!(check.outcome, Outcome::Failed);
    }
}
