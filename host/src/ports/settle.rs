//! What follows from an operation's end, in the transaction that keeps the end: an order that was carried out is read
//! back, and what a read-back shows is kept, becomes intervals, and verifies what was asked.

use chrono::TimeDelta;
use nexusport_sandbox::carrier::{Outcome, PortState};
use serde_json::json;

use super::{
    Kind,
    change::{Change, ChangeState, Leg, LegState, store},
    drift,
    pin::read_back,
    port,
    speed::Base,
    steps::{Steps, late},
    verified::{self, Edge, Seen},
};
use crate::{
    app::{App, Timestamp},
    carriers::operations::{self, Cause, End, Operation},
    db::WriteTx,
    fault::Result,
};

/// How often a port is read back before it cannot be told whether it has the speed; the pauses double from the first.
const LOOKS: u32 = 5;
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How long a base change that could not be read back is looked at again.
const BASE_WORTH: TimeDelta = TimeDelta::days(7);

/// Takes in how an operation ended.
pub async fn settled(_: &App, tx: &mut WriteTx, operation: &Operation, end: &End) -> Result<()> {
    let Some(port) = operation.port else {
        return Ok(());
    };
    let port = port::store::lock(tx, port).await?;
    let mut steps = Steps::new(tx, port);
    match operation.kind {
        operations::Kind::ChangeBandwidth => ordered(&mut steps, operation, end).await?,
        operations::Kind::ReadPort => looked(&mut steps, operation, end).await?,
        _ => return Ok(()),
    }
    drift::watch(&mut steps, operation, end).await?;
    steps.wake_due().await?;
    let events = steps.events;
    for event in events {
        tx.record(event).await?;
    }
    Ok(())
}

/// An order ended.
async fn ordered(steps: &mut Steps<'_>, operation: &Operation, end: &End) -> Result<()> {
    let news = match end {
        End::Done(Outcome::Applied(state)) => {
            keep_carrier_data(steps, state).await?;
            News::Applied
        }
        End::Done(Outcome::Rejected(no)) => {
            News::Refused(ChangeState::Rejected, format!("{} ({})", no.text, no.code))
        }
        End::Done(_) => {
            News::Unclear("the adapter ended an order without saying whether it was carried out".into())
        }
        End::GivenUp(reason) if reason.may_have_happened => News::Unclear(reason.to_string()),
        End::GivenUp(reason) => News::Refused(ChangeState::Failed, reason.to_string()),
    };
    // The carrier may refuse to bring down a port that is down already, which only a look can tell.
    let look = !matches!(news, News::Refused(..)) || matches!(operation.cause, Cause::Return(_));
    match operation.cause {
        Cause::None => return Ok(()),
        Cause::Change(id) => {
            let change = store::find(steps.tx, id).await?;
            change_heard(steps, change, news).await?;
        }
        Cause::Return(id) => {
            let leg = store::find_leg(steps.tx, id).await?;
            if let News::Refused(_, reason) = &news {
                let text = format!("the port is not back down: {reason}");
                operations::needs_attention(steps.tx, operation.id, &text).await?;
            }
            leg_heard(steps, leg, news).await?;
        }
    }
    if look {
        let again = read_back(&steps.port, operation.cause, operation.pinned.clone());
        operations::start(steps.tx, again).await?;
    }
    Ok(())
}

/// What the carrier says of an order.
enum News {
    /// It is in force.
    Applied,
    /// It is not, and why.
    Refused(ChangeState, String),
    /// Nobody knows, and why.
    Unclear(String),
}

/// A change that ended meanwhile stays as it is; what the read-back then shows is drift.
async fn change_heard(steps: &mut Steps<'_>, change: Change, news: News) -> Result<()> {
    let begun = change.state == ChangeState::Applying;
    let open = begun || change.state == ChangeState::Indeterminate;
    match news {
        News::Applied if open => {
            steps.change(change, ChangeState::Applied, None).await?;
        }
        News::Refused(end, reason) if begun => steps.abandon(change, end, reason).await?,
        News::Refused(_, reason) if open => steps.abandon(change, ChangeState::Failed, reason).await?,
        News::Unclear(reason) if begun => {
            steps
                .change(change, ChangeState::Indeterminate, Some(reason))
                .await?;
        }
        _ => {}
    }
    Ok(())
}

/// A return leg is tried again until the port is back.
async fn leg_heard(steps: &mut Steps<'_>, leg: Leg, news: News) -> Result<()> {
    let begun = leg.state == LegState::Applying;
    let leg = match news {
        News::Applied if begun || leg.state == LegState::Indeterminate => {
            steps.leg(leg, LegState::Applied, None).await?;
            return Ok(());
        }
        News::Refused(_, reason) if begun => steps.leg(leg, LegState::Failed, Some(reason)).await?,
        News::Unclear(reason) if begun => steps.leg(leg, LegState::Indeterminate, Some(reason)).await?,
        _ => return Ok(()),
    };
    steps.retry(&leg).await
}

