//! Requests on their way. What left goes on by itself, whatever becomes of the host.

use chrono::TimeDelta;
use nexusport_sandbox::carrier::{Answer, NotSent, Request};

use super::{
    carrier::response,
    dice::Dice,
    trouble::{Effect, Heard, Trouble},
};
use crate::{app::Timestamp, carriers::operations::rules::REQUEST_TIMEOUT_S};

/// A request that somebody wants sent.
pub struct Departure {
    pub op: usize,
    /// Its place in the journal.
    pub n: usize,
    pub host: usize,
    pub request: Request,
    pub trouble: Option<Trouble>,
    pub effect: Effect,
    /// A token may have to be fetched first.
    pub leaves_at: Timestamp,
    pub arrives_at: Timestamp,
    /// When its host knows what came of it.
    pub heard_at: Timestamp,
    pub leg: Leg,
    /// What its host hears.
    pub answer: Answer,
    /// What its host wrote down of it.
    pub recorded: Option<Answer>,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    Held,
    OnTheWay,
    Arrived,
    /// It never left, or was lost.
    Never,
}

impl Departure {
    pub fn new(
        place: (usize, usize, usize),
        request: Request,
        trouble: Option<Trouble>,
        now: Timestamp,
        dice: &mut Dice,
    ) -> Self {
        let effect = match &trouble {
            Some(trouble) => trouble.effect(dice),
            None => Effect::NONE,
        };
        let token_ms = if dice.one_in(6) {
            dice.between(1, 30_000)
        } else {
            0
        };
        let leaves_at = now + TimeDelta::milliseconds(token_ms);
        let on_the_way = TimeDelta::milliseconds(dice.between(1, 500));
        let arrives_at = leaves_at + on_the_way + TimeDelta::milliseconds(effect.late_ms);
        let back = TimeDelta::milliseconds(dice.between(1, 500) + effect.slow_ms);
        // A connection that breaks tells at once.
        let heard_at = if effect.late_ms > 0 || !effect.works {
            leaves_at + on_the_way
        } else {
            arrives_at + back
        };
        let timeout = leaves_at + TimeDelta::seconds(REQUEST_TIMEOUT_S.into());
        let (op, n, host) = place;
        let mut departure = Self {
            op,
            n,
            host,
            request,
            trouble,
            effect,
            leaves_at,
            arrives_at,
            heard_at: heard_at.min(timeout),
            leg: Leg::Held,
            answer: Answer::Lost("nothing was heard".into()),
            recorded: None,
        };
        match departure.effect.heard {
            _ if heard_at > timeout => departure.effect.heard = Heard::Nothing,
            Heard::Status(status) => departure.answer = Answer::Answered(response(status, "broken")),
            Heard::NotSent => {
                departure.answer = Answer::NotSent(NotSent {
                    temporary: true,
                    detail: "connection refused".into(),
                });
            }
            // What the carrier says is known when it is asked.
            Heard::Nothing | Heard::Garble | Heard::Truth => {}
        }
        departure
    }

    /// What happens to it next by itself, and when.
    pub fn next_at(&self) -> Option<Timestamp> {
        match self.leg {
            Leg::Held => Some(self.leaves_at),
            Leg::OnTheWay => Some(self.arrives_at),
            Leg::Arrived | Leg::Never => None,
        }
    }

    pub fn name(&self) -> String {
        format!(
            "op-{}/{} {} {}",
            self.op, self.n, self.request.method, self.request.target
        )
    }
}
