//! The link to the carrier as an adapter sees it: answers come from the journal, and the first request that has none ends
//! the run. It never sends anything.

use super::journal::difference;
use super::{Answer, Exchange, FaultKind, Halt, Outcome, Request, Response, Run, Step, again, stuck};

/// After a day without a usable answer a person must look.
const PATIENCE_MS: i64 = 24 * 60 * 60 * 1000;
/// A change that a carrier is at for any longer, even if somebody has to approve it, is a matter for a person.
const CHANGE_PATIENCE_MS: i64 = 3 * PATIENCE_MS;
const BACKOFF_FIRST_SECONDS: u32 = 2;
const BACKOFF_MAX_SECONDS: u32 = 300;

/// Where an adapter sends its requests.
pub struct Link<'j> {
    asked_at: i64,
    journal: &'j [Exchange],
    used: usize,
    /// What the first request without a place in the journal ended the run with. It holds whatever the adapter
    /// makes of it: what comes after cannot be known yet.
    halted: Option<Halt>,
}

impl<'j> Link<'j> {
    pub(super) fn new(asked_at: i64, journal: &'j [Exchange]) -> Self {
        Self {
            asked_at,
            journal,
            used: 0,
            halted: None,
        }
    }

    /// The carrier's answer. Waits by itself while the carrier is busy (429, 503), cannot be reached, or, for a
    /// repeatable request, fails (500, 502, 504) or loses the answer; for at most a day, then stuck. A lost
    /// answer to any other request is stuck: use [`try_send`](Self::try_send) where the adapter can find out.
    pub fn send(&mut self, request: Request) -> Run<&'j Response> {
        let repeatable = request.repeatable;
        let what = format!("{} {}", request.method, request.target);
        match self.try_send(request)? {
            Answer::Answered(response) => match response.status {
                429 | 503 => Err(self.wait(&what, response.retry_after())),
                500 | 502 | 504 if repeatable => Err(self.wait(&what, response.retry_after())),
                _ => Ok(response),
            },
            Answer::NotSent(reason) if reason.temporary => Err(self.wait(&what, None)),
            Answer::NotSent(reason) => Err(stuck(
                FaultKind::Other,
                format!("{what} may not be sent: {}", reason.detail),
            )),
            Answer::Lost(_) if repeatable => Err(self.wait(&what, None)),
            Answer::Lost(why) => Err(stuck(
                FaultKind::Uncertain,
                format!("nobody knows whether {what} arrived: {why}"),
            )),
        }
    }

    /// The raw answer, for a request after which the adapter decides by itself.
    pub fn try_send(&mut self, request: Request) -> Run<&'j Answer> {
        if let Some(halt) = &self.halted {
            return Err(halt.clone());
        }
        let halt = match self.journal.get(self.used) {
            None => Halt::new(Step::Send(request)),
            Some(exchange) => match difference(&exchange.request, &request) {
                None => {
                    self.used += 1;
                    return Ok(&exchange.answer);
                }
                Some(difference) => diverged(format!(
                    "request {} is not the one in the journal: their {difference}",
                    self.used + 1
                )),
            },
        };
        self.halted = Some(halt.clone());
        Err(halt)
    }

    /// The latest exchange that this run has read.
    pub fn last(&self) -> Option<&'j Exchange> {
        self.journal.get(self.used.checked_sub(1)?)
    }

    /// When the latest answer came, in milliseconds since 1970; before any, when the operation was asked for. There
    /// is no other clock.
    pub fn now(&self) -> i64 {
        self.last().map_or(self.asked_at, |exchange| exchange.at)
    }

    /// Seconds to wait before repeating the last request: 2, doubled with each repetition, at most 300.
    pub fn backoff(&self) -> u32 {
        let repeats = self.last().map_or(0, |exchange| exchange.repeats);
        2_u32
            .saturating_pow(repeats)
            .saturating_mul(BACKOFF_FIRST_SECONDS)
            .min(BACKOFF_MAX_SECONDS)
    }

    /// Repeats the last request after so many seconds, while the carrier is at a change; stuck once that has gone on for three
    /// days. [`again`] has no such end.
    pub fn poll(&self, seconds: u32) -> Halt {
        match self.last() {
            Some(last) if last.at.saturating_sub(last.first) > CHANGE_PATIENCE_MS => {
                stuck(FaultKind::Uncertain, "no end of the change in three days")
            }
            _ => again(seconds),
        }
    }

    /// The step that a run ends with: never one that leaves a part of the journal unread.
    pub(super) fn finish(self, end: Run<Outcome>) -> Step {
        let step = match (self.halted.clone(), end) {
            (Some(halt), _) | (None, Err(halt)) => *halt.0,
            (None, Ok(outcome)) => Step::Done(outcome),
        };
        match (&step, self.last()) {
            (Step::Stuck(_), _) => step,
            _ if self.used < self.journal.len() => {
                let problem = format!(
                    "the run ends after {} of the journal's {} exchanges",
                    self.used,
                    self.journal.len()
                );
                *diverged(problem).0
            }
            (Step::Again(_), None) => *stuck(FaultKind::Other, "there is no request to repeat yet").0,
            (Step::Again(_), Some(last))
                if matches!(last.answer, Answer::Lost(_)) && !last.request.repeatable =>
            {
                *stuck(
                    FaultKind::Uncertain,
                    "a lost request that is not repeatable cannot be repeated",
                )
                .0
            }
            _ => step,
        }
    }

    fn wait(&self, what: &str, carrier_seconds: Option<u32>) -> Halt {
        match self.last() {
            Some(last) if last.at.saturating_sub(last.first) > PATIENCE_MS => stuck(
                FaultKind::Other,
                format!(
                    "{what} has had no usable answer for a day, {} attempts",
                    last.repeats + 1
                ),
            ),
            _ => again(carrier_seconds.unwrap_or_else(|| self.backoff())),
        }
    }
}

fn diverged(message: String) -> Halt {
    stuck(FaultKind::Diverged, message)
}
