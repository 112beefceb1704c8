//! Everything that outlives a host: the clock, the database, the carrier, what is on its way between them, and the log of what
//! happened.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use nexusport_sandbox::carrier::{Answer, Response};
use nexusport_simulator::Kind as Command;

use super::{
    carrier::Carrier,
    dice::Dice,
    judge::Judge,
    requests::{Departure, Leg},
    tables::Row,
    trouble::{Heard, Trouble},
};
use crate::{app::Timestamp, carriers::operations::rules::Known};

pub struct World {
    pub now: Timestamp,
    pub dice: Dice,
    pub carrier: Carrier,
    pub rows: Vec<Row>,
    /// Which hosts were told to stop.
    pub stopping: Vec<bool>,
    pub requests: Vec<Departure>,
    pub pushes: Vec<(Timestamp, String)>,
    pub rates: Rates,
    /// How many requests of each operation something may still go wrong with.
    pub troubles_left: Vec<u32>,
    pub replaced_at: Timestamp,
    pub judge: Judge,
    pub log: Vec<String>,
    pub met: BTreeMap<String, u64>,
    leases: u64,
}

/// How often something happens: once in so many.
pub struct Rates {
    pub trouble: usize,
    pub no_database: usize,
    pub no_adapter: usize,
    pub push: usize,
}

impl World {
    pub fn new(now: Timestamp, dice: Dice, carrier: Carrier, rates: Rates) -> Self {
        Self {
            now,
            dice,
            carrier,
            rows: Vec::new(),
            stopping: Vec::new(),
            requests: Vec::new(),
            pushes: Vec::new(),
            rates,
            troubles_left: Vec::new(),
            replaced_at: now,
            judge: Judge::default(),
            log: Vec::new(),
            met: BTreeMap::new(),
            leases: 0,
        }
    }

    pub fn say(&mut self, what: impl AsRef<str>) {
        let now = self.now.format("%d %H:%M:%S%.3f");
        self.log.push(format!("{now} {}", what.as_ref()));
    }

    pub fn meet(&mut self, what: impl Into<String>) {
        *self.met.entry(what.into()).or_default() += 1;
    }

    pub fn new_lease(&mut self) -> u64 {
        self.leases += 1;
        self.leases
    }

    /// Has a request sent; gives its number.
    pub fn depart(&mut self, op: usize, host: usize) -> usize {
        let journal = &self.rows[op].journal;
        let (slots, request) = (journal.slots(), journal.last().cloned());
        let (n, request) = (slots.len() - 1, request.expect("it was written"));
        if slots[n].known != Known::Sending {
            self.judge
                .wrongs
                .push(format!("op-{op}/{n} leaves and is not written as sending"));
        }
        let struck = self.troubles_left[op] > 0 && self.dice.one_in(self.rates.trouble);
        let trouble = struck.then(|| {
            self.troubles_left[op] -= 1;
            Trouble::any(&mut self.dice, request.method == "POST")
        });
        let departure = Departure::new((op, n, host), request, trouble, self.now, &mut self.dice);
        self.requests.push(departure);
        self.requests.len() - 1
    }

    /// A host is gone: what it held back never leaves.
    pub fn abandon(&mut self, host: usize, op: usize) {
        let held = |it: &&mut Departure| it.host == host && it.op == op && it.leg == Leg::Held;
        for request in self.requests.iter_mut().filter(held) {
            (request.leg, request.leaves_at) = (Leg::Never, self.now);
        }
    }

    /// When something next happens by itself.
    pub fn next_at(&self) -> Option<Timestamp> {
        let requests = self.requests.iter().filter_map(Departure::next_at);
        requests.chain(self.pushes.iter().map(|(at, _)| *at)).min()
    }

