//! What may happen next, from what the journal says and what the adapter wants. Plain values: no clock, no database,
//! no network. `run` puts the rules in order, `host` does what they allow.

use chrono::TimeDelta;
use nexusport_sandbox::carrier::{Outcome, Request, Step, Wait};

use super::{Kind, Reason, journal::Hash};
use crate::app::Timestamp;

/// How long one request may take, on its way, at the carrier and back.
pub const REQUEST_TIMEOUT_S: u32 = 30;

/// An operation that found no end in so long needs a person: carriers' orders are a matter of days.
const LIFETIME: TimeDelta = TimeDelta::days(30);

/// The shortest and the longest pause before a request is repeated.
const PAUSE_S: std::ops::RangeInclusive<u32> = 1..=86_400;

/// What is known of the carrier's side for one request of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It was about to be sent, or under way, when its run ended.
    Sending,
    /// The carrier answered with this status.
    Answered(u16),
    /// It may have arrived; nothing was read.
    Lost,
    /// It certainly did not reach the carrier.
    NotSent,
}

/// One request of the journal, as far as the rules look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Of the whole request.
    pub hash: Hash,
    /// Whether sending twice has the effect of sending once.
    pub repeatable: bool,
    /// Whether it only asks, by its method.
    pub asks: bool,
    /// Whether it left, or was about to, more than once.
    pub repeated: bool,
    /// What is known of the carrier's side, from the last time.
    pub known: Known,
    /// When that was learned.
    pub at: Timestamp,
}

/// What an operation may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Requests in its journal.
    pub exchanges: usize,
    /// Bytes of one request.
    pub request_bytes: u64,
    /// How long a lost request may still take effect.
    pub settle_s: u32,
}

/// What the adapter's step comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A new request may leave.
    Send(Request),
    /// The last request may leave again.
    Repeat,
    /// Not before then; the adapter is asked again.
    Wait(Timestamp),
    /// The carrier's answer is known.
    Done(Outcome),
    /// A person must look.
    GiveUp(Reason),
}

/// A moment in an operation's life.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When it was started.
    pub asked_at: Timestamp,
    /// When a person last had it taken up again.
    pub retried_at: Option<Timestamp>,
    /// The present.
    pub now: Timestamp,
    /// When a push of the carrier's last named something that it waits for.
    pub woken_at: Option<Timestamp>,
}

impl Slot {
    /// Whether the carrier may have acted on it although it never said so.
    fn is_uncertain(&self) -> bool {
        match self.known {
            Known::Sending | Known::Lost => true,
            Known::Answered(status) => status >= 400 && !turned_away(status),
            Known::NotSent => false,
        }
    }

    /// Whether the carrier said, or it is certain, that it did not act on it.
    fn is_refused(&self) -> bool {
        match self.known {
            Known::NotSent => true,
            Known::Answered(status) => turned_away(status),
            Known::Sending | Known::Lost => false,
        }
    }

    /// Whether the carrier may have done something for it. Of one that can be repeated, the last answer tells nothing of the
    /// times before.
    fn may_have_had_effect(&self) -> bool {
        !self.asks && (!self.is_refused() || self.repeatable && self.repeated)
    }

    /// Whether it tells what the carrier has: a found thing, or that there is none.
    fn is_evidence(&self) -> bool {
        matches!(self.known, Known::Answered(200..300 | 404 | 410))
    }
}

impl Bounds {
    /// How long nothing is sent after a loss: what was lost has by then arrived and taken effect, or never will.
    pub fn grace(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(REQUEST_TIMEOUT_S) + i64::from(self.settle_s))
    }
}

/// What the step comes to for an operation of this kind whose every request has an answer.
pub fn decide(kind: Kind, slots: &[Slot], step: Step, bounds: &Bounds, moment: Moment) -> Decision {
    let decision = match step {
        Step::Done(outcome) if fits(kind, &outcome) => return Decision::Done(outcome),
        Step::Done(_) => Err(format!(
            "the adapter answers a {} with an outcome of another kind",
            kind.name()
        )),
        Step::Stuck(fault) => Err(fault.message),
        Step::Send(_) | Step::Again(_) if moment.now - moment.asked_at > LIFETIME => Err(format!(
            "the operation has found no end in {} days",
            LIFETIME.num_days()
        )),
        Step::Send(request) => send(slots, request, bounds, moment.now),
        Step::Again(wait) => again(slots, &wait, bounds, moment),
    };
    decision.unwrap_or_else(|text| Decision::GiveUp(reason(slots, text)))
}

/// What a person's wish to go on comes to before the adapter is asked: nothing new is known since, so the last request is
/// repeated once, where an adapter might have it repeated too.
pub fn by_hand(slots: &[Slot], bounds: &Bounds, moment: Moment) -> Option<Decision> {
    let (last, retried_at) = (slots.last()?, moment.retried_at?);
    let wait = Wait {
        after_seconds: *PAUSE_S.start(),
        wake_on: Vec::new(),
    };
    let nothing_new = last.at <= retried_at;
    nothing_new.then(|| again(slots, &wait, bounds, moment).ok())?
}

