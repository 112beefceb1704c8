//! What follows for a port's drift from each operation that ends, in the transaction that keeps the end.

use serde_json::json;

use super::{
    Drift, DriftState, Outcome,
    rules::{Stand, Verdict, judge, stand},
    store,
};
use crate::{
    alerts::{self, Subject},
    app::{self, Timestamp},
    carriers::operations::{self, Cause, End, Operation},
    db::WriteTx,
    fault::Result,
    ports::{
        pin::read_back,
        port::{Port, State},
        steps::Steps,
        verified,
    },
};

/// Looks at how the port stands now that an operation has ended: opens a drift, ends it, or goes on with its correction.
pub(in crate::ports) async fn watch(steps: &mut Steps<'_>, operation: &Operation, end: &End) -> Result<()> {
    if steps.port.state == State::Closed {
        return Ok(());
    }
    let port = steps.port.id;
    let mut open = store::open(steps.tx, port).await?;
    if let Some(drift) = open.take_if(|drift| drift.state == DriftState::Correcting) {
        // Only what the correction waits for says what came of it.
        if drift.operation != Some(operation.id) {
            return Ok(());
        }
        if operation.kind == operations::Kind::ChangeBandwidth {
            return look(steps, drift, operation, end).await;
        }
        return corrected(steps, drift, end).await;
    }
    let Some(stand) = stands(steps).await? else {
        return Ok(());
    };
    let under_way = store::under_way(steps.tx, port, steps.now()).await?;
    match judge(
        open.as_ref().map(|drift| drift.speeds),
        stand.speeds,
        under_way.explains,
    ) {
        Verdict::Stays => return Ok(()),
        Verdict::Opens => {}
        Verdict::Turns => over(steps, open, stand.since, Outcome::Changed).await?,
        Verdict::Ends => return over(steps, open, stand.since, Outcome::Gone).await,
    }
    begin(steps, stand).await?;
    match under_way.has_failed_leg {
        // Somebody was called already: the port is not back down.
        true => Ok(()),
        false => call_somebody(steps, stand).await,
    }
}

/// Ends the drift of a port that is closed. One is not closed while it is being corrected.
pub(in crate::ports) async fn port_closed(tx: &mut WriteTx, port: &Port) -> Result<()> {
    if let Some(drift) = store::open(tx, port.id).await? {
        let at = tx.now();
        let ended = ended(drift, at, Outcome::PortClosed)?;
        store::update(tx, &ended).await?;
        alerts::resolve(tx, Subject::Drift(port.id.uuid())).await?;
    }
    Ok(())
}

/// The drift as it is over.
pub(super) fn ended(drift: Drift, at: Timestamp, outcome: Outcome) -> Result<Drift> {
    Ok(Drift {
        state: drift.state.become_(DriftState::Ended)?,
        ended: Some((at.max(drift.since), outcome)),
        ..drift
    })
}

async fn stands(steps: &mut Steps<'_>) -> Result<Option<Stand>> {
    let (port, now) = (steps.port.id, steps.now());
    let plan = steps.plan().await?;
    let shown = verified::shown(steps.tx, port).await?;
    Ok(shown.and_then(|(interval, seen_at)| stand(&plan, now, (interval.mbps, interval.start), seen_at)))
}

/// The correction was ordered: whatever the carrier said, a look tells.
async fn look(steps: &mut Steps<'_>, drift: Drift, operation: &Operation, end: &End) -> Result<()> {
    let read = read_back(&steps.port, Cause::None, operation.pinned.clone());
    let read = operations::start(steps.tx, read).await?;
    let note = match end {
        End::Done(nexusport_sandbox::carrier::Outcome::Rejected(no)) => {
            Some(format!("{} ({})", no.text, no.code))
        }
        End::Done(_) => None,
        End::GivenUp(reason) => Some(reason.to_string()),
    };
    let drift = Drift {
        operation: Some(read),
        note,
        ..drift
    };
    store::update(steps.tx, &drift).await
}

/// The port was looked at after a correction.
async fn corrected(steps: &mut Steps<'_>, drift: Drift, end: &End) -> Result<()> {
    let stand = stands(steps).await?;
    if let (End::Done(_), Some(stand)) = (end, stand)
        && stand.speeds.intended == stand.speeds.observed
    {
        let drift = Drift { note: None, ..drift };
        return over(steps, Some(drift), stand.since, Outcome::Corrected).await;
    }
    let note = match (drift.note, end) {
        (Some(note), _) => note,
        (None, End::GivenUp(reason)) => format!("the port could not be read back: {reason}"),
        (None, End::Done(_)) => format!("{} Mbps was asked, and is not there", drift.speeds.intended),
    };
    let drift = Drift {
        state: drift.state.become_(DriftState::Open)?,
        note: Some(note),
        ..drift
    };
    store::update(steps.tx, &drift).await?;
    let detail = json!({ "port": drift.port.uuid(), "note": drift.note });
    steps.tell("drift.stay", drift.id.uuid(), detail);
    Ok(())
}

async fn begin(steps: &mut Steps<'_>, stand: Stand) -> Result<()> {
    let drift = Drift {
        scope: steps.port.scope,
        id: app::new_id(steps.now()),
        port: steps.port.id,
        state: DriftState::Open,
        speeds: stand.speeds,
        since: stand.since,
        basis: stand.basis,
        seen_at: stand.seen_at,
        operation: None,
        note: None,
        ended: None,
        settled_by: None,
    };
    store::insert(steps.tx, &drift).await?;
    let detail = json!({
        "port": drift.port.uuid(), "intended_mbps": stand.speeds.intended, "observed_mbps": stand.speeds.observed,
        "since": drift.since, "basis": drift.basis.name(),
    });
    steps.tell("drift.open", drift.id.uuid(), detail);
    Ok(())
}

/// Ends the drift, if there is one, and settles what somebody was called about.
async fn over(steps: &mut Steps<'_>, drift: Option<Drift>, at: Timestamp, outcome: Outcome) -> Result<()> {
    let Some(drift) = drift else {
        return Ok(());
    };
    let drift = ended(drift, at, outcome)?;
    store::update(steps.tx, &drift).await?;
    let detail = json!({ "port": drift.port.uuid(), "outcome": outcome.name() });
    steps.tell("drift.end", drift.id.uuid(), detail);
    alerts::resolve(steps.tx, Subject::Drift(drift.port.uuid())).await?;
    Ok(())
}

async fn call_somebody(steps: &mut Steps<'_>, stand: Stand) -> Result<()> {
    let port = &steps.port;
    let text = format!(
        "the port {} has {} Mbps, meant are {} Mbps",
        port.name, stand.speeds.observed, stand.speeds.intended
    );
    let (tenant, subject) = (port.scope.tenant(), Subject::Drift(port.id.uuid()));
    Box::pin(alerts::raise(steps.tx, tenant, subject, Some(port.id), &text)).await?;
    Ok(())
}
