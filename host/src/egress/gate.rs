//! What holds requests back: a circuit breaker and a rate limit for each lane, so that one carrier that is down costs
//! neither the others nor itself. The time that passes here is the machine's, not the business's.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::{Lane, LaneBreaker};

/// How requests are held back.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// This many requests in a row without a usable answer open the breaker.
    pub failures: u32,
    /// How long an open breaker refuses everything before it lets one request through to see.
    pub rest: Duration,
    /// Requests a second that a lane can keep up.
    pub per_second: f64,
    /// Requests that can go at once after a quiet time.
    pub burst: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            failures: 5,
            rest: Duration::from_secs(15),
            per_second: 50.0,
            burst: 100.0,
        }
    }
}

/// Why a lane does not let a request through now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Held {
    #[error("the carrier's circuit breaker is open: {0} requests in a row had no usable answer")]
    Open(u32),
    #[error("the carrier's rate limit is reached")]
    Rate,
}

/// Every lane's state. Lanes that are as good as new are forgotten.
pub(super) struct Gate {
    pace: Pace,
    lanes: Mutex<HashMap<Lane, State>>,
}

/// More lanes than this are looked through for ones to forget.
const MANY: usize = 4096;

#[derive(Debug, Clone, Copy)]
struct State {
    failures: u32,
    /// While the breaker is open: when the next request may try.
    probe_at: Option<Instant>,
    tokens: f64,
    counted_at: Instant,
}

impl Gate {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            pace,
            lanes: Mutex::default(),
        }
    }

    /// Lets a request through or says why not. Whoever is let through reports with `answered` or `failed`.
    pub(super) fn pass(&self, lane: Lane, now: Instant) -> Result<(), Held> {
        let mut lanes = self.lanes.lock().expect("nothing panics while holding the lanes");
        if lanes.len() > MANY {
            lanes.retain(|_, state| !state.refilled(&self.pace, now).is_new(&self.pace));
        }
        let new = State::new(&self.pace, now);
        lanes.entry(lane).or_insert(new).pass(&self.pace, now)
    }

    /// The other side answered, whatever it said.
    pub(super) fn answered(&self, lane: Lane) {
        self.update(lane, |state| {
            state.failures = 0;
            state.probe_at = None;
        });
    }

    /// The other side was not reached or did not answer.
    pub(super) fn failed(&self, lane: Lane, now: Instant) {
        if lane.breaker == LaneBreaker::Elsewhere {
            return;
        }
        self.update(lane, |state| state.fail(&self.pace, now));
    }

    fn update(&self, lane: Lane, change: impl FnOnce(&mut State)) {
        let mut lanes = self.lanes.lock().expect("nothing panics while holding the lanes");
        if let Some(state) = lanes.get_mut(&lane) {
            change(state);
        }
    }
}

impl State {
    fn new(pace: &Pace, now: Instant) -> Self {
        Self {
            failures: 0,
            probe_at: None,
            tokens: pace.burst,
            counted_at: now,
        }
    }

    fn pass(&mut self, pace: &Pace, now: Instant) -> Result<(), Held> {
        if self.probe_at.is_some_and(|at| now < at) {
            return Err(Held::Open(self.failures));
        }
        *self = self.refilled(pace, now);
        if self.tokens < 1.0 {
            return Err(Held::Rate);
        }
        self.tokens -= 1.0;
        // One request sees how things are; the others wait for what it finds.
        self.probe_at = self.probe_at.map(|_| now + pace.rest);
        Ok(())
    }

    fn fail(&mut self, pace: &Pace, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= pace.failures {
            self.probe_at = Some(now + pace.rest);
        }
    }

    fn refilled(self, pace: &Pace, now: Instant) -> Self {
        let passed = now.saturating_duration_since(self.counted_at).as_secs_f64();
        Self {
            tokens: (self.tokens + passed * pace.per_second).min(pace.burst),
            counted_at: now,
            ..self
        }
    }

