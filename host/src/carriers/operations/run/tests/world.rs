//! A database, a carrier and a clock that outlive the host, and hands that die where they are told to.

use std::cell::Cell;

use chrono::{TimeDelta, TimeZone as _};
use futures::executor::block_on;
use nexusport_sandbox::carrier::{Exchange, NotSent, Response};

use super::{super::*, adapter::careful};
use crate::{carriers::operations::journal::Hash, fault::Fault};

/// What goes wrong with the first order at the carrier, apart from the host's dying.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trouble {
    None,
    LostAndTaken,
    LostOnTheWay,
    BrokeAfterTaking,
    BrokeBeforeTaking,
    Busy,
    Unreachable,
}

pub const TROUBLES: [Trouble; 7] = [
    Trouble::None,
    Trouble::LostAndTaken,
    Trouble::LostOnTheWay,
    Trouble::BrokeAfterTaking,
    Trouble::BrokeBeforeTaking,
    Trouble::Busy,
    Trouble::Unreachable,
];

/// When the host dies: at which boundary, and whether the step took effect.
#[derive(Debug, Clone, Copy)]
pub struct Death {
    pub boundary: u32,
    pub after_effect: bool,
}

/// The database, the carrier and the clock. All of it outlives the host.
pub struct World {
    pub now: Timestamp,
    pub journal: Vec<Exchange>,
    pub sending: bool,
    pub wake_at: Option<Timestamp>,
    pub end: Option<End>,
    pub adapter: fn(&[Exchange]) -> Step,
    /// Whether the adapter fails instead.
    pub failing: bool,
    pub retried_at: Option<Timestamp>,
    pub settle_s: u32,
    /// Whether the host was told to stop.
    pub stopping: bool,
    /// When each order takes effect at the carrier.
    pub orders: Vec<Timestamp>,
    pub sent: u32,
    pub trouble: Trouble,
    /// How long an order takes to show in the carrier's answers.
    pub delay: TimeDelta,
    pub boundaries: Cell<u32>,
    pub deaths: Vec<Death>,
}

pub fn start() -> Timestamp {
    chrono::Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap()
}

impl World {
    pub fn new(trouble: Trouble, deaths: &[Death]) -> Self {
        Self {
            now: start(),
            journal: Vec::new(),
            sending: false,
            wake_at: None,
            end: None,
            adapter: careful,
            failing: false,
            retried_at: None,
            settle_s: 5,
            stopping: false,
            orders: Vec::new(),
            sent: 0,
            trouble,
            delay: TimeDelta::seconds(34),
            boundaries: Cell::new(0),
            deaths: deaths.to_vec(),
        }
    }

    /// Runs the operation to its end; a run that died is followed by another at once.
    pub fn play(mut self) -> Self {
        for _ in 0..200 {
            self.wake_at = None;
            let ran = block_on(drive(&mut self, Kind::ChangeBandwidth));
            if self.end.is_some() {
                return self;
            }
            if let (Ok(()), Some(until)) = (ran, self.wake_at) {
                assert!(until > self.now, "a run waits for the past");
                self.now = until;
            }
        }
        panic!("the operation found no end")
    }

    /// Whether the host dies here, and after the step's effect.
    fn death(&self) -> Option<bool> {
        let boundary = self.boundaries.get();
        self.boundaries.set(boundary + 1);
        let death = self.deaths.iter().find(|death| death.boundary == boundary);
        death.map(|death| death.after_effect)
    }

    /// Takes a step that lasts: not at all, and dead; wholly, and dead; or wholly.
    fn step<T>(&mut self, effect: impl FnOnce(&mut Self) -> T) -> Result<T> {
        match self.death() {
            Some(false) => Err(Fault::broken("died")),
            Some(true) => {
                effect(self);
                Err(Fault::broken("died"))
            }
            None => Ok(effect(self)),
        }
    }

