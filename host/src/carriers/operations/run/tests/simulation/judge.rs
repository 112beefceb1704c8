//! Whoever watches: knows what really happened, and what nobody may do. It believes neither the tables nor the hosts.

use chrono::TimeDelta;
use nexusport_sandbox::carrier::{Answer, Outcome};

use super::{
    adapter::{Adapter, is_lookup},
    carrier::{Carrier, Fate, Order},
    requests::{Departure, Leg},
    tables::Row,
};
use crate::{
    app::Timestamp,
    carriers::operations::{End, Kind, rules::REQUEST_TIMEOUT_S},
};

#[derive(Default)]
pub struct Judge {
    leases: Vec<Lease>,
    /// Operations that a person gave up, or whose job was set aside.
    pub excused: Vec<usize>,
    pub wrongs: Vec<String>,
}

struct Lease {
    op: usize,
    id: u64,
    until: Timestamp,
}

impl Judge {
    pub fn claimed(&mut self, op: usize, id: u64, now: Timestamp, until: Timestamp) {
        if let Some(other) = self
            .leases
            .iter()
            .find(|lease| lease.op == op && lease.until > now)
        {
            let wrong = format!("lease {id} of op-{op} was given while {} held", other.id);
            self.wrongs.push(wrong);
        }
        self.leases.push(Lease { op, id, until });
    }

    pub fn extended(&mut self, id: u64, until: Timestamp) {
        let lease = self.leases.iter_mut().find(|lease| lease.id == id);
        lease.expect("it was given").until = until;
    }

    /// The lease ends now.
    pub fn ended(&mut self, id: u64, now: Timestamp) {
        let lease = self.leases.iter_mut().find(|lease| lease.id == id);
        let lease = lease.expect("it was given");
        lease.until = lease.until.min(now);
    }

    /// Something was written of the operation under this lease.
    pub fn wrote(&mut self, op: usize, id: u64, now: Timestamp) {
        if !self
            .leases
            .iter()
            .any(|lease| lease.id == id && lease.op == op && lease.until > now)
        {
            self.wrongs
                .push(format!("op-{op} was written by lease {id}, which is over"));
        }
    }

    /// The nth of these requests leaves.
    pub fn left(&mut self, requests: &[Departure], n: usize, carrier: &Carrier) {
        let leaving = &requests[n];
        let others = requests.iter().enumerate();
        let others = others.filter(|(other, it)| *other != n && it.op == leaving.op && it.leg != Leg::Held);
        let mine: Vec<_> = others.map(|(_, it)| it).collect();
        if mine
            .iter()
            .any(|it| it.n == leaving.n && it.request != leaving.request)
        {
            self.wrongs
                .push(format!("{} left again in other words", leaving.name()));
        }
        if leaving.request.repeatable {
            return;
        }
        for earlier in mine.iter().filter(|other| !other.request.repeatable) {
            if !is_proven_absent(earlier, &mine, carrier) {
                let wrong = format!(
                    "{} left though {} may have arrived",
                    leaving.name(),
                    earlier.name()
                );
                self.wrongs.push(wrong);
            }
        }
    }

    /// When nothing moves any more.
    pub fn end(&mut self, rows: &[Row], requests: &[Departure], carrier: &Carrier) {
        for row in rows {
            let mine: Vec<_> = requests
                .iter()
                .filter(|request| request.op == row.what.n)
                .collect();
            if let Err(wrong) = self.check(row, &mine, carrier) {
                self.wrongs
                    .push(format!("op-{} {wrong}: {:?}", row.what.n, row.end));
            }
        }
    }

    fn check(&self, row: &Row, requests: &[&Departure], carrier: &Carrier) -> Result<(), &'static str> {
        let orders = carrier.of(&row.what.reference());
        if !row.state.is_over() || !row.job.is_over() {
            return Err("waits for ever");
        }
        if orders.len() > 1 {
            return Err("was ordered twice");
        }
        match row.end.as_ref().ok_or("ended without an end")? {
            End::Done(outcome) => is_true(outcome, row, &orders, requests, carrier),
            End::GivenUp(reason) if !reason.may_have_happened && !orders.is_empty() => {
                Err("was said not to have happened, and did")
            }
            End::GivenUp(_) if self.must_be_done(row, carrier) => Err("was given up without need"),
            End::GivenUp(_) => Ok(()),
        }
    }

    /// Whether nothing was in its way that lasts.
    fn must_be_done(&self, row: &Row, carrier: &Carrier) -> bool {
        let knows = matches!(row.what.adapter, Adapter::Careful | Adapter::Keyed);
        let reads = row.what.kind == Kind::ReadPort && row.what.adapter != Adapter::Replaced;
        let is_excused = self.excused.contains(&row.what.n);
        reads && !is_excused || knows && !is_excused && !carrier.ports[row.what.port].is_stuck
    }
}

/// Whether this is what the carrier has.
fn is_true(
    outcome: &Outcome,
    row: &Row,
    orders: &[&Order],
    requests: &[&Departure],
    carrier: &Carrier,
) -> Result<(), &'static str> {
    match (outcome, orders) {
        (Outcome::Applied(state), [order]) => {
            let since = Some(order.due_at.timestamp_millis());
            let same = order.fate == Fate::Completes && order.mbps == row.what.mbps;
            (same && state.mbps == order.mbps && state.since == since)
                .then_some(())
                .ok_or("is done, and the carrier has something else")
        }
        (Outcome::Rejected(_), [order]) if order.fate == Fate::Rejected => Ok(()),
        (Outcome::State(state), []) => {
            let from = requests.first().map_or(row.asked_at, |first| first.leaves_at);
            let speeds = carrier.speeds(row.what.port, from, row.ended_at.unwrap_or(from));
            speeds
                .contains(&state.mbps)
                .then_some(())
                .ok_or("read what never was")
        }
        _ => Err("is done, and the carrier knows nothing of it"),
    }
}

/// Whether somebody was told that this request was not carried out, and could know it.
fn is_proven_absent(earlier: &Departure, mine: &[&Departure], carrier: &Carrier) -> bool {
    was_refused(earlier) || mine.iter().any(|later| says_none(later, earlier, carrier))
}

fn was_refused(request: &Departure) -> bool {
    match &request.recorded {
        Some(Answer::NotSent(_)) => true,
        Some(Answer::Answered(response)) => matches!(response.status, 409 | 429 | 503),
        Some(Answer::Lost(_)) | None => false,
    }
}

/// Whether the carrier said that it has no such order, asked when this one could not arrive any more.
fn says_none(later: &Departure, earlier: &Departure, carrier: &Carrier) -> bool {
    let settled = TimeDelta::seconds(i64::from(REQUEST_TIMEOUT_S) + i64::from(carrier.settle_s));
    let none =
        |answer: &Answer| matches!(answer, Answer::Answered(it) if it.status == 200 && it.body == b"none");
    later.leaves_at >= earlier.leaves_at + settled
        && is_lookup(&later.request)
        && later.recorded.as_ref().is_some_and(none)
}
