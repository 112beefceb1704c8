//! The hands of a host in this world: the same steps as the host's own, in the same order, each under the job's lease, and at
//! every wait the host may be held up, may die, or may find no database.

use std::{cell::RefCell, future::poll_fn, rc::Rc, task::Poll, time::Duration};

use nexusport_sandbox::carrier::{Answer, Request};

use super::{
    place::{Place, Side, Spot},
    tables::{Row, span},
    world::World,
};
use crate::{
    app::Timestamp,
    carriers::operations::{
        End,
        host::{EXCHANGE, before_sending},
        journal::Journal,
        rules::{Bounds, Known, Moment, Slot},
        run::{Asked, Hands},
    },
    fault::{Fault, Result},
};

/// A run's hold on its operation.
pub struct Hand {
    pub world: Rc<RefCell<World>>,
    pub spot: Rc<Spot>,
    pub host: usize,
    pub op: usize,
    pub lease: u64,
    /// When the lease ends, as far as this host knows.
    pub until: Timestamp,
    pub attempts: u32,
    pub journal: Journal,
    /// What it knew of the operation when it began.
    pub known: Option<Moment>,
    /// What is under way.
    pub departure: Option<usize>,
}

impl Hand {
    /// Lets others go on.
    pub async fn pause(&self, place: Place, side: Side) {
        self.pause_until(place, side, None).await;
    }

