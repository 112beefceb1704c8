//! What was done, by whom, for whom. An event is stored in the transaction it tells of, or neither is. Rows are
//! never changed: the host's roles can insert and read, nothing else.

mod event;
mod store;

use sqlx::PgConnection;

pub use event::{Event, Outcome};
pub use store::{Filter, Record, list};

use crate::{
    app::{self, Timestamp},
    db::Scope,
    fault::Result,
    identity::Actor,
    ids::AuditEventId,
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
