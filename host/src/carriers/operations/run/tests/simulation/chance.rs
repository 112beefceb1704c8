//! What happens to hosts and operations: deaths, stops, and people who give up or have taken up again.

use chrono::TimeDelta;

use super::{
    attempt::Attempt,
    place::{Place, Side},
    play::{Host, Play},
    tables::Row,
};
use crate::{
    carriers::operations::{End, rules},
    worker::GRACE,
};

impl Play {
    /// Something happens to a host or an operation, or nothing.
    pub fn something_happens(&mut self) {
        let chance = self.below(600);
        let host = self.below(self.hosts.len());
        if let Some(host) = self.aimed_at() {
            return self.die(host);
        }
        match chance {
            0..6 if self.deaths_left > 0 && self.hosts[host].down_until.is_none() => {
                self.deaths_left -= 1;
                self.die(host);
            }
            10..15 if self.stops_left > 0 && self.hosts[host].down_until.is_none() => self.stop(host),
            20..24 if self.cancels_left > 0 => self.cancel(),
            30 => {
                self.is_asked_again();
            }
            _ => {}
        }
    }

    /// A host that stands where one is to die; not each does.
    fn aimed_at(&mut self) -> Option<usize> {
        let stands = |aim: &(Place, Side)| self.attempts.iter().position(|it| it.spot.place.get() == *aim);
        let (n, attempt) = (0..)
            .zip(&self.aims)
            .find_map(|(n, aim)| Some((n, stands(aim)?)))?;
        if self.below(3) > 0 {
            return None;
        }
        self.aims.remove(n);
        Some(self.attempts[attempt].host)
    }

    /// A host dies, and with it whatever it did; it is back later.
    fn die(&mut self, host: usize) {
        let now = self.now();
        for attempt in self.drop_attempts(host) {
            let (place, side) = attempt.spot.place.get();
            self.world.borrow_mut().meet(format!("died {side:?} {place:?}"));
        }
        let mut world = self.world.borrow_mut();
        world.say(format!("host {host} dies"));
        world.stopping[host] = false;
        let down = TimeDelta::milliseconds(world.dice.between(1, 400_000));
        self.hosts[host] = Host {
            down_until: Some(now + down),
            stops_at: None,
        };
    }

    fn drop_attempts(&mut self, host: usize) -> Vec<Attempt> {
        let (gone, left) = std::mem::take(&mut self.attempts)
            .into_iter()
            .partition(|attempt| attempt.host == host);
        self.attempts = left;
        let gone: Vec<Attempt> = gone;
        for attempt in &gone {
            self.world.borrow_mut().abandon(host, attempt.op);
        }
        gone
    }

    /// A host is told to stop.
    fn stop(&mut self, host: usize) {
        self.stops_left -= 1;
        let mut world = self.world.borrow_mut();
        world.say(format!("host {host} is to stop"));
        world.stopping[host] = true;
        self.hosts[host].stops_at = Some(world.now + TimeDelta::from_std(GRACE).unwrap());
    }

    /// Hosts that were down are up; those that were to stop give back what they did not end, and begin anew.
    pub fn come_back(&mut self) {
        let now = self.now();
        for host in 0..self.hosts.len() {
            let Host { down_until, stops_at } = self.hosts[host];
            if down_until.is_some_and(|until| until <= now) {
                self.hosts[host] = Host::default();
            }
            let ended = !self.attempts.iter().any(|attempt| attempt.host == host);
            if stops_at.is_some_and(|at| ended || at <= now) {
                self.give_back(host);
            }
        }
    }

    fn give_back(&mut self, host: usize) {
        for attempt in self.drop_attempts(host) {
            let mut world = self.world.borrow_mut();
            let now = world.now;
            if world.rows[attempt.op].job.give_back(attempt.lease) {
                world.judge.ended(attempt.lease, now);
                world.meet("given back");
            }
        }
        let mut world = self.world.borrow_mut();
        world.say(format!("host {host} has stopped"));
        world.stopping[host] = false;
        self.hosts[host] = Host::default();
    }

    /// Whether a person has an operation taken up again that was given up.
    pub fn is_asked_again(&mut self) -> bool {
        let mut world = self.world.borrow_mut();
        let world = &mut *world;
        let given_up = |row: &&Row| matches!(row.end, Some(End::GivenUp(_)));
        let ops: Vec<_> = world.rows.iter().filter(given_up).map(|row| row.what.n).collect();
        if ops.is_empty() || self.retries_left == 0 {
            return false;
        }
        self.retries_left -= 1;
        let op = world.dice.pick(&ops);
        let now = world.now;
        world.rows[op].take_up(now).expect("it was given up");
        world.say(format!("op-{op} is taken up again"));
        world.meet("taken up by hand");
        true
    }

    /// A person gives an operation up that goes on.
    fn cancel(&mut self) {
        let mut world = self.world.borrow_mut();
        let world = &mut *world;
        let now = world.now;
        let goes_on = |row: &&Row| !row.state.is_over() && row.asked_at <= now;
        let ops: Vec<_> = world.rows.iter().filter(goes_on).map(|row| row.what.n).collect();
        if ops.is_empty() {
            return;
        }
        self.cancels_left -= 1;
        let op = world.dice.pick(&ops);
        let reason = rules::reason(&world.rows[op].journal.slots(), "cancelled by hand".into());
        world.rows[op].end(End::GivenUp(reason), now).expect("it goes on");
        world.judge.excused.push(op);
        world.say(format!("op-{op} is given up by hand"));
        world.meet("given up by hand");
    }
}
