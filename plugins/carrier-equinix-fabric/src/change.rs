//! Changing a connection's bandwidth: order it once, find out from the connection itself where nobody knows whether the
//! order arrived, and wait until it shows.

use nexusport_sdk::carrier::{
    FaultKind, Halt, Link, Operation, Order, Outcome, Polling, Response, Run, again, rejected, stuck,
    unexpected,
};
use nexusport_sdk::time;

use crate::wire::{Condition, Connection, is_transient, refusal};
use crate::{found, patch, read};

/// How long a lost order may still take effect. The document is silent; this is twice a request's time limit.
pub const SETTLE_SECONDS: u32 = 60;
/// How much of a lock-out is waited out; with more of it left nothing is ordered, and whoever asked is told.
const LATE_SECONDS_MAX: u32 = 3600;

struct Changing {
    poll_seconds: u32,
    /// The connection before the order: a newer change is evidence of it.
    before: Connection,
    mbps: u32,
}

/// Orders the speed and waits until the connection has it.
pub fn change(operation: &Operation, wanted: &Order, link: &mut Link<'_>) -> Run<Outcome> {
    let changing = Changing {
        poll_seconds: operation.settings::<Polling>()?.poll_seconds,
        before: read(&operation.port()?.reference, link)?,
        mbps: wanted.mbps,
    };
    match changing.before.condition()? {
        Condition::Ended => Err(changing.before.ended()),
        // Somebody else's turn comes first.
        Condition::Underway => Err(changing.wait(link)),
        Condition::Ready if changing.before.bandwidth == wanted.mbps => {
            Ok(Outcome::Applied(changing.before.state()))
        }
        Condition::Ready => {
            let now = link.now();
            match changing.before.locked_seconds(now) {
                0 => {}
                // Changes booked 24 hours apart are locked out by as much as the first was late.
                late @ 1..=LATE_SECONDS_MAX => return Err(again(late).or_when(&changing.before.uuid)),
                long => return Err(locked_out(now + i64::from(long) * 1000)),
            }
            changing.place(link)?;
            changing.follow(link)
        }
    }
}

fn locked_out(until: i64) -> Halt {
    let until = time::to_rfc3339(until).unwrap_or_default();
    let text = format!("the bandwidth changes once in 24 hours, so not before {until}");
    rejected("locked_out", text)
}

impl Changing {
    /// Sends the order until it is there.
    fn place(&self, link: &mut Link<'_>) -> Run<()> {
        let uuid = &self.before.uuid;
        let taken = |answer: &Response| match answer.status {
            200 | 202 => found(uuid, answer).map(drop),
            400..500 if is_transient(answer) => Err(again(self.poll_seconds)),
            400..500 => Err(refusal(answer)),
            _ => Err(answer.unexpected("")),
        };
        let look = |link: &mut Link<'_>| {
            let now = read(uuid, link)?;
            match now.condition()? {
                _ if self.shows(&now) => Ok(Some(())),
                // It may hide ours.
                Condition::Underway => Err(self.wait(link)),
                _ => Ok(None),
            }
        };
        link.place(&patch(uuid, self.mbps), SETTLE_SECONDS, taken, look)
            .map_err(|halt| halt.or_when(uuid))
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
                Err(unexpected(words))
            }
            (_, Condition::Ready) if shows => Ok(Outcome::Applied(now.state())),
            (_, Condition::Ready | Condition::Underway) => Err(self.wait(link)),
            (_, Condition::Ended) => Err(stuck(FaultKind::Uncertain, "the connection is not in service")),
        }
    }

    /// Asks again later or when the carrier pushes.
    fn wait(&self, link: &Link<'_>) -> Halt {
        link.poll(self.poll_seconds).or_when(&self.before.uuid)
    }
}
