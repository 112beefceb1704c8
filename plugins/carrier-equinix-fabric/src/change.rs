//! Changing a connection's bandwidth: order it once, find out from the connection itself where nobody knows whether the
//! order arrived, and wait until it shows.

use nexusport_sdk::carrier::{Answer, FaultKind, Halt, Link, Operation, Order, Outcome, Run, again, stuck};

use crate::wire::{Condition, Connection, is_transient, refusal};
use crate::{Settings, found, patch, read};

/// How often an order that did not arrive is sent.
const ATTEMPTS_MAX: u32 = 3;
/// How long a lost order may still take effect. The document is silent; this is twice a request's time limit.
pub const SETTLE_SECONDS: u32 = 60;
/// A change that waits for an approval any longer is a matter for a person.
const PATIENCE_MS: i64 = 72 * 60 * 60 * 1000;

struct Changing {
    poll_seconds: u32,
    /// The connection before the order: a newer change is evidence of it.
    before: Connection,
    mbps: u32,
}

/// Orders the speed and waits until the connection has it.
pub fn change(operation: &Operation, wanted: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let changing = Changing {
        poll_seconds: operation.settings::<Settings>()?.poll_seconds.unwrap_or(30),
        before: read(&operation.port()?.reference, link)?,
        mbps: wanted.mbps,
    };
    match changing.before.condition()? {
        Condition::Ended => Err(changing.before.ended()),
        // Somebody else's turn comes first.
        Condition::Underway => Err(changing.wait(changing.poll_seconds, link)),
        Condition::Ready if changing.before.bandwidth == wanted.mbps => {
            Ok(Outcome::Applied(changing.before.state()))
        }
        Condition::Ready => {
            changing.place(link)?;
            changing.follow(link)
        }
    }
}

impl Changing {
    /// Sends the order until it is there; again only once it is known not to be.
    fn place(&self, link: &mut Link<'_>) -> Run<()> {
        for attempt in 0..ATTEMPTS_MAX {
            if self.attempt(attempt, link)? || self.arrived(link)? {
                return Ok(());
            }
        }
        let words = format!("{ATTEMPTS_MAX} orders were sent and the connection shows none");
        Err(stuck(FaultKind::Uncertain, words))
    }

    /// Whether the order is accepted; if not, nobody knows whether it arrived.
    fn attempt(&self, attempt: u32, link: &mut Link<'_>) -> Run<bool> {
        match link.try_send(patch(&self.before.uuid, self.mbps))? {
            Answer::Answered(answer) => match (answer.status, answer.retry_after()) {
                (200 | 202, _) => Ok(found(&self.before.uuid, answer).is_ok()),
                (429, seconds) => Err(self.wait(seconds.unwrap_or_else(|| link.backoff()), link)),
                (503, Some(seconds)) => Err(self.wait(seconds, link)),
                (401 | 408 | 500.., _) => Ok(false),
                // It may be refused because an earlier one did arrive.
                (400..500, _) if attempt > 0 => Ok(false),
                (400..500, _) if is_transient(answer) => Err(self.wait(self.poll_seconds, link)),
                (400..500, _) => Err(refusal(answer)),
                _ => Err(answer.unexpected("")),
            },
            Answer::Lost(_) => Ok(false),
            Answer::NotSent(reason) if reason.temporary => Err(self.wait(link.backoff(), link)),
            Answer::NotSent(reason) => Err(stuck(FaultKind::Other, &*reason.detail)),
        }
    }

    /// Whether the order is there. That it is not is believed when it is seen twice, the second time once a lost order can
    /// no longer take effect and no other change may hide it.
    fn arrived(&self, link: &mut Link<'_>) -> Run<bool> {
        let doubtful_since = link.now();
        if self.shows(&read(&self.before.uuid, link)?) {
            return Ok(true);
        }
        let late = read(&self.before.uuid, link)?;
        if self.shows(&late) {
            return Ok(true);
        }
        if link.now().saturating_sub(doubtful_since) < i64::from(SETTLE_SECONDS) * 1000 {
            return Err(self.wait(SETTLE_SECONDS, link));
        }
        if late.condition()? == Condition::Underway {
            return Err(self.wait(self.poll_seconds, link));
        }
        Ok(false)
    }

    fn shows(&self, connection: &Connection) -> bool {
        connection.bandwidth == self.mbps || connection.is_ordered_since(&self.before, self.mbps)
    }

    /// Waits for the end of the order. `again` repeats this request, and its new answer is what the next run sees.
    fn follow(&self, link: &mut Link<'_>) -> Run<Outcome> {
        let now = read(&self.before.uuid, link)?;
        let (shows, condition) = (now.bandwidth == self.mbps, now.condition()?);
        let order = now
            .update()
            .filter(|_| now.is_ordered_since(&self.before, self.mbps));
        match (order, condition) {
            (Some("FAILED" | "REJECTED"), _) => Err(now.refusal()),
            (Some("COMPLETED"), Condition::Ready) if !shows => {
                let words = format!("the change is completed, the bandwidth is {}", now.bandwidth);
                Err(stuck(FaultKind::UnexpectedAnswer, words))
            }
            (_, Condition::Ready) if shows => Ok(Outcome::Applied(now.state())),
            (_, Condition::Ready | Condition::Underway) => Err(self.wait(self.poll_seconds, link)),
            (_, Condition::Ended) => Err(stuck(FaultKind::Uncertain, "the connection is not in service")),
        }
    }

    /// Asks again after so many seconds or when the carrier pushes; stuck once that has gone on for too long.
    fn wait(&self, seconds: u32, link: &Link<'_>) -> Halt {
        let waited_ms = link.last().map_or(0, |last| last.at.saturating_sub(last.first));
        if waited_ms > PATIENCE_MS {
            return stuck(FaultKind::Uncertain, "no change for 72 hours");
        }
        again(seconds).or_when(&self.before.uuid)
    }
}
