//! Leaving for good: asked for with the tenant's own name and an archive in hand, taken back within the grace period, and
//! otherwise carried out: everything is deleted, the key first of all, and a tombstone stays.

use chrono::TimeDelta;
use serde_json::json;

use super::store;
use crate::{
    app::{App, Timestamp},
    audit,
    carriers::operations,
    db::{Keep, Scope, Tx},
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission, tenants},
    ids::{DepartureId, TenantId},
    jobs::{self, Kind},
    page::{Items, Page},
    ports,
};

/// What cursors of [`departures`] are bound to.
pub const DEPARTURES: &str = "departures";

/// How long it can be taken back.
const GRACE: TimeDelta = TimeDelta::days(30);

/// An archive that is older is not what the tenant has.
const ARCHIVE_AT_MOST: TimeDelta = TimeDelta::days(7);

/// How long a seller keeps what it issued to a tenant that is gone.
const DOCUMENTS: TimeDelta = TimeDelta::days(3653);

/// When work was under way at the end, it is looked again after so long.
const POSTPONED: TimeDelta = TimeDelta::hours(1);

/// That a tenant leaves.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Who.
    pub scope: Scope,
    /// Which wish of it.
    pub id: DepartureId,
    /// `waiting`, `withdrawn` or `carried_out`.
    pub state: String,
    /// Where it stood before.
    pub from_state: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When its data is deleted, unless work is under way then.
    pub ends_at: Timestamp,
    /// When it was taken back or carried out.
    pub ended_at: Option<Timestamp>,
}

/// A wish to leave.
#[derive(Debug, Clone)]
pub struct Wish {
    /// A customer of the caller's; none for the caller's own tenant.
    pub customer: Option<TenantId>,
    /// The leaving tenant's slug, typed by whoever asks.
    pub slug: String,
    /// None needs an archive.
    pub archive: Archived,
}

/// Whether an archive was taken along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archived {
    /// There must be one of the last seven days.
    Required,
    /// Whoever asks says that none is needed.
    Waived,
}

/// Has a tenant leave: nothing new begins for it from here on, and after the grace period it is deleted.
pub async fn depart(app: &App, caller: &Caller, wish: Wish) -> Result<Departure> {
    let tenant = wish.customer.unwrap_or(caller.scope().tenant());
    let mut tx = app.db.write(caller, Permission::TenantLeave).await?;
    store::lock_alone(&mut tx, tenant).await?;
    let known = tenants::find(&mut tx, tenant).await?;
    let now = tx.now();
    check(&mut tx, &known, &wish, now).await?;
    check_idle(&mut tx, tenant).await?;
    tenants::stand(&mut tx, tenant, &known.state, "leaving").await?;
    let departure = Departure {
        scope: known.scope,
        id: app.id(),
        state: "waiting".into(),
        from_state: known.state,
        requested_at: now,
        ends_at: now + GRACE,
        ended_at: None,
    };
    let twice = || Fault::conflict("already_leaving", "the tenant is leaving already");
    store::insert_departure(&mut tx, &departure, wish.archive == Archived::Waived)
        .await
        .on_constraint("departure_one_waits", twice)?;
    let initiator = tx.initiator();
    jobs::enqueue_for(
        &mut tx,
        tenant,
        Kind::EndDeparture(departure.id),
        departure.ends_at,
        initiator,
    )
    .await?;
    let detail = json!({ "tenant": tenant.uuid(), "ends_at": departure.ends_at });
    tx.commit(audit::Event::done(
        "departure.request",
        departure.id.uuid(),
        detail,
    ))
    .await?;
    Ok(departure)
}

async fn check(tx: &mut impl Tx, tenant: &tenants::Tenant, wish: &Wish, now: Timestamp) -> Result<()> {
    if wish.slug != tenant.slug {
        let rule = "the slug is not the leaving tenant's: it must be typed as it is";
        return Err(Fault::invalid("slug_differs", rule));
    }
    if !["active", "suspended"].contains(&&*tenant.state) {
        return Err(Fault::conflict(
            "already_leaving",
            format!("the tenant is {} already", tenant.state),
        ));
    }
    if wish.archive == Archived::Required
        && !store::archived_since(tx, tenant.scope.tenant(), now - ARCHIVE_AT_MOST).await?
    {
        let rule = "there is no export of the last seven days; make one, or say that none is needed";
        return Err(Fault::conflict("export_missing", rule));
    }
    if tenant.scope.customer().is_none() {
        let customers = tenants::customers_left(tx).await?;
        if customers > 0 {
            let message = format!("{customers} customers are not gone yet: a reseller leaves after them");
            return Err(Fault::conflict("customers_remain", message));
        }
    }
    Ok(())
}