/// Whether the request changes nothing whatever comes of it: safe by RFC 9110, section 9.2.1. That a request can be repeated says
/// nothing of that.
pub fn asks(request: &Request) -> bool {
    matches!(&*request.method, "GET" | "HEAD" | "OPTIONS")
}

/// Whether the step asks for the very request of this slot.
pub fn agrees(slot: &Slot, step: &Step) -> bool {
    matches!(step, Step::Send(request) if Hash::of(request) == slot.hash)
}

/// The reason for giving up with this journal.
pub fn reason(slots: &[Slot], text: String) -> Reason {
    Reason {
        text,
        may_have_happened: slots.iter().any(Slot::may_have_had_effect),
    }
}

fn send(slots: &[Slot], request: Request, bounds: &Bounds, now: Timestamp) -> Result<Decision, String> {
    let Request { method, target, .. } = &request;
    if slots.len() >= bounds.exchanges {
        return Err(format!("the operation has {} exchanges, the limit", slots.len()));
    }
    let bytes = super::journal::request_bytes(&request);
    if bytes > bounds.request_bytes {
        let limit = bounds.request_bytes;
        return Err(format!(
            "the request {method} {target} has {bytes} bytes, the limit is {limit}"
        ));
    }
    if !request.repeatable && is_in_doubt(slots) {
        return Err(format!(
            "{method} {target} is not repeatable, and nobody knows whether an earlier request arrived: the carrier \
             must be asked first"
        ));
    }
    if !request.repeatable && was_taken(slots, Hash::of(&request)) {
        return Err(format!(
            "the carrier took this very {method} {target} before, and it is not repeatable: the carrier must be asked \
             first"
        ));
    }
    Ok(match settled_at(slots, bounds) {
        Some(settled_at) if now < settled_at => Decision::Wait(settled_at),
        _ => Decision::Send(request),
    })
}

fn again(slots: &[Slot], wait: &Wait, bounds: &Bounds, moment: Moment) -> Result<Decision, String> {
    let Some(last) = slots.last() else {
        return Err("there is no request to repeat yet".into());
    };
    if !last.repeatable && last.is_uncertain() {
        return Err("nobody knows whether the last request arrived, and it is not repeatable".into());
    }
    if !last.repeatable && !last.is_refused() {
        return Err("the carrier took the last request, and it is not repeatable".into());
    }
    let pause = wait.after_seconds.clamp(*PAUSE_S.start(), *PAUSE_S.end());
    let asked_for = match moment.woken_at {
        // What is no answer yet may be one by now; a carrier that was turned away from is left alone.
        Some(woken_at) if woken_at > last.at && last.is_evidence() => last.at,
        _ => last.at + TimeDelta::seconds(i64::from(pause)),
    };
    let until = settled_at(slots, bounds).map_or(asked_for, |settled_at| asked_for.max(settled_at));
    Ok(if moment.now < until {
        Decision::Wait(until)
    } else {
        Decision::Repeat
    })
}

/// When the last request, if it was lost, has taken effect or never will.
fn settled_at(slots: &[Slot], bounds: &Bounds) -> Option<Timestamp> {
    let last = slots.last()?;
    let uncertain = last.known == Known::Lost || (!last.repeatable && last.is_uncertain());
    uncertain.then(|| last.at + bounds.grace())
}

/// Whether this status says that the request was not carried out: a client's error, or 503, with which a server turns
/// a request away. Not the 401 and 408 that gateways answer for something behind them, nor any other failure of a
/// server, which may have come after the work.
fn turned_away(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 408) || status == 503
}

/// Whether an earlier request may have arrived and the carrier has not told since what it has.
fn is_in_doubt(slots: &[Slot]) -> bool {
    slots
        .iter()
        .rev()
        .take_while(|slot| !slot.is_evidence())
        .any(|slot| !slot.repeatable && slot.is_uncertain())
}

/// Whether the carrier answered this very request without refusing it, and has not told since what it has.
fn was_taken(slots: &[Slot], request: Hash) -> bool {
    let mut later = slots.iter().rev();
    let last_word = later.find(|slot| slot.asks && slot.is_evidence() || slot.hash == request);
    last_word.is_some_and(|slot| slot.hash == request && !slot.is_refused())
}

fn fits(kind: Kind, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Rejected(_) => true,
        Outcome::State(_) => matches!(kind, Kind::ReadPort | Kind::Cancel),
        Outcome::States(_) => kind == Kind::ListPorts,
        Outcome::Applied(_) => matches!(kind, Kind::ChangeBandwidth | Kind::Cancel),
        Outcome::Feasible => matches!(kind, Kind::CheckChange | Kind::Probe),
        Outcome::Other(_) => matches!(kind, Kind::Probe | Kind::Cancel),
    }
}

#[cfg(test)]
mod tests;
