//! A world from its first operation to its last: who goes on, and when time passes, follows from the seed alone.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, task::Context};

use chrono::TimeDelta;
use futures::task::noop_waker;

use super::{
    attempt::Attempt,
    place::{Place, Side},
    world::World,
};
use crate::{
    app::Timestamp,
    carriers::operations::{End, run::DIVERGED},
};

/// After so many turns nobody gets on any more.
const TURNS: usize = 60_000;

/// What became of a world.
pub struct Played {
    pub log: Vec<String>,
    pub met: BTreeMap<String, u64>,
    pub wrongs: Vec<String>,
}

/// Hosts, runs and what may still happen to them.
pub struct Play {
    pub world: Rc<RefCell<World>>,
    pub attempts: Vec<Attempt>,
    pub hosts: Vec<Host>,
    /// Where hosts are still to die.
    pub aims: Vec<(Place, Side)>,
    /// How many more die anywhere.
    pub deaths_left: u32,
    pub stops_left: u32,
    pub stalls_left: u32,
    pub retries_left: u32,
    pub cancels_left: u32,
}

#[derive(Clone, Copy, Default)]
pub struct Host {
    pub down_until: Option<Timestamp>,
    pub stops_at: Option<Timestamp>,
}

pub fn play(seed: u64) -> Played {
    let mut play = Play::set(seed);
    let got_on = (0..TURNS).any(|_| !play.turn());
    // The hosts are gone before the world is judged.
    play.attempts.clear();
    let mut world = play.world.borrow_mut();
    let world = &mut *world;
    if !got_on {
        world.judge.wrongs.push(format!("after {TURNS} turns it goes on"));
    }
    world.judge.end(&world.rows, &world.requests, &world.carrier);
    for row in &world.rows {
        let end = match &row.end {
            Some(End::Done(_)) => "done",
            Some(End::GivenUp(reason)) if reason.text == DIVERGED => "given up, diverged",
            Some(End::GivenUp(reason)) if reason.may_have_happened => "given up, may have happened",
            Some(End::GivenUp(_)) => "given up, has not happened",
            None => "no end",
        };
        *world.met.entry(end.to_owned()).or_default() += 1;
        world
            .log
            .push(format!("op-{} {:?}: {:?}", row.what.n, row.what.adapter, row.end));
    }
    Played {
        log: std::mem::take(&mut world.log),
        met: std::mem::take(&mut world.met),
        wrongs: std::mem::take(&mut world.judge.wrongs),
    }
}

impl Play {
    pub fn below(&self, end: usize) -> usize {
        self.world.borrow_mut().dice.below(end)
    }

    pub fn now(&self) -> Timestamp {
        self.world.borrow().now
    }

    /// One thing happens. False when nothing is left to happen.
    fn turn(&mut self) -> bool {
        self.come_back();
        if self.attempts.is_empty() && self.world.borrow().is_over() {
            return self.is_asked_again();
        }
        self.something_happens();
        let (ready, due) = (self.ready(), self.due());
        if ready.is_empty() && due.is_empty() {
            let next = self.next_at();
            next.inspect(|next| self.world.borrow_mut().pass(*next));
            return next.is_some();
        }
        if self.time_passes() {
            return true;
        }
        match self.below(ready.len() + due.len()) {
            n if n < ready.len() => self.go_on(ready[n]),
            n => {
                let (host, op) = due[n - ready.len()];
                self.attempts.push(Attempt::new(&self.world, host, op));
            }
        }
        true
    }

    /// Runs that wait for nothing.
    fn ready(&self) -> Vec<usize> {
        let now = self.now();
        let ready = |n: &usize| {
            self.attempts[*n]
                .spot
                .until
                .get()
                .is_none_or(|until| until <= now)
        };
        (0..self.attempts.len()).filter(ready).collect()
    }

    /// Jobs that are due, and who could do them.
    fn due(&self) -> Vec<(usize, usize)> {
        let world = self.world.borrow();
        let up = |n: &usize| self.hosts[*n].down_until.is_none() && !world.stopping[*n];
        let hosts: Vec<_> = (0..self.hosts.len()).filter(up).collect();
        let due = world.rows.iter().filter(|row| row.job.is_due(world.now));
        let ops = due.map(|row| row.what.n);
        ops.flat_map(|op| hosts.iter().map(move |host| (*host, op)))
            .collect()
    }

    fn go_on(&mut self, n: usize) {
        let waker = noop_waker();
        let attempt = &mut self.attempts[n];
        if attempt
            .running
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
        {
            self.attempts.remove(n);
        }
    }

    /// When anything is next to happen by itself.
    fn next_at(&self) -> Option<Timestamp> {
        let world = self.world.borrow();
        let waiting = self
            .attempts
            .iter()
            .filter_map(|attempt| attempt.spot.until.get());
        let hosts = self
            .hosts
            .iter()
            .flat_map(|host| [host.down_until, host.stops_at]);
        let jobs = world.rows.iter().filter_map(|row| row.job.next_at());
        let all = waiting.chain(hosts.flatten()).chain(jobs).chain(world.next_at());
        all.filter(|at| *at > world.now).min()
    }

    /// Whether time passes although somebody could go on: a little, or so much that leases end meanwhile.
    fn time_passes(&mut self) -> bool {
        let milliseconds = match self.below(400) {
            0 if self.stalls_left > 0 => {
                self.stalls_left -= 1;
                self.world.borrow_mut().meet("held up");
                self.world.borrow_mut().dice.between(30_000, 300_000)
            }
            1..60 => self.world.borrow_mut().dice.between(1, 400),
            _ => return false,
        };
        let mut world = self.world.borrow_mut();
        let to = world.now + TimeDelta::milliseconds(milliseconds);
        world.pass(to);
        true
    }
}
