//! What was done, by whom, for whom. An event is stored in the transaction it tells of, or neither is. Rows are
//! never changed: the host's roles can insert and read, nothing else.

mod event;
mod store;

use sqlx::PgConnection;

pub use event::{Event, Outcome};
pub use store::{Filter, Record};

use crate::{
    app::{self, App, Timestamp},
    db::Scope,
    fault::Result,
    identity::{Actor, Caller, Permission},
    ids::AuditEventId,
    page::{Items, Page},
};

/// Stores an event in the transaction that `conn` is in. Only the doors of `db` call it.
pub(crate) async fn record(
    conn: &mut PgConnection,
    scope: Scope,
    actor: &Actor,
    now: Timestamp,
    event: Event,
) -> Result<()> {
    let id: AuditEventId = app::new_id(now);
    tracing::info!(
        reseller = %scope.reseller(), tenant = %scope.tenant(), action = event.action, outcome = event.outcome.name(),
        target = ?event.target_id, "audit"
    );
    store::insert(conn, scope, id, actor, now, event).await
}

/// The events of the caller's tenant; for a reseller, of its customers too.
pub async fn events(app: &App, caller: &Caller, filter: &Filter, page: Page) -> Result<Items<Record>> {
    let mut tx = app.db.read(caller, Permission::AuditRead).await?;
    let rows = store::list(&mut tx, filter, page).await?;
    Ok(page.cut(caller.scope(), "audit-events", rows, |record| record.id))
}
