//! Sending what must not be sent twice to a carrier that can be asked what it has.

use super::{Answer, FaultKind, Halt, Link, Outcome, Request, Response, Run, Step, again, stuck};

/// How often something that did not arrive is sent.
const ATTEMPTS_MAX: u32 = 5;

impl Link<'_> {
    /// Sends an order until the carrier has it, and never while it may have it already: after a doubtful answer `find` asks
    /// for it, and its absence is believed only `settle_seconds` after it was first seen. `read` makes of an answer
    /// what it says: the order, a refusal or a wait; busy carriers and failures never come to it.
    pub fn once<T>(
        &mut self,
        order: &Request,
        settle_seconds: u32,
        read: impl Fn(&Response) -> Run<T>,
        find: impl Fn(&mut Self) -> Run<Option<T>>,
    ) -> Run<T> {
        for attempt in 0..ATTEMPTS_MAX {
            let refusal = match self.try_send(order.clone())? {
                Answer::Answered(answer) => match answer.status {
                    429 | 503 => return Err(again(answer.retry_after().unwrap_or_else(|| self.backoff()))),
                    408 | 500.. => None,
                    _ => match read(answer) {
                        // It may be refused because an earlier one did arrive.
                        Err(halt) if attempt > 0 && halt.is_rejection() => Some(halt),
                        end => return end,
                    },
                },
                Answer::Lost(_) => None,
                Answer::NotSent(reason) if reason.temporary => return Err(again(self.backoff())),
                Answer::NotSent(reason) => return Err(stuck(FaultKind::Other, &*reason.detail)),
            };
            if let Some(found) = find(self)? {
                return Ok(found);
            }
            let settle_ms = i64::from(settle_seconds) * 1000;
            if self
                .last()
                .is_some_and(|look| look.at.saturating_sub(look.first) < settle_ms)
            {
                return Err(again(settle_seconds.max(self.backoff())));
            }
            if let Some(halt) = refusal {
                return Err(halt);
            }
        }
        let problem = format!("{ATTEMPTS_MAX} orders were sent and the carrier has none");
        Err(stuck(FaultKind::Uncertain, problem))
    }
}

impl Halt {
    fn is_rejection(&self) -> bool {
        matches!(*self.0, Step::Done(Outcome::Rejected(_)))
    }
}
