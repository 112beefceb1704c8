//! Changes that wait for somebody's yes. A window that waits holds its place, orders nothing, and gives its place up when
//! it is rejected or nobody answers in time.

use serde_json::json;

use super::{Booked, Change, ChangeState, LegState, book::seen, store};
use crate::{
    app::{App, Timestamp},
    audit,
    crash::{self, Point},
    db::WriteTx,
    fault::{Fault, Result},
    identity::{Caller, Initiator, Permission, standing},
    ids::{ChangeId, UserId},
    jobs,
    ports::{port, quote::Quote},
    settings::{
        self,
        approval::{Approvers, Asked},
        calendar,
    },
};

/// What a change waits or waited for, by the rules of the moment in which it was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The rules that it met.
    pub because: Vec<String>,
    /// Whether whoever booked it may not approve it.
    pub four_eyes: bool,
    /// Whose yes counts.
    pub approvers: Approvers,
    /// The person who booked it, where that is known.
    pub asked_by: Option<UserId>,
    /// From when on it is too late: its own time in business hours, and at the latest when the change begins.
    pub expires_at: Timestamp,
    /// When somebody said yes or no.
    pub decided_at: Option<Timestamp>,
}

/// Somebody's yes or no.
#[derive(Debug, Clone, Copy)]
pub struct Decision {
    pub(super) at: Timestamp,
    pub(super) by: Initiator,
}

/// What a change that is being booked must wait for by the rules in force; none where it need not.
pub(super) async fn needed(tx: &mut WriteTx, change: &Change, quote: &Quote) -> Result<Option<Approval>> {
    let tenant = change.scope.tenant();
    let rules = settings::approval_rules(tx, tenant).await?;
    let calendar = calendar(tx, tenant).await?;
    let asked = Asked {
        mbps: change.mbps,
        price: quote.amount,
        currency: &quote.currency,
        starts_at: change.starts_at,
        ends_at: change.ends_at(),
    };
    let because = rules.because(&asked, &calendar);
    if because.is_empty() {
        return Ok(None);
    }
    let now = tx.now();
    if change.starts_at <= now {
        let message = format!(
            "the change needs approval ({}), so it cannot begin at once: book it for later",
            because.join(", ")
        );
        return Err(Fault::conflict("approval_needs_time", message));
    }
    let time = chrono::TimeDelta::minutes(rules.expires_after_business_minutes);
    let own = calendar::after_open(&calendar, now, time).unwrap_or(change.starts_at);
    Ok(Some(Approval {
        because: because.into_iter().map(str::to_owned).collect(),
        four_eyes: rules.four_eyes,
        approvers: rules.approvers,
        asked_by: standing::person(tx, change.initiator).await?,
        expires_at: own.min(change.starts_at),
        decided_at: None,
    }))
}

/// Says yes to a change: it is booked from now on. Its price is the quote's, which was accepted in time.
pub async fn approve(app: &App, caller: &Caller, id: ChangeId) -> Result<Booked> {
    let mut tx = app.db.write(caller, Permission::BandwidthApprove).await?;
    let (change, approval) = awaiting(&mut tx, id).await?;
    let booker = change.initiator;
    let change = change.become_(ChangeState::Scheduled, None)?;
    approval.admits(caller)?;
    if approval.four_eyes {
        let person = standing::person(&mut tx, caller.initiator()).await?;
        check_four_eyes((booker, approval.asked_by), (caller.initiator(), person))?;
    }
    let now = tx.now();
    if approval.expires_at <= now {
        let message = format!("it could be approved until {}", approval.expires_at);
        return Err(Fault::conflict("approval_late", message));
    }
    store::update(&mut tx, &change).await?;
    store::decide(
        &mut tx,
        id,
        Decision {
            at: now,
            by: caller.initiator(),
        },
    )
    .await?;
    let leg = store::leg_of(&mut tx, id).await?;
    super::book::enqueue(&mut tx, &change, leg.as_ref()).await?;
    let booked = seen(&mut tx, change).await?;
    let detail = json!({ "port": booked.change.port.uuid(), "because": approval.because });
    crash::point(Point::Approving);
    tx.commit(audit::Event::done("bandwidth_change.approve", id.uuid(), detail))
        .await?;
    crash::point(Point::Approved);
    Ok(booked)
}