    /// Lets time pass, and happen what happens meanwhile.
    pub fn pass(&mut self, to: Timestamp) {
        while let Some(at) = self.next_at().filter(|at| *at <= to) {
            self.now = self.now.max(at);
            if let Some(n) = self.pushes.iter().position(|(pushed, _)| *pushed == at) {
                let (_, key) = self.pushes.remove(n);
                self.push(&key);
            } else if let Some(n) = self.requests.iter().position(|it| it.next_at() == Some(at)) {
                self.travel(n);
            }
        }
        self.now = self.now.max(to);
    }

    fn push(&mut self, key: &str) {
        let now = self.now;
        let woken = self
            .rows
            .iter_mut()
            .filter_map(|row| row.wake(key, now).then_some(row.what.n));
        let woken: Vec<_> = woken.collect();
        if !woken.is_empty() {
            self.meet("woken");
        }
        self.say(format!("push of {key} wakes {woken:?}"));
    }

    fn travel(&mut self, n: usize) {
        match self.requests[n].leg {
            Leg::Held => self.leave(n),
            _ => self.arrive(n),
        }
    }

    fn leave(&mut self, n: usize) {
        let departure = &mut self.requests[n];
        departure.leg = if departure.effect.works {
            Leg::OnTheWay
        } else {
            Leg::Never
        };
        let leaves = departure.effect.heard != Heard::NotSent;
        let trouble = departure.trouble.as_ref().map_or("", Trouble::name);
        let line = format!("{} leaves {trouble}", departure.name());
        self.say(line);
        if !trouble.is_empty() {
            self.meet(format!("trouble {trouble}"));
        }
        if leaves {
            self.judge.left(&self.requests, n, &self.carrier);
        }
    }

    fn arrive(&mut self, n: usize) {
        let (now, settle_ms) = (self.now, i64::from(self.carrier.settle_s) * 1000);
        let departure = &mut self.requests[n];
        departure.leg = Leg::Arrived;
        let unseen_ms = if self.dice.one_in(2) {
            settle_ms
        } else {
            self.dice.between(0, settle_ms)
        };
        let (before, fate) = (self.carrier.orders.len(), departure.effect.fate);
        let unseen = TimeDelta::milliseconds(unseen_ms);
        let response = self.carrier.handle(now, &departure.request, fate, unseen);
        let line = format!(
            "{} arrives: {} {}",
            departure.name(),
            response.status,
            String::from_utf8_lossy(&response.body)
        );
        match departure.effect.heard {
            Heard::Truth => departure.answer = Answer::Answered(response),
            Heard::Garble => {
                let body = b"?".to_vec();
                departure.answer = Answer::Answered(Response { body, ..response });
            }
            Heard::Status(_) | Heard::Nothing | Heard::NotSent => {}
        }
        let (trouble, op) = (departure.trouble.clone(), departure.op);
        self.say(line);
        if self.carrier.orders.len() > before {
            self.tell(before, trouble.as_ref());
        }
        if trouble == Some(Trouble::Drift) {
            let (port, mbps) = (self.rows[op].what.port, self.dice.between(1, 90) as u32 * 100);
            // Just after: what was read at this instant was true.
            let at = now + TimeDelta::milliseconds(1);
            self.carrier.ports[port].drifts.push((at, mbps));
            self.say(format!("port {port} drifts to {mbps}"));
        }
    }

    /// What the carrier will push about a new order.
    fn tell(&mut self, order: usize, trouble: Option<&Trouble>) {
        let due_at = self.carrier.orders[order].due_at;
        let twice = trouble == Some(&Trouble::OnCommand(Command::DuplicateNotification));
        for at in [self.now, due_at, due_at] {
            if twice || self.dice.one_in(self.rates.push) {
                let at = at + TimeDelta::milliseconds(self.dice.between(1, 4_000));
                self.pushes.push((at, format!("order-{order}")));
            }
        }
    }

    /// What the adapter is asked about does not depend on chance.
    pub fn is_replaced(&self) -> bool {
        self.now >= self.replaced_at
    }

    pub fn is_over(&self) -> bool {
        self.rows
            .iter()
            .all(|row| row.state.is_over() && row.job.is_over())
    }
}
