//! The checks of one upload in the order in which they are made. None is made after one that failed.

use nexusport_sandbox::{Check, Run};

use crate::{fault::Result, plugins::failure};

/// What was checked so far.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Check>);

impl Checks {
    /// Goes on from what the compile child checked.
    pub(super) fn new(checks: Vec<Check>) -> Self {
        Self(checks)
    }

    pub(super) fn as_slice(&self) -> &[Check] {
        &self.0
    }

    /// The check that failed, if one did.
    pub(super) fn failed(&self) -> Option<&Check> {
        self.0.iter().find(|check| !check.passed)
    }

    /// Notes what a rule found: `good` when it was kept, else the rule's own words.
    pub(super) fn note<T>(&mut self, name: &str, good: &str, found: Result<T, String>) -> Option<T> {
        let (value, message) = match found {
            Ok(value) => (Some(value), good.to_owned()),
            Err(message) => (None, message),
        };
        self.push(name, value.is_some(), None, None, message);
        value
    }

    /// Notes a figure and whether it is within its limit.
    pub(super) fn at_most(&mut self, name: &str, figure: u64, limit: u64) -> Option<()> {
        let passed = figure <= limit;
        let message = if passed {
            format!("{figure} of at most {limit}")
        } else {
            format!("{}: {figure}, the limit is {limit}", name.replace('_', " "))
        };
        self.push(name, passed, Some(figure), Some(limit), message);
        passed.then_some(())
    }

    /// Notes how a call ended. What was not the plugin's doing is an error, not a failed check.
    pub(super) fn called<T>(&mut self, name: &str, run: Run<T>) -> Result<Option<T>> {
        match run.result {
            Ok(value) => {
                let fuel = run.usage.fuel;
                self.push(
                    name,
                    true,
                    None,
                    None,
                    format!("answers with {fuel} units of fuel"),
                );
                Ok(Some(value))
            }
            Err(failed) => {
                self.0.push(failure::check(name, failed, run.usage)?);
                Ok(None)
            }
        }
    }

    fn push(&mut self, name: &str, passed: bool, figure: Option<u64>, limit: Option<u64>, message: String) {
        self.0.push(Check {
            name: name.to_owned(),
            passed,
            figure,
            limit,
            message,
        });
    }
}
