//! The breaker of a carrier. It opens after so many failures in a row, whichever host met them; while it is open, what is to be
//! asked of the carrier waits in the queue, unsent and unjournalled. After a rest it is half open: one operation at a time
//! sees whether the carrier is back, and the first answer closes it. `jobs` keeps to it; here it is decided and told.

use chrono::TimeDelta;
use serde_json::json;

use super::store;
use crate::{
    alerts::{self, Subject},
    app::{App, Timestamp},
    audit,
    db::Housekeeping,
    egress::Sent,
    fault::Result,
    identity::{ActorKind, Caller, Initiator, Permission, Purpose},
    ids::CarrierId,
    jobs,
};

/// So many failures in a row open it: more than bad luck, less than what times out in the minutes of one window.
const FAILURES: u32 = 5;

/// How long it stays open before one operation tries.
const REST: TimeDelta = TimeDelta::seconds(15);

/// How often an open one is looked at again for whoever was called about it.
const WATCH: TimeDelta = TimeDelta::minutes(1);

/// Whether requests to a carrier are held back, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row, the last ones.
    pub failures: u32,
    /// What the last failure was.
    pub reason: Option<String>,
    /// Since when it is not closed.
    pub opened_at: Option<Timestamp>,
    /// From when on one operation at a time may try.
    pub probe_at: Option<Timestamp>,
    /// When it opened or closed last.
    pub changed_at: Timestamp,
}

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything passes.
    Closed,
    /// Nothing passes.
    Open,
    /// One operation at a time passes.
    HalfOpen,
}

/// What one request told of the carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// It works, whatever it said.
    Answer,
    /// It was not reached, did not answer, or broke down.
    Failure(String),
}

impl State {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl Breaker {
    /// One that nothing was heard of yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            failures: 0,
            reason: None,
            opened_at: None,
            probe_at: None,
            changed_at: now,
        }
    }

    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> State {
        match self.probe_at {
            None => State::Closed,
            Some(probe_at) if now < probe_at => State::Open,
            Some(_) => State::HalfOpen,
        }
    }

    /// Whether an answer would change nothing.
    pub(super) fn is_quiet(&self) -> bool {
        self.failures == 0 && self.opened_at.is_none()
    }

    fn after(self, heard: Heard, now: Timestamp) -> Self {
        let Heard::Failure(reason) = heard else {
            let changed_at = self.opened_at.map_or(self.changed_at, |_| now);
            return Self {
                changed_at,
                ..Self::new(now)
            };
        };
        let failures = self.failures.saturating_add(1);
        let opens = self.opened_at.is_none() && failures >= FAILURES;
        Self {
            failures,
            reason: Some(reason),
            opened_at: self.opened_at.or(opens.then_some(now)),
            // Only one that was let through to see puts the next one off: others were on their way before it opened.
            probe_at: match self.probe_at {
                Some(probe_at) if now < probe_at => Some(probe_at),
                Some(_) => Some(now + REST),
                None => opens.then_some(now + REST),
            },
            changed_at: if opens { now } else { self.changed_at },
        }
    }
}

impl Heard {
    /// What this tells of the carrier; nothing where the host refused the request itself.
    pub(super) fn of(sent: &Sent) -> Option<Self> {
        Some(match sent {
            Sent::Answered(answered) if answered.status >= 500 => {
                Self::Failure(format!("the carrier answered {}", answered.status))
            }
            Sent::Answered(_) => Self::Answer,
            Sent::Lost(reason) => Self::Failure(reason.clone()),
            Sent::NotSent {
                temporary: true,
                detail,
            } => Self::Failure(detail.clone()),
            Sent::NotSent { .. } | Sent::Held(_) => return None,
        })
    }
}

/// Takes in what a request told, for all hosts.
pub(super) async fn hear(app: &App, caller: &Caller, carrier: CarrierId, heard: Heard) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.house(&caller.for_house(Purpose::Carrier)).await?;
    let before = store::breaker::lock(&mut tx, carrier, now).await?;
    let was_open = before.opened_at.is_some();
    let after = before.after(heard, now);
    store::breaker::update(&mut tx, carrier, &after).await?;
    if was_open != after.opened_at.is_some() {
        tracing::warn!(%carrier, open = !was_open, failures = after.failures, "a carrier's breaker changed");
        let host = Initiator {
            kind: ActorKind::System,
            id: carrier.uuid(),
        };
        jobs::enqueue_in_house(&mut tx, jobs::Kind::WatchCarrier(carrier), now, host).await?;
    }
    tx.commit().await
}

