//! One attempt at an operation's job, as the worker makes it: the run, what becomes of the job, and the job's end.

use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc};

use super::{
    hands::Hand,
    place::{Place, Side, Spot},
    tables::Row,
    world::World,
};
use crate::{
    carriers::operations::{End, Reason, journal::Journal, rules::Moment, run},
    fault::{Fault, Result},
    jobs::{self, MAX_ATTEMPTS, Outcome, Verdict},
};

/// A run that goes on when the scheduler says so.
pub struct Attempt {
    pub host: usize,
    pub op: usize,
    pub lease: u64,
    pub spot: Rc<Spot>,
    pub running: Pin<Box<dyn Future<Output = ()>>>,
}

impl Attempt {
    /// A host claims the job of an operation.
    pub fn new(world: &Rc<RefCell<World>>, host: usize, op: usize) -> Self {
        let (lease, until, attempts) = claim(&mut world.borrow_mut(), host, op);
        let spot = Rc::new(Spot {
            place: (Place::Claimed, Side::After).into(),
            until: None.into(),
        });
        let hand = Hand {
            world: Rc::clone(world),
            spot: Rc::clone(&spot),
            host,
            op,
            lease,
            until,
            attempts,
            journal: Journal::default(),
            known: None,
            departure: None,
        };
        Self {
            host,
            op,
            lease,
            spot,
            running: Box::pin(attempt(hand)),
        }
    }
}

fn claim(world: &mut World, host: usize, op: usize) -> (u64, crate::app::Timestamp, u32) {
    let (now, lease) = (world.now, world.new_lease());
    for row in &mut world.rows {
        row.job.reclaim(now);
    }
    let job = &mut world.rows[op].job;
    let until = job.claim(lease, now);
    let attempts = job.attempts;
    world.judge.claimed(op, lease, now, until);
    world.say(format!(
        "host {host} claims op-{op} by lease {lease}, attempt {attempts}"
    ));
    (lease, until, attempts)
}

async fn attempt(mut hand: Hand) {
    hand.pause(Place::Claimed, Side::After).await;
    let outcome = match hand.attempts > MAX_ATTEMPTS {
        true => Outcome::GiveUp("the attempts did not come to an end".into()),
        false => Outcome::of(&perform(&mut hand).await),
    };
    let now = hand.world.borrow().now;
    let verdict = jobs::verdict(outcome, hand.attempts, now);
    if let Verdict::Dead { error } = &verdict
        && set_aside(&mut hand, error.clone()).await.is_err()
    {
        return;
    }
    // Where it cannot be stored, the lease expires.
    let _ = finish(&mut hand, &verdict).await;
}

async fn perform(hand: &mut Hand) -> Result<()> {
    hand.last(jobs::LEASE / 2).await?;
    let find = |hand: &mut Hand, world: &mut World| {
        let row = &world.rows[hand.op];
        hand.known = Some(Moment {
            asked_at: row.asked_at,
            retried_at: row.retried_at,
            now: world.now,
            woken_at: row.woken_at,
        });
        Ok((row.what.kind, row.state.is_over()))
    };
    let (kind, is_over) = hand.transact(Place::Found, find).await?;
    if is_over {
        return Ok(());
    }
    let load = |hand: &mut Hand, world: &mut World| {
        hand.journal = world.rows[hand.op].journal.clone();
        Ok(())
    };
    hand.transact(Place::Loaded, load).await?;
    run::drive(hand, kind).await
}

/// Gives the operation up with its job.
async fn set_aside(hand: &mut Hand, text: String) -> Result<()> {
    let op = hand.op;
    hand.world.borrow_mut().judge.excused.push(op);
    hand.world.borrow_mut().meet("set aside");
    let abandon = |_: &Hand, row: &mut Row, now| {
        if row.state.is_over() {
            return Ok(());
        }
        let reason = Reason {
            text,
            may_have_happened: true,
        };
        row.end(End::GivenUp(reason), now)
    };
    hand.write(Place::SetAside, abandon).await
}

async fn finish(hand: &mut Hand, verdict: &Verdict) -> Result<()> {
    let finish = |hand: &mut Hand, world: &mut World| {
        let now = world.now;
        if !world.rows[hand.op].job.finish(hand.lease, verdict) {
            return Err(Fault::broken("the lease expired before the job ended"));
        }
        world.judge.ended(hand.lease, now);
        Ok(())
    };
    hand.transact(Place::Finished, finish).await
}
