//! The table of departures, and the lock that new work and a departure share.

use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{Leave, Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::{DepartureId, TenantId},
    leaving::departure::{Archived, Departure, WishedBy},
    page::Page,
};

/// The table's columns.
struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    state: String,
    from_state: String,
    sent_away: bool,
    requested_at: Timestamp,
    ends_at: Timestamp,
    ended_at: Option<Timestamp>,
    documents_until: Option<Timestamp>,
    reason: Option<Vec<u8>>,
}

impl From<Row> for Departure {
    fn from(row: Row) -> Self {
        Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            state: row.state,
            from_state: row.from_state,
            wished_by: if row.sent_away {
                WishedBy::Reseller
            } else {
                WishedBy::Tenant
            },
            reason: None,
            requested_at: row.requested_at,
            ends_at: row.ends_at,
            ended_at: row.ended_at,
            documents_until: row.documents_until,
        }
    }
}

/// Until the transaction ends nothing new begins for the tenant: what does takes the same lock, shared.
pub(in crate::leaving) async fn lock_alone(tx: &mut impl Tx, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1::text, 0))",
        tenant.to_string()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::leaving) async fn insert_departure(
    tx: &mut WriteTx,
    departure: &Departure,
    reason: &[u8],
    archive: Archived,
) -> Result<()> {
    let initiator = tx.initiator();
    let done = sqlx::query!(
        "insert into departure (reseller_id, tenant_id, id, from_state, requested_by_kind, requested_by, requested_at,
            sent_away, reason, export_waived, ends_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        departure.scope.reseller().uuid(),
        departure.scope.tenant().uuid(),
        departure.id.uuid(),
        departure.from_state,
        initiator.kind.name(),
        initiator.id,
        departure.requested_at,
        departure.wished_by == WishedBy::Reseller,
        reason,
        archive == Archived::Waived,
        departure.ends_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::leaving) async fn departure(tx: &mut impl Tx, id: DepartureId) -> Result<Departure> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, state, from_state, sent_away, requested_at, ends_at, ended_at,
            documents_until, reason
        from departure
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.ok_or(Fault::Missing)?.into())
}

/// Departures, each with its reason as it is sealed.
pub(in crate::leaving) async fn departures(
    tx: &mut impl Tx,
    page: Page,
) -> Result<Vec<(Departure, Option<Vec<u8>>)>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, state, from_state, sent_away, requested_at, ends_at, ended_at,
            documents_until, reason
        from departure
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    let taken_apart = rows.into_iter().map(|mut row| {
        let reason = row.reason.take();
        (row.into(), reason)
    });
    Ok(taken_apart.collect())
}

pub(in crate::leaving) async fn withdraw(tx: &mut WriteTx, id: DepartureId, now: Timestamp) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update departure
        set state = 'withdrawn', ended_at = $4
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state = 'waiting'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// Every departure of the tenant and of those that go along is over, and no reason of one before is left.
pub(in crate::leaving) async fn carried_out(
    tx: &mut Leave,
    now: Timestamp,
    documents_until: Option<Timestamp>,
) -> Result<()> {
    let scope = tx.scope();
    sqlx::query!(
        "update departure
        set state = case state when 'waiting' then 'carried_out' else state end,
            ended_at = coalesce(ended_at, $3),
            documents_until = case state when 'waiting' then $4::timestamptz end,
            reason = null
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        now,
        documents_until
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
