//! What a person does about a drift: makes what is there the port's base, or has what is meant ordered again. Both only
//! while nothing else is asked of the port.

use serde_json::json;

use super::{Drift, DriftState, Outcome, store, watch::ended};
use crate::{
    alerts::{self, Subject},
    app::App,
    audit,
    carriers::operations::{self, Cause},
    db::WriteTx,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::DriftId,
    ports::{
        pin::{Aim, order, pin},
        plan,
        port::{self, Port},
        speed::{Base, Plan, after_recorded},
    },
};

/// Makes the speed that the port was seen with its base from now on: it is meant from now on, and billed.
pub async fn adopt(app: &App, caller: &Caller, id: DriftId) -> Result<Drift> {
    let mut tx = app.db.write(caller, Permission::DriftSettle).await?;
    let (drift, port, plan) = to_settle(&mut tx, id).await?;
    let now = tx.now();
    if plan.window(now).is_some() {
        let message = "a window is in force, and what is seen in it is no base";
        return Err(Fault::conflict("window_in_force", message));
    }
    let recorded = port::store::bases(&mut tx, port.id).await?;
    let base = Base {
        mbps: drift.speeds.observed,
        effective_at: after_recorded(&recorded, now),
    };
    port::store::insert_base(&mut tx, &port, base, None).await?;
    let drift = Drift {
        settled_by: Some(tx.initiator()),
        ..ended(drift, now, Outcome::Adopted)?
    };
    store::update(&mut tx, &drift).await?;
    alerts::resolve(&mut tx, Subject::Drift(port.id.uuid())).await?;
    let detail = json!({
        "port": port.id.uuid(), "from_mbps": drift.speeds.intended, "to_mbps": drift.speeds.observed,
    });
    tx.commit(audit::Event::done("drift.adopt", id.uuid(), detail))
        .await?;
    Ok(drift)
}

/// Orders the speed that the port is meant to have; a read-back then tells whether it has it.
pub async fn correct(app: &App, caller: &Caller, id: DriftId) -> Result<Drift> {
    let mut tx = app.db.read(caller, Permission::DriftSettle).await?;
    let drift = store::find(&mut tx, id).await?;
    let port = port::store::find(&mut tx, drift.port).await?;
    drop(tx);
    drift.check_open()?;
    port.check_active()?;
    let pinned = pin(app, caller, &port).await?;
    let mut tx = app.db.write(caller, Permission::DriftSettle).await?;
    let (drift, port, plan) = to_settle(&mut tx, id).await?;
    let (now, speeds) = (tx.now(), drift.speeds);
    let aim = Aim {
        mbps: speeds.intended,
        base_mbps: plan.base_mbps(now).unwrap_or(speeds.intended),
    };
    let operation =
        operations::start(&mut tx, order(&port, Cause::None, speeds.observed, aim, pinned)).await?;
    let drift = Drift {
        state: drift.state.become_(DriftState::Correcting)?,
        operation: Some(operation),
        note: None,
        settled_by: Some(tx.initiator()),
        ..drift
    };
    store::update(&mut tx, &drift).await?;
    let detail = json!({
        "port": port.id.uuid(), "operation": operation.uuid(), "from_mbps": speeds.observed, "to_mbps": speeds.intended,
    });
    tx.commit(audit::Event::done("drift.correct", id.uuid(), detail))
        .await?;
    Ok(drift)
}

/// An open drift, with its port locked and nothing under way at it.
async fn to_settle(tx: &mut WriteTx, id: DriftId) -> Result<(Drift, Port, Plan)> {
    let port = store::find(tx, id).await?.port;
    let port = port::store::lock(tx, port).await?;
    // Only now nobody else changes it.
    let drift = store::find(tx, id).await?;
    drift.check_open()?;
    port.check_active()?;
    let now = tx.now();
    if store::under_way(tx, port.id, now).await?.explains {
        let message = "a bandwidth change or its return is under way at the port";
        return Err(Fault::conflict("port_busy", message));
    }
    let plan = plan(tx, port.id, now).await?;
    if plan.intended_mbps(now) != Some(drift.speeds.intended) {
        let message = "another speed is meant by now: the next read-back tells how the port stands";
        return Err(Fault::conflict("no_longer_meant", message));
    }
    Ok((drift, port, plan))
}
