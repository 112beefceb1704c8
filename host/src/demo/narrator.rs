//! Tells the story in the terminal, step by step; silent when only the report is wanted.

use crate::app::Timestamp;

/// Tells what happens.
pub struct Narrator {
    aloud: bool,
}

impl Narrator {
    /// One that tells.
    pub fn aloud() -> Self {
        Self { aloud: true }
    }

    /// One that keeps silent.
    pub fn silent() -> Self {
        Self { aloud: false }
    }

    /// Time has passed.
    pub fn time(&self, now: Timestamp) {
        self.say(&format!("\n{}", now.format("%A %-d %B %Y, %H:%M UTC")));
    }

    /// Somebody did something.
    pub fn step(&self, who: &str, what: &str) {
        self.say(&format!("  {who:<22} {what}"));
    }

    /// A line of its own.
    #[allow(clippy::print_stdout)] // the story is what was asked for
    pub fn say(&self, line: &str) {
        if self.aloud {
            println!("{line}");
        }
    }
}
