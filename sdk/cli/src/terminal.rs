//! How the command speaks: coloured lines and progress on a terminal, plain lines where there is none, and with `--json`
//! one document on standard output. Progress and refusals go to standard error. Knows nothing of what is said, and so
//! cleans all of it: what a stranger's file or host says cannot move the cursor or look like another line.

use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::Error;
use console::style;
use indicatif::{ProgressBar, ProgressStyle};
use nexusport_sandbox::{clean, clean_lines};
use serde::Serialize;
use serde_json::json;

/// Characters of a line, and of a refusal.
const LINE: usize = 10_000;

/// Who reads the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A person.
    Person,
    /// A program: `--json`.
    Program,
}

/// Where everything that the command says goes through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    reader: Reader,
}

/// How something came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// As it should.
    Good,
    /// Worth looking at.
    Warning,
    /// Not as it should.
    Bad,
}

impl Terminal {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader }
    }

    /// A line for a person; a program gets it in the [answer](Self::answer).
    pub(crate) fn line(&self, line: &str) {
        self.print(&clean(line, LINE));
    }

    /// One thing that was looked at, and how it came out.
    pub(crate) fn marked(&self, mark: Mark, name: &str, message: &str) {
        let mark = match mark {
            Mark::Good => style("ok  ").green(),
            Mark::Warning => style("warn").yellow(),
            Mark::Bad => style("FAIL").red().bold(),
        };
        self.print(&format!("{mark} {}: {}", clean(name, LINE), clean(message, LINE)));
    }

    fn print(&self, line: &str) {
        if self.reader == Reader::Person {
            put(line);
        }
    }

    /// The whole answer for a program, on one line; a person was told in lines.
    pub(crate) fn answer(&self, answer: &impl Serialize) {
        if self.reader == Reader::Program {
            put(&json!(answer).to_string());
        }
    }

    /// Why the command did not do what it was asked to.
    #[allow(clippy::print_stderr, reason = "a command's refusal goes to standard error")]
    pub(crate) fn refusal(&self, error: &Error) {
        let error = clean_lines(&format!("{error:#}"), LINE);
        match self.reader {
            Reader::Person => eprintln!("{} {error}", style("error:").for_stderr().red().bold()),
            Reader::Program => eprintln!("{}", json!({ "error": error })),
        }
    }

    /// Shows that something takes its time, until it is finished or dropped. Nothing is shown without a terminal.
    pub(crate) fn waiting(&self, what: &str) -> ProgressBar {
        let bar = self.shown(ProgressBar::new_spinner(), "{spinner} {msg} {elapsed}");
        bar.set_message(clean(what, LINE));
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    fn shown(&self, bar: ProgressBar, template: &str) -> ProgressBar {
        if self.reader == Reader::Program {
            return ProgressBar::hidden();
        }
        let style =
            ProgressStyle::with_template(template).expect("the templates of this file are well formed");
        bar.with_style(style)
            .with_finish(indicatif::ProgressFinish::AndClear)
    }
}

/// Whoever reads may have enough before the end, as `head` has: the rest is nobody's, and the outcome stays what it is.
fn put(line: &str) {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.expect("standard output takes what is written"),
    }
}
