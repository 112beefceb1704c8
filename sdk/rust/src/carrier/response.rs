//! Reading what the carrier answered. What cannot be read is a matter for a person, not a guess.

use serde::de::DeserializeOwned;

use super::{FaultKind, Response, Run, stuck};

/// A carrier that asks for more than an hour is asked again after one.
const RETRY_AFTER_MAX_SECONDS: u32 = 3600;
/// How much of an unexpected answer is quoted.
const QUOTED_CHARS: usize = 200;

impl Response {
    /// Itself where the status is 2xx; else stuck, quoting the answer.
    pub fn ok(&self) -> Run<&Self> {
        if (200..300).contains(&self.status) {
            Ok(self)
        } else {
            Err(self.unexpected(""))
        }
    }

    /// The body read from JSON; stuck where it does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Run<T> {
        serde_json::from_slice(&self.body).map_err(|e| self.unexpected(&format!(" ({e})")))
    }

    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| &*header.value)
    }

    /// The seconds that the carrier asks to wait, from 1 to 3600. `None` where it names none, or a date.
    pub fn retry_after(&self) -> Option<u32> {
        let seconds: u32 = self.header("retry-after")?.trim().parse().ok()?;
        Some(seconds.clamp(1, RETRY_AFTER_MAX_SECONDS))
    }

    /// That nothing true can be said after this answer.
    pub fn unexpected(&self, why: &str) -> super::Halt {
        let body = String::from_utf8_lossy(&self.body);
        let quoted: String = body.chars().take(QUOTED_CHARS).collect();
        stuck(
            FaultKind::UnexpectedAnswer,
            format!("the carrier answered {}{why}: {quoted}", self.status),
        )
    }
}
