//! The audit table.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Event;
use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx as _},
    fault::{Result, exactly_one},
    identity::Actor,
    ids::AuditEventId,
    page::Page,
};

/// A stored event.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // the table's columns
pub struct Record {
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub initiated_by: Option<Uuid>,
    pub action: String,
    pub target_kind: String,
    pub target_id: Option<Uuid>,
    pub outcome: String,
    pub detail: Value,
}

/// Which events are wanted; none of a field means any.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)] // the record's fields
pub struct Filter {
    pub action: Option<String>,
    pub target_id: Option<Uuid>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

pub(super) async fn insert(
    conn: &mut PgConnection,
    scope: Scope,
    id: AuditEventId,
    actor: &Actor,
    at: Timestamp,
    event: Event,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into audit_event (reseller_id, tenant_id, id, at, actor_kind, actor_id, initiated_by,
            action, target_kind, target_id, outcome, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        id.uuid(),
        at,
        actor.kind.name(),
        actor.id,
        actor.initiated_by,
        event.action,
        event.target_kind,
        event.target_id,
        event.outcome.name(),
        event.detail
    )
    .execute(conn)
    .await?;
    exactly_one(done.rows_affected())
}

/// Events in the order in which they were stored.
pub(super) async fn list(tx: &mut ReadTx, filter: &Filter, page: Page) -> Result<Vec<Record>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        Record,
        "select id, tenant_id, at, actor_kind, actor_id, initiated_by, action, target_kind, target_id, outcome, detail
        from audit_event
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id > $3
            and ($4::text is null or action = $4)
            and ($5::uuid is null or target_id = $5)
            and ($6::timestamptz is null or at >= $6)
            and ($7::timestamptz is null or at < $7)
        order by id
        limit $8",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        filter.action,
        filter.target_id,
        filter.from,
        filter.to,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}
