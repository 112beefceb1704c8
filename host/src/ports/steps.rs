//! Taking changes and return legs from state to state in somebody's transaction, and telling of each step.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    change::{Change, ChangeState, Leg, LegState, store},
    plan,
    port::{self, Port},
    speed::{Base, Plan, after_recorded},
    verified::{self, Latest},
};
use crate::{
    alerts,
    app::Timestamp,
    audit::Event,
    carriers::operations::Cause,
    db::WriteTx,
    fault::{Fault, Result},
    jobs,
};

/// How long something that could not be done waits before it is tried again: as long as it has been late, within these.
const RETRY_MIN: TimeDelta = TimeDelta::minutes(1);
pub(super) const RETRY_MAX: TimeDelta = TimeDelta::hours(1);

/// A port that somebody has locked, and what was done to its changes.
pub(super) struct Steps<'a> {
    pub tx: &'a mut WriteTx,
    pub port: Port,
    pub events: Vec<Event>,
}

impl<'a> Steps<'a> {
    pub fn new(tx: &'a mut WriteTx, port: Port) -> Self {
        Self {
            tx,
            port,
            events: Vec::new(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.tx.now()
    }

    /// What speed the port is meant to have, as things stand after the steps so far.
    pub async fn plan(&mut self) -> Result<Plan> {
        let (port, now) = (self.port.id, self.now());
        plan(self.tx, port, now).await
    }

    /// Records that the port's base is the change's from `at` on.
    pub async fn record_base(&mut self, change: &Change, at: Timestamp) -> Result<()> {
        let recorded = port::store::bases(self.tx, self.port.id).await?;
        let base = Base {
            mbps: change.mbps,
            effective_at: after_recorded(&recorded, at),
        };
        port::store::insert_base(self.tx, &self.port, base, Some(change.id)).await
    }

    /// The speed that was last seen. Nothing can be booked before anything was.
    pub async fn observed_mbps(&mut self) -> Result<u32> {
        let latest = verified::latest(self.tx, self.port.id).await?;
        latest
            .map(|Latest { mbps, .. }| mbps)
            .ok_or_else(|| Fault::broken(format!("port {} was never read", self.port.id)))
    }

    /// Takes a change to its next state.
    pub async fn change(
        &mut self,
        change: Change,
        next: ChangeState,
        reason: Option<String>,
    ) -> Result<Change> {
        let change = change.become_(next, reason)?;
        store::update(self.tx, &change).await?;
        self.tell(
            change_action(next),
            change.id.uuid(),
            json!({ "port": change.port.uuid(), "mbps": change.mbps, "reason": change.reason }),
        );
        Ok(change)
    }

    /// Takes a return leg to its next state.
    pub async fn leg(&mut self, leg: Leg, next: LegState, reason: Option<String>) -> Result<Leg> {
        let leg = leg.become_(next, reason)?;
        store::update_leg(self.tx, &leg).await?;
        self.call_somebody(&leg).await?;
        self.tell(
            leg_action(next),
            leg.id.uuid(),
            json!({ "port": leg.port.uuid(), "change": leg.change.uuid(), "mbps": leg.target_mbps, "reason": leg.reason }),
        );
        Ok(leg)
    }

    /// A port that is not back down needs a person, until it is.
    async fn call_somebody(&mut self, leg: &Leg) -> Result<()> {
        let subject = alerts::Subject::ReturnLeg(leg.id.uuid());
        match leg.state {
            LegState::Failed | LegState::Indeterminate => {
                let reason = leg.reason.as_deref().unwrap_or("nobody knows why");
                let text = format!("the port {} is not back down: {reason}", self.port.name);
                let tenant = self.port.scope.tenant();
                Box::pin(alerts::raise(self.tx, tenant, subject, Some(self.port.id), &text)).await?;
                Ok(())
            }
            LegState::Verified | LegState::PassedOn => {
                alerts::resolve(self.tx, subject).await?;
                Ok(())
            }
            LegState::Reserved | LegState::Applying | LegState::Applied | LegState::Released => Ok(()),
        }
    }

    /// Ends a change that did not take effect. Its return leg is released where the port is as it should be, and due
    /// at once where it is not: an earlier window may have passed its own on to this one.
    pub async fn abandon(&mut self, change: Change, end: ChangeState, reason: String) -> Result<()> {
        let change = self.change(change, end, Some(reason)).await?;
        let Some(leg) = store::leg_of(self.tx, change.id).await? else {
            return Ok(());
        };
        let now = self.now();
        let intended = self.plan().await?.intended_mbps(now);
        let settled = store::on_paper(self.tx, self.port.id).await?.is_empty();
        if leg.state == LegState::Reserved && settled && intended == Some(self.observed_mbps().await?) {
            self.leg(leg, LegState::Released, None).await?;
        }
        Ok(())
    }

    /// Has a return leg that could not be carried out tried again, for as long as it takes.
    pub async fn retry(&mut self, leg: &Leg) -> Result<()> {
        let now = self.now();
        self.wake_leg(leg, now + late(now - leg.due_at)).await
    }

    /// Has a return leg looked at.
    pub async fn wake_leg(&mut self, leg: &Leg, at: Timestamp) -> Result<()> {
        let by = store::find(self.tx, leg.change).await?.initiator;
        let tenant = self.port.scope.tenant();
        jobs::enqueue_for(self.tx, tenant, jobs::Kind::StartReturn(leg.id), at, by).await
    }

    /// Has a change looked at.
    pub async fn wake_change(&mut self, change: &Change, at: Timestamp) -> Result<()> {
        let tenant = self.port.scope.tenant();
        jobs::enqueue_for(
            self.tx,
            tenant,
            jobs::Kind::StartChange(change.id),
            at,
            change.initiator,
        )
        .await
    }

    /// Has what an operation was for looked at.
    pub async fn wake(&mut self, cause: Cause, at: Timestamp) -> Result<()> {
        match cause {
            Cause::None => Ok(()),
            Cause::Change(id) => {
                let change = store::find(self.tx, id).await?;
                self.wake_change(&change, at).await
            }
            Cause::Return(id) => {
                let leg = store::find_leg(self.tx, id).await?;
                self.wake_leg(&leg, at).await
            }
        }
    }

    /// Has the port go on with what came due while it was busy.
    pub async fn wake_due(&mut self) -> Result<()> {
        let (port, now) = (self.port.id, self.now());
        if store::busy(self.tx, port).await? {
            return Ok(());
        }
        if let Some(leg) = store::due_legs(self.tx, port, now).await?.first() {
            self.wake_leg(leg, now).await?;
        }
        if let Some(change) = store::due(self.tx, port, now).await?.first() {
            self.wake_change(change, now).await?;
        }
        Ok(())
    }

    pub fn tell(&mut self, action: &'static str, id: uuid::Uuid, detail: Value) {
        self.events.push(Event::done(action, id, detail));
    }
}

/// How long what is `late` waits before it is tried again.
pub(super) fn late(late: TimeDelta) -> TimeDelta {
    late.clamp(RETRY_MIN, RETRY_MAX)
}

const fn change_action(state: ChangeState) -> &'static str {
    match state {
        ChangeState::Draft => "bandwidth_change.draft",
        ChangeState::Quoted => "bandwidth_change.quote",
        ChangeState::AwaitingApproval => "bandwidth_change.submit",
        ChangeState::Scheduled => "bandwidth_change.schedule",
        ChangeState::Applying => "bandwidth_change.begin",
        ChangeState::Applied => "bandwidth_change.apply",
        ChangeState::Verified => "bandwidth_change.verify",
        ChangeState::Rejected => "bandwidth_change.reject",
        ChangeState::Cancelled => "bandwidth_change.cancel",
        ChangeState::Expired => "bandwidth_change.expire",
        ChangeState::Failed => "bandwidth_change.fail",
        ChangeState::Indeterminate => "bandwidth_change.doubt",
        ChangeState::Reverted => "bandwidth_change.revert",
    }
}

const fn leg_action(state: LegState) -> &'static str {
    match state {
        LegState::Reserved => "return_leg.reserve",
        LegState::Applying => "return_leg.begin",
        LegState::Applied => "return_leg.apply",
        LegState::Verified => "return_leg.verify",
        LegState::Failed => "return_leg.fail",
        LegState::Indeterminate => "return_leg.doubt",
        LegState::Released => "return_leg.release",
        LegState::PassedOn => "return_leg.pass_on",
    }
}