/// A read-back ended.
async fn looked(steps: &mut Steps<'_>, operation: &Operation, end: &End) -> Result<()> {
    let state = match end {
        End::Done(Outcome::State(state) | Outcome::Applied(state)) => state,
        End::Done(Outcome::Rejected(no)) => {
            return blind(steps, operation, format!("{} ({})", no.text, no.code)).await;
        }
        End::Done(_) => return blind(steps, operation, "the adapter read no state".to_owned()).await,
        End::GivenUp(reason) => return blind(steps, operation, reason.to_string()).await,
    };
    let seen = Seen {
        mbps: state.mbps,
        since: state.since.and_then(Timestamp::from_timestamp_millis),
        observed_at: operation.answered_at.unwrap_or(steps.now()),
    };
    let latest = verified::latest(steps.tx, steps.port.id).await?;
    if latest.is_some_and(|latest| latest.observed_at > seen.observed_at) {
        // The answer was taken in late, and somebody has looked since: it says nothing of the port any more.
        return steps.wake(operation.cause, steps.now() + FIRST_PAUSE).await;
    }
    keep_carrier_data(steps, state).await?;
    let first = port::store::bases(steps.tx, steps.port.id).await?.is_empty();
    let start = verified::record(steps.tx, &steps.port, operation.id, seen).await?;
    let port = steps.port.id.uuid();
    steps.tell(
        "port.observe",
        port,
        json!({ "operation": operation.id.uuid(), "mbps": seen.mbps, "since": seen.since, "believed_mbps": operation.mbps }),
    );
    if let (true, Some(start)) = (first, start) {
        let base = Base {
            mbps: seen.mbps,
            effective_at: start.at,
        };
        port::store::insert_base(steps.tx, &steps.port, base, None).await?;
    }
    match operation.cause {
        Cause::None => Ok(()),
        Cause::Change(id) => {
            let change = store::find(steps.tx, id).await?;
            change_seen(steps, change, seen, start).await
        }
        Cause::Return(id) => {
            let leg = store::find_leg(steps.tx, id).await?;
            leg_seen(steps, leg, seen).await
        }
    }
}

async fn change_seen(steps: &mut Steps<'_>, change: Change, seen: Seen, start: Option<Edge>) -> Result<()> {
    if !matches!(change.state, ChangeState::Applied | ChangeState::Indeterminate) {
        return Ok(());
    }
    if seen.mbps == change.mbps {
        let change = steps.change(change, ChangeState::Verified, None).await?;
        if let (Kind::Base, Some(start)) = (change.kind, start) {
            steps.record_base(&change, start.at.max(change.starts_at)).await?;
        }
        return Ok(());
    }
    let misses = verified::misses(steps.tx, steps.port.id, change.starts_at, change.mbps).await?;
    if misses < LOOKS {
        let at = steps.now() + pause(misses);
        return steps.wake_change(&change, at).await;
    }
    let reason = shown(change.mbps, seen.mbps);
    match change.state {
        ChangeState::Applied => {
            steps
                .change(change, ChangeState::Indeterminate, Some(reason))
                .await?;
            Ok(())
        }
        _ => steps.abandon(change, ChangeState::Failed, reason).await,
    }
}

async fn leg_seen(steps: &mut Steps<'_>, leg: Leg, seen: Seen) -> Result<()> {
    if !matches!(leg.state, LegState::Applied | LegState::Indeterminate) {
        return Ok(());
    }
    let target = leg.target_mbps.unwrap_or_default();
    if seen.mbps == target {
        steps.leg(leg, LegState::Verified, None).await?;
        for change in store::on_paper(steps.tx, steps.port.id).await? {
            let change = steps.change(change, ChangeState::Applied, None).await?;
            steps.change(change, ChangeState::Verified, None).await?;
        }
        return Ok(());
    }
    if leg.state == LegState::Indeterminate {
        return Ok(());
    }
    let misses = verified::misses(steps.tx, steps.port.id, leg.due_at, target).await?;
    if misses < LOOKS {
        let at = steps.now() + pause(misses);
        return steps.wake_leg(&leg, at).await;
    }
    doubt_leg(steps, leg, shown(target, seen.mbps)).await
}

/// Nothing could be read, so nothing that waits to be seen can be told.
async fn blind(steps: &mut Steps<'_>, operation: &Operation, why: String) -> Result<()> {
    let reason = format!("the port could not be read back: {why}");
    match operation.cause {
        Cause::None => {}
        Cause::Change(id) => {
            let change = store::find(steps.tx, id).await?;
            doubt_change(steps, change, reason).await?;
        }
        Cause::Return(id) => {
            let leg = store::find_leg(steps.tx, id).await?;
            if leg.state == LegState::Applied {
                doubt_leg(steps, leg, reason).await?;
            }
        }
    }
    Ok(())
}

/// It is looked at again while it is worth knowing.
async fn doubt_change(steps: &mut Steps<'_>, change: Change, reason: String) -> Result<()> {
    let change = match change.state {
        ChangeState::Applied => {
            steps
                .change(change, ChangeState::Indeterminate, Some(reason))
                .await?
        }
        ChangeState::Indeterminate => change,
        _ => return Ok(()),
    };
    let (now, worth) = (
        steps.now(),
        change.ends_at().unwrap_or(change.starts_at + BASE_WORTH),
    );
    match now < worth {
        true => {
            steps
                .wake_change(&change, now + late(now - change.starts_at))
                .await
        }
        false => Ok(()),
    }
}

async fn doubt_leg(steps: &mut Steps<'_>, leg: Leg, reason: String) -> Result<()> {
    let leg = steps.leg(leg, LegState::Indeterminate, Some(reason)).await?;
    steps.retry(&leg).await
}

async fn keep_carrier_data(steps: &mut Steps<'_>, state: &PortState) -> Result<()> {
    port::store::keep_carrier_data(steps.tx, steps.port.id, &state.carrier_data).await
}

fn shown(asked: u32, seen: u32) -> String {
    format!("{asked} Mbps was asked, the carrier shows {seen} Mbps")
}

fn pause(misses: u32) -> TimeDelta {
    FIRST_PAUSE * (1 << misses.saturating_sub(1).min(LOOKS))
}