    fn is_new(&self, pace: &Pace) -> bool {
        self.failures == 0 && self.tokens >= pace.burst
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const PACE: Pace = Pace {
        failures: 3,
        rest: Duration::from_secs(10),
        per_second: 2.0,
        burst: 4.0,
    };

    fn lane(reseller: u128, id: u128) -> Lane {
        Lane {
            reseller: Uuid::from_u128(reseller).into(),
            id: Uuid::from_u128(id),
            breaker: LaneBreaker::Here,
        }
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn open(gate: &Gate, lane: Lane, now: Instant) {
        for _ in 0..PACE.failures {
            gate.pass(lane, now).unwrap();
            gate.failed(lane, now);
        }
    }

    #[test]
    fn failures_in_a_row_open_the_breaker_of_their_lane_alone() {
        let (gate, now) = (Gate::new(PACE), Instant::now());
        open(&gate, lane(1, 1), now);
        assert_eq!(gate.pass(lane(1, 1), now), Err(Held::Open(3)));
        assert_eq!(gate.pass(lane(1, 2), now), Ok(()));
        assert_eq!(gate.pass(lane(2, 1), now), Ok(()));
    }

    #[test]
    fn a_lane_whose_breaker_is_kept_elsewhere_is_not_held_back_for_failures() {
        let (gate, now) = (Gate::new(PACE), Instant::now());
        let lane = Lane {
            breaker: LaneBreaker::Elsewhere,
            ..lane(1, 1)
        };
        open(&gate, lane, now);
        assert_eq!(gate.pass(lane, now), Ok(()));
    }

    #[test]
    fn an_answer_in_between_keeps_the_breaker_closed() {
        let (gate, now, lane) = (Gate::new(PACE), Instant::now(), lane(1, 1));
        for _ in 0..2 {
            gate.pass(lane, now).unwrap();
            gate.failed(lane, now);
        }
        gate.answered(lane);
        gate.pass(lane, now).unwrap();
        gate.failed(lane, now);
        assert_eq!(gate.pass(lane, now), Ok(()));
    }

    #[test]
    fn after_a_rest_one_request_alone_is_let_through() {
        let (gate, start, lane) = (Gate::new(PACE), Instant::now(), lane(1, 1));
        open(&gate, lane, start);
        let rested = start + PACE.rest;
        assert_eq!(gate.pass(lane, rested), Ok(()));
        assert_eq!(gate.pass(lane, rested), Err(Held::Open(3)));
        gate.answered(lane);
        assert_eq!(gate.pass(lane, rested), Ok(()));
    }

    #[test]
    fn a_probe_that_fails_opens_the_breaker_again_and_one_that_never_reports_does_not_block_for_ever() {
        let (gate, start, lane) = (Gate::new(PACE), Instant::now(), lane(1, 1));
        open(&gate, lane, start);
        let first = start + PACE.rest;
        gate.pass(lane, first).unwrap();
        gate.failed(lane, first);
        assert_eq!(gate.pass(lane, first + seconds(9)), Err(Held::Open(4)));
        assert_eq!(gate.pass(lane, first + seconds(10)), Ok(()));
        assert_eq!(gate.pass(lane, first + seconds(20)), Ok(()));
    }

    #[test]
    fn the_rate_limit_admits_a_burst_and_then_its_rate() {
        let (gate, start, lane) = (Gate::new(PACE), Instant::now(), lane(1, 1));
        let passed = |now| (0..10).filter(|_| gate.pass(lane, now).is_ok()).count();
        assert_eq!(passed(start), 4);
        assert_eq!(gate.pass(lane, start), Err(Held::Rate));
        assert_eq!(passed(start + seconds(1)), 2);
        assert_eq!(passed(start + seconds(60)), 4);
    }

    #[test]
    fn quiet_lanes_are_forgotten_and_open_ones_are_not() {
        let (gate, start) = (Gate::new(PACE), Instant::now());
        open(&gate, lane(1, 0), start);
        for id in 1..=MANY as u128 {
            gate.pass(lane(1, id), start).unwrap();
        }
        gate.pass(lane(1, u128::MAX), start + seconds(60)).unwrap();
        let lanes = gate.lanes.lock().unwrap();
        assert!(
            lanes.len() == 2 && lanes.contains_key(&lane(1, 0)),
            "{}",
            lanes.len()
        );
    }
}