    /// The carrier's side of a request.
    fn answer(&mut self, request: &Request) -> Answer {
        if request.method == "POST" {
            self.sent += 1;
            let trouble = if self.sent == 1 {
                self.trouble
            } else {
                Trouble::None
            };
            return self.order(trouble);
        }
        match self.orders.iter().any(|at| *at <= self.now) {
            true => answered(200, "done"),
            false => answered(404, ""),
        }
    }

    fn order(&mut self, trouble: Trouble) -> Answer {
        let taken = self.now + self.delay;
        match trouble {
            Trouble::None => {
                self.orders.push(taken);
                answered(202, "open")
            }
            Trouble::LostAndTaken => {
                self.orders.push(taken);
                Answer::Lost("timeout".into())
            }
            Trouble::LostOnTheWay => Answer::Lost("connection reset".into()),
            Trouble::BrokeAfterTaking => {
                self.orders.push(taken);
                answered(500, "")
            }
            Trouble::BrokeBeforeTaking => answered(500, ""),
            Trouble::Busy => answered(429, ""),
            Trouble::Unreachable => Answer::NotSent(NotSent {
                temporary: true,
                detail: "connection refused".into(),
            }),
        }
    }
}

impl Hands for World {
    fn moment(&self) -> Moment {
        Moment {
            asked_at: start(),
            retried_at: self.retried_at,
            now: self.now,
            woken_at: None,
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            exchanges: 64,
            request_bytes: 1024,
            settle_s: self.settle_s,
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping
    }

    fn slots(&self) -> Vec<Slot> {
        let last = self.journal.len().wrapping_sub(1);
        let slot = |(n, exchange): (usize, &Exchange)| Slot {
            hash: Hash::of(&exchange.request),
            repeatable: exchange.request.repeatable,
            asks: rules::asks(&exchange.request),
            repeated: exchange.repeats > 0,
            known: match &exchange.answer {
                _ if self.sending && n == last => Known::Sending,
                Answer::Answered(response) => Known::Answered(response.status),
                Answer::Lost(_) => Known::Lost,
                Answer::NotSent(_) => Known::NotSent,
            },
            at: at(exchange.at),
        };
        self.journal.iter().enumerate().map(slot).collect()
    }

    async fn ask(&mut self, exchanges: usize) -> Result<Asked> {
        if self.failing {
            return Ok(Asked::Failed("the plugin used all of its fuel".into()));
        }
        let adapter = self.adapter;
        self.step(|world| Asked::Step(adapter(&world.journal[..exchanges])))
    }

    async fn append(&mut self, request: Request) -> Result<()> {
        self.step(|world| {
            assert!(!world.sending, "two requests are under way");
            let now = world.now.timestamp_millis();
            world.journal.push(Exchange {
                request,
                answer: Answer::Lost("not yet answered".into()),
                at: now,
                first: now,
                repeats: 0,
            });
            world.sending = true;
        })
    }

    async fn reopen(&mut self) -> Result<()> {
        self.step(|world| {
            world.sending = true;
            world.journal.last_mut().unwrap().repeats += 1;
        })
    }

    async fn send(&mut self) -> Result<Answer> {
        assert!(self.sending, "a request leaves before it was written down");
        let request = self.journal.last().unwrap().request.clone();
        self.step(|world| world.answer(&request))
    }

    async fn record(&mut self, answer: Answer) -> Result<()> {
        self.step(|world| {
            assert!(world.sending, "an answer came for nothing");
            let now = world.now.timestamp_millis();
            let last = world.journal.last_mut().unwrap();
            last.answer = answer;
            last.at = now;
            world.sending = false;
        })
    }

    async fn wait(&mut self, until: Timestamp, _: Vec<String>) -> Result<()> {
        self.step(|world| world.wake_at = Some(until))
    }

    async fn end(&mut self, end: End) -> Result<()> {
        self.step(|world| world.end = Some(end))
    }
}

fn at(millis: i64) -> Timestamp {
    chrono::DateTime::from_timestamp_millis(millis).unwrap()
}

pub fn answered(status: u16, body: &str) -> Answer {
    Answer::Answered(Response {
        status,
        headers: Vec::new(),
        body: body.into(),
    })
}