/// Calls somebody about a carrier that is held back, and settles that once it is not. Looks again while it is: a breaker that
/// closes just as somebody looks adds no other look.
pub async fn watch(app: &App, caller: &Caller, id: CarrierId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let carrier = store::carrier(&mut tx, id).await?;
    let breaker = store::breaker::find(&mut tx, id).await?;
    let subject = Subject::Carrier(id.uuid());
    let Some(breaker) = breaker.filter(|breaker| breaker.opened_at.is_some()) else {
        let event = audit::Event::done("carrier.resume", id.uuid(), json!({}));
        return match alerts::resolve(&mut tx, subject).await? {
            true => tx.commit(event).await,
            false => Ok(()),
        };
    };
    let (again, by) = (tx.now() + WATCH, tx.initiator());
    jobs::enqueue(&mut tx, jobs::Kind::WatchCarrier(id), again, by).await?;
    let reason = breaker.reason.unwrap_or_default();
    let text = format!(
        "nothing is asked of the carrier {}: {} requests in a row failed, the last one so: {reason}",
        carrier.name, breaker.failures
    );
    let detail = json!({ "failures": breaker.failures, "reason": reason });
    match alerts::raise(&mut tx, caller.scope().reseller(), subject, None, &text).await? {
        true => {
            tx.commit(audit::Event::done("carrier.hold", id.uuid(), detail))
                .await
        }
        false => tx.commit_housekeeping(Housekeeping::Lease).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::Answered;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn failure() -> Heard {
        Heard::Failure("no answer".into())
    }

    fn failed(times: u32) -> Breaker {
        (0..times).fold(Breaker::new(at(0)), |breaker, _| breaker.after(failure(), at(1)))
    }

    fn state(breaker: &Breaker, seconds: i64) -> State {
        breaker.state(at(seconds))
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_in_between_does_not() {
        assert_eq!(state(&failed(FAILURES - 1), 1), State::Closed);
        assert_eq!(state(&failed(FAILURES), 1), State::Open);
        let mut breaker = failed(FAILURES - 1).after(Heard::Answer, at(2));
        assert!(breaker.is_quiet());
        breaker = breaker.after(failure(), at(3));
        assert_eq!((state(&breaker, 3), breaker.failures), (State::Closed, 1));
    }

    #[test]
    fn after_a_rest_it_is_half_open_and_whoever_tries_decides() {
        let open = failed(FAILURES);
        assert_eq!(
            [state(&open, 15), state(&open, 16)],
            [State::Open, State::HalfOpen]
        );
        let again = open.clone().after(failure(), at(20));
        assert_eq!(
            [state(&again, 34), state(&again, 35)],
            [State::Open, State::HalfOpen]
        );
        assert_eq!((again.opened_at, again.failures), (Some(at(1)), 6));
        let closed = open.after(Heard::Answer, at(20));
        assert_eq!((state(&closed, 20), closed.changed_at), (State::Closed, at(20)));
        assert!(closed.is_quiet() && closed.reason.is_none());
    }

    #[test]
    fn what_was_on_its_way_when_it_opened_does_not_put_the_try_off() {
        let late = failed(FAILURES).after(failure(), at(10));
        assert_eq!(state(&late, 16), State::HalfOpen);
    }

    #[test]
    fn what_counts_is_whether_the_carrier_works() {
        let answered = |status| {
            Heard::of(&Sent::Answered(Answered {
                status,
                headers: Vec::new(),
                body: Vec::new(),
            }))
        };
        for status in [200, 401, 404, 409, 429] {
            assert_eq!(answered(status), Some(Heard::Answer));
        }
        assert!(matches!(answered(503), Some(Heard::Failure(_))));
        assert!(matches!(
            Heard::of(&Sent::Lost("x".into())),
            Some(Heard::Failure(_))
        ));
        let not_sent = |temporary| {
            Heard::of(&Sent::NotSent {
                temporary,
                detail: "x".into(),
            })
        };
        assert!(matches!(not_sent(true), Some(Heard::Failure(_))));
        assert_eq!(not_sent(false), None);
        assert_eq!(Heard::of(&Sent::Held("x".into())), None);
    }
}
