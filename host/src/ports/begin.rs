//! What jobs run: beginning changes and return legs whose time has come, one at a time for each port. A job only
//! wakes its port; what is begun is what is due first.

use serde_json::json;

use super::{
    Kind,
    change::{Change, ChangeState, Leg, LegState, store},
    pin::{Aim, order, pin, read_back},
    port,
    steps::{RETRY_MAX, Steps},
    verified,
};
use crate::{
    app::App,
    carriers::operations::{self, Cause, Pinned},
    crash::{self, Point},
    db::Housekeeping,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{ChangeId, PortId, ReturnLegId},
    jobs::{self, Lease},
};

/// Begins what is due on the change's port; reads the port back again where the change waits to be seen.
pub async fn start_change(app: &App, caller: &Caller, id: ChangeId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let port = store::find(&mut tx, id).await?.port;
    drop(tx);
    begin(app, caller, port, Woken::Change(id)).await
}

/// Begins what is due on the return leg's port; tries the leg again where it failed or cannot be told, and reads the
/// port back again where it waits to be seen.
pub async fn start_return(app: &App, caller: &Caller, id: ReturnLegId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let port = store::find_leg(&mut tx, id).await?.port;
    drop(tx);
    begin(app, caller, port, Woken::Leg(id)).await
}

/// Has a return leg tried again whose job is set aside, under the job's lease: whatever is in the way, a port does not
/// stay up because nobody tries any more.
pub async fn return_later(app: &App, caller: &Caller, id: ReturnLegId, lease: &Lease) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    let leg = store::find_leg(&mut tx, id).await?;
    if leg.state.next().is_empty() {
        return Ok(());
    }
    let (at, by) = (tx.now() + RETRY_MAX, tx.initiator());
    jobs::enqueue_for(&mut tx, leg.scope.tenant(), jobs::Kind::StartReturn(id), at, by).await?;
    tx.commit_housekeeping(Housekeeping::Lease).await
}

/// What a job is about.
#[derive(Clone, Copy)]
enum Woken {
    Change(ChangeId),
    Leg(ReturnLegId),
}

impl Woken {
    /// Before and after what is due has begun.
    const fn points(self) -> [Point; 2] {
        match self {
            Self::Change(_) => [Point::BeginningChange, Point::BegunChange],
            Self::Leg(_) => [Point::BeginningReturn, Point::BegunReturn],
        }
    }
}

async fn begin(app: &App, caller: &Caller, id: PortId, woken: Woken) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let port = port::store::find(&mut tx, id).await?;
    drop(tx);
    let pinned = match pin(app, caller, &port).await {
        Err(Fault::Refused(refusal)) => Err(refusal.message.into_owned()),
        pinned => Ok(pinned?),
    };
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let port = port::store::lock(&mut tx, id).await?;
    let mut turn = Turn {
        steps: Steps::new(&mut tx, port),
        pinned,
    };
    turn.again(woken).await?;
    turn.go_on().await?;
    let mut events = turn.steps.events;
    let Some(last) = events.pop() else {
        return Ok(());
    };
    for event in events {
        tx.record(event).await?;
    }
    let [before, after] = woken.points();
    crash::point(before);
    tx.commit(last).await?;
    crash::point(after);
    Ok(())
}

/// A port's turn to go on.
struct Turn<'a> {
    steps: Steps<'a>,
    /// What operations are pinned to, or why nothing can be asked of the carrier.
    pinned: Result<Pinned, String>,
}

