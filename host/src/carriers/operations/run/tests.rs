//! Orders from a carrier through hands that die at every boundary, before or after the step took effect.

use std::cell::Cell;

use chrono::{TimeDelta, TimeZone as _};
use futures::executor::block_on;
use nexusport_sandbox::carrier::{Exchange, NotSent, Outcome, PortState, Response, Wait};

use super::*;
use crate::{carriers::operations::journal::Hash, fault::Fault};

/// What goes wrong with the first order at the carrier, apart from the host's dying.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    None,
    LostAndTaken,
    LostOnTheWay,
    BrokeAfterTaking,
    BrokeBeforeTaking,
    Busy,
    Unreachable,
}

const TROUBLES: [Trouble; 7] = [
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
struct Death {
    boundary: u32,
    after_effect: bool,
}

/// The database, the carrier and the clock. All of it outlives the host.
struct World {
    now: Timestamp,
    journal: Vec<Exchange>,
    sending: bool,
    wake_at: Option<Timestamp>,
    end: Option<End>,
    adapter: fn(&[Exchange]) -> Step,
    /// Whether the adapter fails instead.
    failing: bool,
    settle_s: u32,
    /// When each order takes effect at the carrier.
    orders: Vec<Timestamp>,
    sent: u32,
    trouble: Trouble,
    /// How long an order takes to show in the carrier's answers.
    delay: TimeDelta,
    boundaries: Cell<u32>,
    deaths: Vec<Death>,
}

fn start() -> Timestamp {
    chrono::Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap()
}

impl World {
    fn new(trouble: Trouble, deaths: &[Death]) -> Self {
        Self {
            now: start(),
            journal: Vec::new(),
            sending: false,
            wake_at: None,
            end: None,
            adapter: careful,
            failing: false,
            settle_s: 5,
            orders: Vec::new(),
            sent: 0,
            trouble,
            delay: TimeDelta::seconds(34),
            boundaries: Cell::new(0),
            deaths: deaths.to_vec(),
        }
    }

    /// Runs the operation to its end; a run that died is followed by another at once.
    fn play(mut self) -> Self {
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
            now: self.now,
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            exchanges: 64,
            request_bytes: 1024,
            settle_s: self.settle_s,
        }
    }

    fn slots(&self) -> Vec<Slot> {
        let last = self.journal.len().wrapping_sub(1);
        let slot = |(n, exchange): (usize, &Exchange)| Slot {
            hash: Hash::of(&exchange.request),
            repeatable: exchange.request.repeatable,
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

    async fn wait(&mut self, until: Timestamp) -> Result<()> {
        self.step(|world| world.wake_at = Some(until))
    }

    async fn end(&mut self, end: End) -> Result<()> {
        self.step(|world| world.end = Some(end))
    }
}

fn at(millis: i64) -> Timestamp {
    chrono::DateTime::from_timestamp_millis(millis).unwrap()
}

fn answered(status: u16, body: &str) -> Answer {
    Answer::Answered(Response {
        status,
        headers: Vec::new(),
        body: body.into(),
    })
}

fn order() -> Request {
    Request {
        method: "POST".into(),
        destination: "api".into(),
        target: "/orders".into(),
        headers: Vec::new(),
        body: b"5000".to_vec(),
        credential: None,
        repeatable: false,
    }
}

fn get(target: &str) -> Request {
    Request {
        method: "GET".into(),
        target: target.into(),
        body: Vec::new(),
        repeatable: true,
        ..order()
    }
}

fn again(after_seconds: u32) -> Step {
    Step::Again(Wait {
        after_seconds,
        wake_on: Vec::new(),
    })
}

fn applied() -> Outcome {
    Outcome::Applied(PortState {
        reference: "p".into(),
        mbps: 5000,
        since: None,
        carrier_data: Vec::new(),
        extras: Vec::new(),
    })
}

fn status(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::Answered(response) => Some(response.status),
        Answer::Lost(_) | Answer::NotSent(_) => None,
    }
}

/// An adapter that orders, looks an order up where nobody knows whether it arrived, and polls.
fn careful(journal: &[Exchange]) -> Step {
    let mut journal = journal.iter();
    loop {
        let Some(placed) = journal.next() else {
            return Step::Send(order());
        };
        match (&placed.answer, status(&placed.answer)) {
            (_, Some(202)) => break,
            (_, Some(429 | 503)) | (Answer::NotSent(_), _) => return again(2),
            _ => {}
        }
        let Some(found) = journal.next() else {
            return Step::Send(get("/orders?reference=1"));
        };
        match status(&found.answer) {
            Some(200) => break,
            Some(404) if found.repeats > 0 => {}
            _ => return again(2),
        }
    }
    let Some(polled) = journal.next() else {
        return Step::Send(get("/orders/1"));
    };
    match status(&polled.answer) {
        Some(200) => Step::Done(applied()),
        _ => again(5),
    }
}

/// Every death of one host, at every boundary that a life with this trouble has.
fn deaths(trouble: Trouble) -> impl Iterator<Item = Death> {
    let boundaries = World::new(trouble, &[]).play().boundaries.get();
    (0..boundaries).flat_map(|boundary| {
        [false, true].map(|after_effect| Death {
            boundary,
            after_effect,
        })
    })
}

#[test]
fn the_carrier_sees_the_order_once_wherever_the_host_dies() {
    for trouble in TROUBLES {
        for death in deaths(trouble) {
            let world = World::new(trouble, &[death]).play();
            assert_eq!(world.end, Some(End::Done(applied())), "{trouble:?} {death:?}");
            assert_eq!(world.orders.len(), 1, "{trouble:?} {death:?}");
        }
    }
}

#[test]
fn the_carrier_sees_the_order_once_when_the_host_dies_twice() {
    for trouble in [Trouble::None, Trouble::LostAndTaken, Trouble::BrokeAfterTaking] {
        for first in deaths(trouble) {
            let boundaries = World::new(trouble, &[first]).play().boundaries.get();
            for boundary in first.boundary + 1..boundaries {
                for after_effect in [false, true] {
                    let second = Death {
                        boundary,
                        after_effect,
                    };
                    let world = World::new(trouble, &[first, second]).play();
                    assert_eq!(world.orders.len(), 1, "{trouble:?} {first:?} {second:?}");
                }
            }
        }
    }
}

/// The simulation has teeth: without the wait for what was lost to settle, the order is placed twice.
#[test]
fn a_carrier_that_settles_later_than_it_says_is_ordered_from_twice() {
    let play = |settle_s| {
        let mut world = World::new(Trouble::LostAndTaken, &[]);
        world.delay = TimeDelta::seconds(60);
        world.settle_s = settle_s;
        world.play().orders.len()
    };
    assert_eq!(play(5), 2);
    assert_eq!(play(30), 1);
}

#[test]
fn an_adapter_that_orders_again_without_asking_is_stopped() {
    fn careless(journal: &[Exchange]) -> Step {
        match journal.last().map(|exchange| status(&exchange.answer)) {
            Some(Some(202)) => Step::Done(applied()),
            _ => Step::Send(order()),
        }
    }
    for trouble in [
        Trouble::LostAndTaken,
        Trouble::LostOnTheWay,
        Trouble::BrokeAfterTaking,
    ] {
        let mut world = World::new(trouble, &[]);
        world.adapter = careless;
        let world = world.play();
        assert!(
            matches!(&world.end, Some(End::GivenUp(reason)) if reason.may_have_happened),
            "{:?}",
            world.end
        );
        assert_eq!(world.sent, 1);
    }
}

#[test]
fn a_request_that_the_adapter_no_longer_produces_is_never_sent_again() {
    fn changed(journal: &[Exchange]) -> Step {
        match journal {
            [] => Step::Send(get("/v2/ports")),
            _ => again(5),
        }
    }
    // The host dies after the request was written, before it left; meanwhile the adapter has changed its mind.
    for after_effect in [false, true] {
        let death = Death {
            boundary: 2,
            after_effect,
        };
        let mut world = World::new(Trouble::None, &[death]);
        world.adapter = |journal| match journal {
            [] => Step::Send(get("/v1/ports")),
            _ => again(5),
        };
        assert!(block_on(drive(&mut world, Kind::ChangeBandwidth)).is_err());
        world.adapter = changed;
        let boundaries = world.boundaries.get();
        let world = world.play();
        assert!(matches!(&world.end, Some(End::GivenUp(reason)) if reason.text == DIVERGED));
        assert_eq!(
            world.boundaries.get() - boundaries,
            2,
            "asked once, ended, and nothing sent"
        );
    }
}

#[test]
fn a_poll_that_the_adapter_no_longer_produces_is_not_repeated() {
    fn poll(target: &'static str, journal: &[Exchange]) -> Step {
        match journal {
            [] => Step::Send(get(target)),
            _ => again(5),
        }
    }
    let mut world = World::new(Trouble::None, &[]);
    world.adapter = |journal| poll("/v1/ports", journal);
    block_on(drive(&mut world, Kind::ChangeBandwidth)).unwrap();
    assert_eq!(world.wake_at, Some(start() + TimeDelta::seconds(5)));
    world.now = world.wake_at.unwrap();
    world.adapter = |journal| poll("/v2/ports", journal);
    let world = world.play();
    assert!(matches!(&world.end, Some(End::GivenUp(reason)) if reason.text == DIVERGED));
    assert_eq!(world.journal[0].repeats, 0);
}

#[test]
fn an_adapter_that_fails_ends_the_operation_and_says_why() {
    let mut world = World::new(Trouble::None, &[]);
    world.failing = true;
    let world = world.play();
    let Some(End::GivenUp(reason)) = world.end else {
        panic!("{:?}", world.end)
    };
    assert!(reason.text.contains("fuel") && !reason.may_have_happened);
}