    async fn pause_until(&self, place: Place, side: Side, until: Option<Timestamp>) {
        self.spot.place.set((place, side));
        self.spot.until.set(until);
        let mut waited = false;
        poll_fn(|_| match std::mem::replace(&mut waited, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    /// A transaction.
    pub async fn transact<T>(
        &mut self,
        place: Place,
        work: impl FnOnce(&mut Self, &mut World) -> Result<T>,
    ) -> Result<T> {
        self.pause(place, Side::Before).await;
        let rate = self.world.borrow().rates.no_database;
        self.may_fail(rate, "no database")?;
        let world = Rc::clone(&self.world);
        let done = work(self, &mut world.borrow_mut());
        match &done {
            Ok(_) => self.say(&format!("{place:?}")),
            Err(fault) => self.say(&format!("not {place:?}: {fault}")),
        }
        let done = done?;
        self.pause(place, Side::After).await;
        // It is kept, and nobody here knows.
        self.may_fail(2 * rate, "no answer of the database")?;
        Ok(done)
    }

    fn say(&self, what: &str) {
        let line = format!("host {} op-{} {what}", self.host, self.op);
        self.world.borrow_mut().say(line);
    }

    /// A transaction that only the holder of the lease gets.
    pub async fn write<T>(
        &mut self,
        place: Place,
        work: impl FnOnce(&Self, &mut Row, Timestamp) -> Result<T>,
    ) -> Result<T> {
        let write = |hand: &mut Self, world: &mut World| {
            let (op, now) = (hand.op, world.now);
            if !world.rows[op].job.is_held(hand.lease, now) {
                world.meet("refused without the lease");
                return Err(Fault::broken("the lease has expired"));
            }
            let done = work(hand, &mut world.rows[op], now)?;
            world.judge.wrote(op, hand.lease, now);
            Ok(done)
        };
        self.transact(place, write).await
    }

    /// Makes the lease last at least this much longer.
    pub async fn last(&mut self, at_least: Duration) -> Result<()> {
        let asked = self.world.borrow().now;
        let to = asked + span(at_least);
        if self.until >= to {
            return Ok(());
        }
        let extend = |hand: &mut Self, world: &mut World| {
            let now = world.now;
            let at_least = now + span(at_least);
            if !world.rows[hand.op].job.extend(hand.lease, at_least, now) {
                world.meet("not extended");
                return Err(Fault::broken("the lease has expired"));
            }
            world.judge.extended(hand.lease, at_least);
            world.meet("extended");
            Ok(())
        };
        self.transact(Place::Extended, extend).await?;
        self.until = to;
        Ok(())
    }

    fn may_fail(&self, one_in: usize, why: &'static str) -> Result<()> {
        if !self.world.borrow_mut().dice.one_in(one_in) {
            return Ok(());
        }
        self.world.borrow_mut().meet(why);
        self.say(why);
        Err(Fault::broken(why))
    }
}

impl Hands for Hand {
    fn moment(&self) -> Moment {
        let now = self.world.borrow().now;
        Moment {
            now,
            ..self.known.expect("it was loaded")
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            exchanges: 64,
            request_bytes: 256 << 10,
            settle_s: self.world.borrow().carrier.settle_s,
        }
    }

    fn is_stopping(&self) -> bool {
        self.world.borrow().stopping[self.host]
    }

    fn slots(&self) -> Vec<Slot> {
        self.journal.slots()
    }

    async fn ask(&mut self, exchanges: usize) -> Result<Asked> {
        self.pause(Place::Asked, Side::Before).await;
        let rate = self.world.borrow().rates.no_adapter;
        self.may_fail(rate, "no answer of the adapter")?;
        let step = {
            let world = self.world.borrow();
            let what = &world.rows[self.op].what;
            let journal = self.journal.exchanges(exchanges);
            what.adapter.next(what, &journal, world.is_replaced())
        };
        self.pause(Place::Asked, Side::After).await;
        Ok(Asked::Step(step))
    }

    async fn append(&mut self, request: Request) -> Result<()> {
        self.last(before_sending(&self.bounds())).await?;
        let n = self.journal.slots().len();
        let append = |_: &Self, row: &mut Row, now| {
            row.resume()?;
            row.journal.insert(n, request, now)
        };
        self.write(Place::Appended, append).await?;
        self.journal = self.world.borrow().rows[self.op].journal.clone();
        Ok(())
    }

    async fn reopen(&mut self) -> Result<()> {
        self.last(before_sending(&self.bounds())).await?;
        let reopen = |hand: &Self, row: &mut Row, _| {
            row.resume()?;
            row.journal.reopen_as(&hand.journal)
        };
        self.write(Place::Reopened, reopen).await?;
        self.journal = self.world.borrow().rows[self.op].journal.clone();
        Ok(())
    }

    async fn send(&mut self) -> Result<Answer> {
        self.pause(Place::Sent, Side::Before).await;
        let sent = {
            let mut world = self.world.borrow_mut();
            if self.until < world.now + span(EXCHANGE) {
                world.meet("held up before sending");
                return Err(Fault::broken("the lease no longer covers the exchange"));
            }
            let n = world.depart(self.op, self.host);
            self.departure = Some(n);
            n
        };
        let heard_at = self.world.borrow().requests[sent].heard_at;
        self.pause_until(Place::Sent, Side::After, Some(heard_at)).await;
        Ok(self.world.borrow().requests[sent].answer.clone())
    }

    async fn record(&mut self, answer: Answer) -> Result<()> {
        let taken = self.departure.is_none();
        let record = |hand: &mut Self, world: &mut World| {
            let (op, now) = (hand.op, world.now);
            if !world.rows[op].job.is_held(hand.lease, now) {
                world.meet("refused without the lease");
                return Err(Fault::broken("the lease has expired"));
            }
            debug_assert_eq!(
                hand.journal.slots().last().map(|slot| slot.known),
                Some(Known::Sending)
            );
            world.rows[op]
                .journal
                .record_as(&hand.journal, answer.clone(), now)?;
            world.judge.wrote(op, hand.lease, now);
            if taken {
                world.meet("taken up as lost");
            }
            if let Some(n) = hand.departure.take() {
                world.requests[n].recorded = Some(answer);
            }
            Ok(())
        };
        self.transact(Place::Recorded, record).await?;
        self.journal = self.world.borrow().rows[self.op].journal.clone();
        Ok(())
    }

    async fn wait(&mut self, until: Timestamp, wake_on: Vec<String>) -> Result<()> {
        let wait = |_: &Self, row: &mut Row, _| row.wait(until, wake_on);
        self.write(Place::Waited, wait).await
    }

    async fn end(&mut self, end: End) -> Result<()> {
        let end = |_: &Self, row: &mut Row, now| row.end(end, now);
        self.write(Place::Ended, end).await
    }
}
