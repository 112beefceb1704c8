//! The end of a departure: everything is deleted, the keys first of all, and a tombstone stays. One transaction carries it
//! out, so a host that dies on the way leaves the tenant whole and the job to the next one.

use chrono::TimeDelta;
use serde_json::json;

use super::{idle, store};
use crate::{
    app::App,
    audit,
    db::Keep,
    fault::Result,
    identity::{Caller, Permission, tenants},
    ids::DepartureId,
    jobs::{self, Kind, Lease},
    settings,
};

/// When work was under way at the end, it is looked again after so long.
const POSTPONED: TimeDelta = TimeDelta::hours(1);

/// Carries a departure out whose grace period is over, or looks again later where work is under way.
pub async fn end(app: &App, caller: &Caller, id: DepartureId) -> Result<()> {
    let scope = caller.scope();
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    store::lock_alone(&mut tx, scope.tenant()).await?;
    if store::departure(&mut tx, id).await?.state != "waiting" {
        return Ok(());
    }
    let (now, initiator) = (tx.now(), tx.initiator());
    let under_way = idle::under_way(&mut tx, scope).await?;
    if !under_way.is_empty() {
        jobs::enqueue(&mut tx, Kind::EndDeparture(id), now + POSTPONED, initiator).await?;
        let event = audit::Event::refused("departure.carry_out", id.uuid(), idle::detail(&under_way));
        return tx.commit(event).await;
    }
    // A reseller was the seller itself, and took its documents along.
    let documents_until = match scope.customer() {
        Some(customer) => Some(settings::leaving(&mut tx, customer).await?.documents_until(now)),
        None => None,
    };
    if let Some(until) = documents_until {
        jobs::enqueue(&mut tx, Kind::ForgetDocuments(id), until, initiator).await?;
    }
    tx.commit(audit::Event::done("departure.begin_end", id.uuid(), json!({})))
        .await?;
    let mut leave = app.db.leave(caller).await?;
    store::lock_alone(&mut leave, scope.tenant()).await?;
    if store::departure(&mut leave, id).await?.state != "waiting" {
        return Ok(());
    }
    idle::check(&mut leave, scope).await?;
    let keep = documents_until.map_or(Keep::Nothing, |_| Keep::Documents);
    let emptied = leave.empty(keep).await?;
    let tenants = tenants::entomb(&mut leave, emptied.kept).await?;
    let now = leave.now();
    store::carried_out(&mut leave, now, documents_until).await?;
    let detail = json!({ "rows": emptied.rows, "people": emptied.people, "tenants": tenants });
    leave
        .commit(audit::Event::done("departure.carry_out", id.uuid(), detail))
        .await
}

/// An end that failed time and again is tried once more an hour later, for as long as the departure waits.
pub async fn end_later(app: &App, caller: &Caller, id: DepartureId, lease: &Lease) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    if store::departure(&mut tx, id).await?.state != "waiting" {
        return Ok(());
    }
    let (now, initiator) = (tx.now(), tx.initiator());
    jobs::enqueue(&mut tx, Kind::EndDeparture(id), now + POSTPONED, initiator).await?;
    let detail = json!({ "code": "end_failed" });
    tx.commit(audit::Event::refused("departure.carry_out", id.uuid(), detail))
        .await
}

/// Deletes the documents that a seller kept of a customer that is gone, and with them its name.
pub async fn forget_documents(app: &App, caller: &Caller, id: DepartureId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    // An end that was tried several times may have had several days in mind; the last one holds.
    let until = store::departure(&mut tx, id).await?.documents_until;
    if let Some(until) = until.filter(|until| *until > tx.now()) {
        let initiator = tx.initiator();
        jobs::enqueue(&mut tx, Kind::ForgetDocuments(id), until, initiator).await?;
        let event = audit::Event::refused("departure.forget_documents", id.uuid(), json!({ "until": until }));
        return tx.commit(event).await;
    }
    drop(tx);
    let mut leave = app.db.leave(caller).await?;
    if store::departure(&mut leave, id).await?.state != "carried_out" {
        return Ok(());
    }
    let emptied = leave.empty(Keep::Nothing).await?;
    tenants::forget_name(&mut leave).await?;
    let detail = json!({ "rows": emptied.rows });
    leave
        .commit(audit::Event::done(
            "departure.forget_documents",
            id.uuid(),
            detail,
        ))
        .await
}
