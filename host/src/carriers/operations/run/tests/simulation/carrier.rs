//! A carrier that keeps its own state. What it takes on shows in its answers only once it has settled: until then it would take
//! the same order again.

use chrono::TimeDelta;
use nexusport_sandbox::carrier::{Request, Response};

use crate::app::Timestamp;

pub struct Carrier {
    /// Whether orders of one key are one order.
    pub keyed: bool,
    /// How long at most what it took on may stay unseen, as it says itself.
    pub settle_s: u32,
    pub provisioning: TimeDelta,
    pub ports: Vec<Port>,
    pub orders: Vec<Order>,
}

pub struct Port {
    /// What it had from when on, in order.
    pub drifts: Vec<(Timestamp, u32)>,
    /// Whether an order of it is never carried out.
    pub is_stuck: bool,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub reference: String,
    pub port: usize,
    pub mbps: u32,
    pub shows_at: Timestamp,
    pub due_at: Timestamp,
    pub fate: Fate,
}

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Completes,
    Rejected,
    Never,
}

impl Order {
    fn is_open(&self, now: Timestamp) -> bool {
        self.fate == Fate::Never || now < self.due_at
    }

    fn status(&self, now: Timestamp) -> &'static str {
        match self.fate {
            _ if self.is_open(now) => "open",
            Fate::Rejected => "rejected",
            Fate::Completes | Fate::Never => "completed",
        }
    }
}

impl Carrier {
    /// Does what it is asked. `unseen` is how long a new order does not show.
    pub fn handle(&mut self, now: Timestamp, request: &Request, fate: Fate, unseen: TimeDelta) -> Response {
        let words: Vec<&str> = request.target.trim_start_matches('/').split(['/', '?']).collect();
        match (&*request.method, &*words) {
            ("POST", ["ports", port, "orders"]) => {
                let body = String::from_utf8_lossy(&request.body);
                let (mbps, reference) = body.split_once(' ').unwrap_or_default();
                let order = Order {
                    reference: reference.to_owned(),
                    port: number(port),
                    mbps: mbps.parse().unwrap(),
                    shows_at: now + unseen,
                    due_at: now + self.provisioning,
                    fate,
                };
                self.place(now, order)
            }
            ("GET", ["orders", query]) if query.starts_with("reference=") => {
                let reference = &query["reference=".len()..];
                let mut shown = self.shown(now);
                match shown.find(|(_, order)| order.reference == reference) {
                    Some((id, _)) => response(200, format!("order-{id}")),
                    None => response(200, "none"),
                }
            }
            ("GET", ["orders", id]) => {
                let mut shown = self.shown(now);
                match shown.find(|(n, _)| *n == number(id)) {
                    Some((_, order)) => response(200, describe(order, now)),
                    None => response(404, ""),
                }
            }
            ("GET", ["ports", port]) => response(200, self.speed(number(port), now).to_string()),
            _ => response(404, ""),
        }
    }

    fn place(&mut self, now: Timestamp, order: Order) -> Response {
        let same = |(_, other): &(usize, &Order)| other.reference == order.reference;
        let mut all = self.orders.iter().enumerate();
        if let Some((id, _)) = all.find(same).filter(|_| self.keyed) {
            return response(202, format!("order-{id}"));
        }
        let in_the_way = |(_, other): (usize, &Order)| other.port == order.port && other.is_open(now);
        if self.shown(now).any(in_the_way) {
            return response(409, "order_in_flight");
        }
        self.ports[order.port].is_stuck |= order.fate == Fate::Never;
        self.orders.push(order);
        response(202, format!("order-{}", self.orders.len() - 1))
    }

    /// Which orders it knows of, and their numbers.
    fn shown(&self, now: Timestamp) -> impl Iterator<Item = (usize, &Order)> {
        let all = self.orders.iter().enumerate();
        all.filter(move |(_, order)| order.shows_at <= now)
    }

    pub fn of(&self, reference: &str) -> Vec<&Order> {
        self.orders
            .iter()
            .filter(|order| order.reference == reference)
            .collect()
    }

    /// What a port has at an instant. Of what began at once, what drifted counts.
    pub fn speed(&self, port: usize, at: Timestamp) -> u32 {
        let completed = |order: &&Order| order.port == port && order.fate == Fate::Completes;
        let orders = self.orders.iter().filter(completed);
        let orders = orders.map(|order| (order.due_at, order.mbps));
        let all = orders.chain(self.ports[port].drifts.iter().copied());
        let begun = all.filter(|(since, _)| *since <= at);
        begun.max_by_key(|(since, _)| *since).map_or(0, |(_, mbps)| mbps)
    }

    /// What a port had at any instant of this stretch.
    pub fn speeds(&self, port: usize, from: Timestamp, to: Timestamp) -> Vec<u32> {
        let due = self.orders.iter().map(|order| order.due_at);
        let drifted = self.ports[port].drifts.iter().map(|(since, _)| *since);
        let changed = due.chain(drifted).filter(|at| *at > from && *at <= to);
        changed.chain([from]).map(|at| self.speed(port, at)).collect()
    }
}

/// The number in a name such as `order-3`.
fn number(name: &str) -> usize {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().unwrap_or(usize::MAX)
}

fn describe(order: &Order, now: Timestamp) -> String {
    let (status, mbps, since) = (order.status(now), order.mbps, order.due_at.timestamp_millis());
    format!("{status} {mbps} {since}")
}

pub fn response(status: u16, body: impl Into<String>) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: body.into().into_bytes(),
    }
}