/// Says no to a change.
pub async fn reject(app: &App, caller: &Caller, id: ChangeId, reason: Option<String>) -> Result<Booked> {
    let mut tx = app.db.write(caller, Permission::BandwidthApprove).await?;
    let (change, approval) = awaiting(&mut tx, id).await?;
    let reason = reason.unwrap_or_else(|| "not approved".to_owned());
    if reason.is_empty() || !nexusport_sandbox::is_clean(&reason, REASON_MAX) {
        let message = format!("a reason has 1 to {REASON_MAX} visible characters");
        return Err(Fault::invalid("reason_invalid", message));
    }
    if change.state != ChangeState::AwaitingApproval {
        return Err(not_awaiting(&change));
    }
    approval.admits(caller)?;
    let by = Decision {
        at: tx.now(),
        by: caller.initiator(),
    };
    store::decide(&mut tx, id, by).await?;
    let booked = leave(&mut tx, change, ChangeState::Rejected, &reason).await?;
    let detail = json!({ "port": booked.change.port.uuid(), "reason": reason });
    tx.commit(audit::Event::done("bandwidth_change.reject", id.uuid(), detail))
        .await?;
    Ok(booked)
}

/// Of why somebody said no, in characters.
const REASON_MAX: usize = 300;

/// Gives up a change that nobody approved in time. Without effect on one that no longer waits.
pub async fn expire(app: &App, caller: &Caller, id: ChangeId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let port = store::find(&mut tx, id).await?.port;
    port::store::lock(&mut tx, port).await?;
    let change = store::find(&mut tx, id).await?;
    if change.state != ChangeState::AwaitingApproval {
        return Ok(());
    }
    leave(
        &mut tx,
        change,
        ChangeState::Expired,
        "nobody approved it in time",
    )
    .await?;
    let event = audit::Event::done(
        "bandwidth_change.expire",
        id.uuid(),
        json!({ "port": port.uuid() }),
    );
    tx.commit(event).await
}

/// Has a change expire when its approval is late.
pub(super) async fn enqueue_expiry(tx: &mut WriteTx, change: &Change, approval: &Approval) -> Result<()> {
    let (tenant, kind) = (change.scope.tenant(), jobs::Kind::ExpireApproval(change.id));
    jobs::enqueue_for(tx, tenant, kind, approval.expires_at, change.initiator).await
}

/// A change that waits, or waited, for approval, with its port locked.
async fn awaiting(tx: &mut WriteTx, id: ChangeId) -> Result<(Change, Approval)> {
    let port = store::find(tx, id).await?.port;
    port::store::lock(tx, port).await?;
    let change = store::find(tx, id).await?;
    let approval = store::approvals(tx, &[id]).await?.remove(&id);
    let approval = approval.ok_or_else(|| not_awaiting(&change))?;
    Ok((change, approval))
}

fn not_awaiting(change: &Change) -> Fault {
    let message = format!(
        "a bandwidth change that is {} waits for no approval",
        change.state.name()
    );
    Fault::conflict("state_forbids", message)
}

/// Ends a change that waited, and gives up its place.
async fn leave(tx: &mut WriteTx, change: Change, end: ChangeState, reason: &str) -> Result<Booked> {
    let change = change.become_(end, Some(reason.to_owned()))?;
    store::update(tx, &change).await?;
    if let Some(leg) = store::leg_of(tx, change.id).await? {
        store::update_leg(tx, &leg.become_(LegState::Released, None)?).await?;
    }
    seen(tx, change).await
}

impl Approval {
    /// Refuses those whose yes or no does not count, whatever their role says.
    fn admits(&self, caller: &Caller) -> Result<()> {
        match (self.approvers, caller.scope().customer()) {
            (Approvers::Reseller, Some(_)) => Err(Fault::Denied(Permission::BandwidthApprove)),
            _ => Ok(()),
        }
    }
}

/// Two keys of one person are one pair of eyes. Where nobody knows who stands behind one of them, they are not two.
fn check_four_eyes(
    (booker, asked_by): (Initiator, Option<UserId>),
    (approver, person): (Initiator, Option<UserId>),
) -> Result<()> {
    let two = booker.id != approver.id && asked_by.is_some() && person.is_some() && asked_by != person;
    let message = "whoever booked a change cannot approve it";
    two.then_some(())
        .ok_or_else(|| Fault::conflict("four_eyes", message))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::ActorKind;

    #[test]
    fn two_credentials_are_two_pairs_of_eyes_only_with_two_people_behind_them() {
        let key = |n| Initiator {
            kind: ActorKind::ApiKey,
            id: Uuid::from_u128(n),
        };
        let person = |n| Some(UserId::from(Uuid::from_u128(n)));
        assert!(check_four_eyes((key(1), person(8)), (key(2), person(9))).is_ok());
        for (booker, approver) in [
            ((key(1), person(8)), (key(2), person(8))),
            ((key(1), person(8)), (key(1), person(9))),
            ((key(1), None), (key(2), person(9))),
            ((key(1), person(8)), (key(2), None)),
        ] {
            assert!(check_four_eyes(booker, approver).is_err());
        }
    }
}