/// Refuses while a window lies ahead or is up, a return leg is pending or a carrier is being asked.
async fn check_idle(tx: &mut impl Tx, tenant: TenantId) -> Result<()> {
    let changes = ports::pending(tx, tenant).await?;
    let operations = operations::under_way(tx, tenant).await?;
    if changes.changes + changes.legs + operations == 0 {
        return Ok(());
    }
    let message = format!(
        "{} bandwidth changes, {} return legs and {operations} operations are not over",
        changes.changes, changes.legs
    );
    Err(Fault::conflict("work_pending", message))
}

/// The departures that the caller can see.
pub async fn departures(app: &App, caller: &Caller, page: Page) -> Result<Items<Departure>> {
    let mut tx = app.db.read(caller, Permission::TenantLeave).await?;
    let rows = store::departures(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), DEPARTURES, rows, |departure| departure.id.uuid()))
}

/// Takes a departure back; the tenant stands where it stood before.
pub async fn stay(app: &App, caller: &Caller, id: DepartureId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::TenantLeave).await?;
    let departure = store::departure(&mut tx, id).await?;
    if departure.state != "waiting" {
        let message = format!("the departure is {} already", departure.state);
        return Err(Fault::conflict("departure_over", message));
    }
    let now = tx.now();
    store::end_departure(&mut tx, id, "withdrawn", now).await?;
    tenants::stand(
        &mut tx,
        departure.scope.tenant(),
        "leaving",
        &departure.from_state,
    )
    .await?;
    tx.commit(audit::Event::done("departure.withdraw", id.uuid(), json!({})))
        .await
}

/// Carries a departure out whose grace period is over, or looks again later where work is under way.
pub async fn end(app: &App, caller: &Caller, id: DepartureId) -> Result<()> {
    let tenant = caller.scope().tenant();
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    store::lock_alone(&mut tx, tenant).await?;
    if store::departure(&mut tx, id).await?.state != "waiting" {
        return Ok(());
    }
    let (now, initiator) = (tx.now(), tx.initiator());
    if let Err(pending) = check_idle(&mut tx, tenant).await {
        jobs::enqueue(&mut tx, Kind::EndDeparture(id), now + POSTPONED, initiator).await?;
        let detail = json!({ "why": pending.to_string() });
        return tx
            .commit(audit::Event::refused("departure.carry_out", id.uuid(), detail))
            .await;
    }
    let keep = match caller.scope().customer() {
        Some(_) => Keep::Documents,
        None => Keep::Nothing,
    };
    if keep == Keep::Documents {
        jobs::enqueue(&mut tx, Kind::ForgetDocuments(id), now + DOCUMENTS, initiator).await?;
    }
    tx.commit(audit::Event::done("departure.begin_end", id.uuid(), json!({})))
        .await?;
    let mut leave = app.db.leave(caller).await?;
    store::lock_alone(&mut leave, tenant).await?;
    check_idle(&mut leave, tenant).await?;
    let emptied = leave.empty(keep).await?;
    tenants::entomb(&mut leave).await?;
    let now = leave.now();
    store::end_departure(&mut leave, id, "carried_out", now).await?;
    let detail = json!({ "rows": emptied.rows, "people": emptied.people });
    leave
        .commit(audit::Event::done("departure.carry_out", id.uuid(), detail))
        .await
}

/// Deletes the documents that a seller kept of a tenant that is gone.
pub async fn forget_documents(app: &App, caller: &Caller, id: DepartureId) -> Result<()> {
    let mut leave = app.db.leave(caller).await?;
    let emptied = leave.empty(Keep::Nothing).await?;
    let detail = json!({ "rows": emptied.rows });
    leave
        .commit(audit::Event::done(
            "departure.forget_documents",
            id.uuid(),
            detail,
        ))
        .await
}
