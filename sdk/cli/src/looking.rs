//! What `check` and `push` show while a component is looked at, here or on a host: the stage that takes its time, and a
//! line for each check as it ends.

use indicatif::ProgressBar;
use nexusport_inspection::{Check, Outcome};

use crate::terminal::{Mark, Terminal};

pub(crate) struct Looking<'a> {
    terminal: &'a Terminal,
    bar: ProgressBar,
    checks: Vec<Check>,
}

impl<'a> Looking<'a> {
    /// Says first what takes its time.
    pub(crate) fn begin(terminal: &'a Terminal, what: &str) -> Self {
        Self {
            terminal,
            bar: terminal.waiting(what),
            checks: Vec::new(),
        }
    }

    /// The stage by the word that hosts have for it, which may be one of a later version.
    pub(crate) fn stage(&self, stage: &str) {
        self.bar.set_message(match stage {
            "compile" => "reading and compiling it",
            "describe" => "asking what it is",
            "trial" => "making one ordinary call",
            "conformance" => "holding its answers to what its world demands",
            _ => "looking at it",
        });
    }

    pub(crate) fn ended(&mut self, check: Check) {
        let mark = match check.outcome {
            Outcome::Passed => Mark::Good,
            Outcome::Warning => Mark::Warning,
            Outcome::Failed => Mark::Bad,
        };
        self.bar
            .suspend(|| self.terminal.marked(mark, &check.name, &check.message));
        self.checks.push(check);
    }

    /// Every check, in its order.
    pub(crate) fn end(self) -> Vec<Check> {
        self.bar.finish_and_clear();
        self.checks
    }
}
