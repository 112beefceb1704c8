//! Operators' visits as the visited tenant sees them: who came in, why, for how long, what was asked meanwhile, and the
//! way to end it.

use serde_json::json;

use super::{AtTheEntrance, Caller, Permission, Principal, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::Scope,
    fault::Result,
    ids::{OperatorId, VisitId},
    page::{Items, Page},
};

/// What a visit may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Look.
    Read,
    /// Look, and do the tenant's daily work.
    Write,
}

/// An operator's time inside a tenant.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Which one.
    pub id: VisitId,
    /// Where.
    pub scope: Scope,
    /// Whose.
    pub operator: OperatorId,
    /// Why.
    pub reason: String,
    /// What it may do.
    pub extent: Extent,
    /// Since when.
    pub began_at: Timestamp,
    /// Until when at the latest.
    pub expires_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// By whom: `operator` or `tenant`.
    pub ended_by: Option<String>,
}

/// The visits to the caller's tenant; for a reseller, to its customers too.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Visit>> {
    let mut tx = app.db.read(caller, Permission::AuditRead).await?;
    let rows = store::visits(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "visits", rows, |visit| visit.id.uuid()))
}

/// Shows the operator out: the next request of the visit is refused.
pub async fn end(app: &App, caller: &Caller, id: VisitId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let now = tx.now();
    store::show_out(&mut tx, id, now).await?;
    let event = audit::Event::done("visit.end", id.uuid(), json!({ "by": "tenant" }));
    tx.commit(event).await
}

/// Records in the tenant's trail what is asked during a visit, before it is answered; nothing for other callers.
/// `operation` is a method and the path it was asked at.
pub async fn record(app: &App, caller: &Caller, operation: &str) -> Result<()> {
    let Principal::Operator { visit, .. } = caller.principal() else {
        return Ok(());
    };
    let shown: String = operation.chars().take(300).collect();
    let tx = app.db.entrance(AtTheEntrance(())).await?;
    let event = audit::Event::done("visit.request", visit.uuid(), json!({ "operation": shown }));
    tx.commit(caller.scope(), &caller.actor(), app.now(), event).await
}
