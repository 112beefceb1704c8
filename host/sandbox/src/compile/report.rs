//! What was found out about an uploaded component: one line a check, for its author and for whoever approves it.

use serde::{Deserialize, Serialize};

use crate::artifact::Artifact;
use crate::world::World;

/// What is known of a component. It may be used if every check passed; there is compiled code then, and only then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// Size of the component.
    pub component_bytes: u64,
    #[serde(flatten)]
    pub(crate) findings: Findings,
    /// The compiled code.
    #[serde(skip)]
    pub artifact: Option<Artifact>,
}

/// What the child found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Findings {
    pub world: Option<World>,
    pub imports: Vec<String>,
    /// The text of the component's fixtures, if it brings any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixtures: Option<String>,
    pub checks: Vec<Check>,
}

/// One check. Those after a failed one were not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// A stable word: a field of [`Limits`](crate::Limits), or `component`, `nesting`, `imports`, `world`, `code`,
    /// `interface`.
    pub name: String,
    /// Whether the component may go on.
    pub passed: bool,
    /// What was measured, in the unit of the limit.
    pub figure: Option<u64>,
    /// What is allowed.
    pub limit: Option<u64>,
    /// For people; holds no character that [`clean`](crate::clean) would remove.
    pub message: String,
}

impl Report {
    /// What the component exports, as far as that was found out.
    pub fn world(&self) -> Option<World> {
        self.findings.world
    }

    /// Everything it imports, by name.
    pub fn imports(&self) -> &[String] {
        &self.findings.imports
    }

    /// The calls that its author kept and put into the component, as they lie in its section [`FIXTURES`]: text that
    /// nobody has read yet.
    ///
    /// [`FIXTURES`]: super::FIXTURES
    pub fn fixtures(&self) -> Option<&str> {
        self.findings.fixtures.as_deref()
    }

    /// The checks in the order in which they were made.
    pub fn checks(&self) -> &[Check] {
        &self.findings.checks
    }

    /// Why the component may not be used.
    pub fn refusal(&self) -> Option<&Check> {
        self.findings.refusal()
    }
}

impl Findings {
    pub fn refusal(&self) -> Option<&Check> {
        self.checks.iter().find(|check| !check.passed)
    }

    /// Records a figure and says whether it is within its limit.
    pub fn at_most(&mut self, name: &str, figure: u64, limit: u64) -> bool {
        let passed = figure <= limit;
        let message = if passed {
            format!("{figure} of at most {limit}")
        } else {
            format!("{}: {figure}, the limit is {limit}", name.replace('_', " "))
        };
        self.checks.push(Check {
            name: name.to_owned(),
            passed,
            figure: Some(figure),
            limit: Some(limit),
            message,
        });
        passed
    }

    pub fn passed(&mut self, name: &str, message: impl Into<String>) {
        self.push(name, true, message.into());
    }

    pub fn failed(&mut self, name: &str, message: impl Into<String>) {
        self.push(name, false, message.into());
    }

    /// A limit that ended the child, which can no longer say how far it went.
    pub fn exceeded(&mut self, name: &str, limit: u64, message: String) {
        self.checks.push(Check {
            name: name.to_owned(),
            passed: false,
            figure: None,
            limit: Some(limit),
            message,
        });
    }

    fn push(&mut self, name: &str, passed: bool, message: String) {
        self.checks.push(Check {
            name: name.to_owned(),
            passed,
            figure: None,
            limit: None,
            message,
        });
    }
}