impl Turn<'_> {
    /// What the job is about may have begun before and not have ended.
    async fn again(&mut self, woken: Woken) -> Result<()> {
        match woken {
            Woken::Change(id) => {
                let change = store::find(self.steps.tx, id).await?;
                if matches!(change.state, ChangeState::Applied | ChangeState::Indeterminate) {
                    return self.look_at_change(change).await;
                }
            }
            Woken::Leg(id) => {
                let leg = store::find_leg(self.steps.tx, id).await?;
                match leg.state {
                    LegState::Applied => return self.look_at_leg(leg).await,
                    LegState::Failed | LegState::Indeterminate => return self.begin_again(leg).await,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    async fn look_at_change(&mut self, change: Change) -> Result<()> {
        if let Err(reason) = self.look(Cause::Change(change.id)).await?
            && change.state == ChangeState::Applied
        {
            self.steps
                .change(change, ChangeState::Indeterminate, Some(reason))
                .await?;
        }
        Ok(())
    }

    async fn look_at_leg(&mut self, leg: Leg) -> Result<()> {
        if let Err(reason) = self.look(Cause::Return(leg.id)).await? {
            let leg = self.steps.leg(leg, LegState::Indeterminate, Some(reason)).await?;
            self.steps.retry(&leg).await?;
        }
        Ok(())
    }

    async fn begin_again(&mut self, leg: Leg) -> Result<()> {
        if store::busy(self.steps.tx, self.steps.port.id).await? {
            return self.steps.retry(&leg).await;
        }
        self.begin_leg(leg).await
    }

    /// Begins what is due, in the order in which it came due, until the carrier has something to do. A return leg
    /// goes before a change of the same instant, which thus finds the port where it should be.
    async fn go_on(&mut self) -> Result<()> {
        let (port, now) = (self.steps.port.id, self.steps.now());
        while !store::busy(self.steps.tx, port).await? {
            let leg = store::due_legs(self.steps.tx, port, now)
                .await?
                .into_iter()
                .next();
            let change = store::due(self.steps.tx, port, now).await?.into_iter().next();
            match (leg, change) {
                (Some(leg), Some(change)) if change.starts_at < leg.due_at => {
                    self.begin_change(change).await?
                }
                (Some(leg), _) => self.begin_leg(leg).await?,
                (None, Some(change)) => self.begin_change(change).await?,
                (None, None) => break,
            }
        }
        Ok(())
    }

    async fn begin_change(&mut self, change: Change) -> Result<()> {
        let now = self.steps.now();
        let plan = self.steps.plan().await?;
        let change = self.steps.change(change, ChangeState::Applying, None).await?;
        if change.ends_at().is_some_and(|ends_at| ends_at <= now) {
            let reason = "the window was over before it could begin".to_owned();
            return self.steps.abandon(change, ChangeState::Failed, reason).await;
        }
        if change.kind == Kind::Base && plan.window(now).is_some() {
            return self.steps.record_base(&change, change.starts_at).await;
        }
        let aim = match change.kind {
            Kind::Base => Aim::lasting(change.mbps),
            Kind::Window { .. } => Aim {
                mbps: change.mbps,
                base_mbps: plan.base_mbps(now).unwrap_or(change.mbps),
            },
        };
        let cause = Cause::Change(change.id);
        match self.ask(cause, aim).await? {
            Asked::Ordered => {}
            Asked::There => {
                self.steps.change(change, ChangeState::Applied, None).await?;
            }
            Asked::Nobody(reason) => self.steps.abandon(change, ChangeState::Failed, reason).await?,
        }
        Ok(())
    }

    async fn begin_leg(&mut self, leg: Leg) -> Result<()> {
        let now = self.steps.now();
        let plan = self.steps.plan().await?;
        if plan.window(now).is_some() {
            self.steps.leg(leg, LegState::PassedOn, None).await?;
            return Ok(());
        }
        let target_mbps = plan.base_mbps(now);
        let leg = Leg { target_mbps, ..leg };
        let leg = self.steps.leg(leg, LegState::Applying, None).await?;
        let target = target_mbps.ok_or_else(|| Fault::broken(format!("port {} has no base", leg.port)))?;
        let cause = Cause::Return(leg.id);
        let asked = match self.is_unseen(&leg).await? {
            true => self.order(cause, Aim::lasting(target)).await?,
            false => self.ask(cause, Aim::lasting(target)).await?,
        };
        match asked {
            Asked::Ordered => {}
            Asked::There => {
                self.steps.leg(leg, LegState::Applied, None).await?;
            }
            Asked::Nobody(reason) => {
                let leg = self.steps.leg(leg, LegState::Failed, Some(reason)).await?;
                self.steps.retry(&leg).await?;
            }
        }
        Ok(())
    }

    /// Orders a speed from the carrier. Where the port was last seen with it, it is only read back: carriers refuse
    /// orders that change nothing.
    async fn ask(&mut self, cause: Cause, aim: Aim) -> Result<Asked> {
        if self.steps.observed_mbps().await? != aim.mbps {
            return self.order(cause, aim).await;
        }
        Ok(match self.look(cause).await? {
            Ok(()) => Asked::There,
            Err(reason) => Asked::Nobody(reason),
        })
    }

    /// Whether the port may have the window's speed although nobody has seen it: the window cannot be told, and
    /// nobody has looked since it ended.
    async fn is_unseen(&mut self, leg: &Leg) -> Result<bool> {
        let window = store::find(self.steps.tx, leg.change).await?.state;
        let seen = verified::latest(self.steps.tx, leg.port).await?;
        let seen = seen.is_some_and(|seen| seen.observed_at >= leg.due_at);
        Ok(window == ChangeState::Indeterminate && !seen)
    }

    async fn order(&mut self, cause: Cause, aim: Aim) -> Result<Asked> {
        let pinned = match &self.pinned {
            Ok(pinned) => pinned.clone(),
            Err(reason) => return Ok(Asked::Nobody(reason.clone())),
        };
        // Where the carrier does not tell since when, what was there until now is only billed if it is seen once more. The
        // order does not wait for that.
        if !verified::tells_since(self.steps.tx, self.steps.port.id).await? {
            self.look(Cause::None).await?.ok();
        }
        let from_mbps = self.steps.observed_mbps().await?;
        let new = order(&self.steps.port, cause, from_mbps, aim, pinned);
        operations::start(self.steps.tx, new).await?;
        Ok(Asked::Ordered)
    }

    /// Reads the port back, or says why that cannot be asked.
    async fn look(&mut self, cause: Cause) -> Result<Result<(), String>> {
        let pinned = match &self.pinned {
            Ok(pinned) => pinned.clone(),
            Err(reason) => return Ok(Err(reason.clone())),
        };
        let new = read_back(&self.steps.port, cause, pinned);
        let operation = operations::start(self.steps.tx, new).await?;
        let port = self.steps.port.id.uuid();
        self.steps
            .tell("port.read", port, json!({ "operation": operation.uuid() }));
        Ok(Ok(()))
    }
}

/// What was asked of the carrier.
enum Asked {
    /// The speed.
    Ordered,
    /// Only what the port has, which was last seen to be the speed.
    There,
    /// Nothing: no adapter serves.
    Nobody(String),
}
