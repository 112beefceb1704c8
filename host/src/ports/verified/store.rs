//! The tables of observations and intervals.

use uuid::Uuid;

use super::{Basis, Edge, Interval, Latest, Observation, Shown};
use crate::{
    app::Timestamp,
    billing::rate::Period,
    db::{Tx, WriteTx},
    fault::{Result, exactly_one},
    ids::{IntervalId, ObservationId, PortId},
    page::Page,
    ports::{mbps, port::Port, to_db},
};

struct IntervalRow {
    id: Uuid,
    port_id: Uuid,
    mbps: i32,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
    start_basis: String,
    end_basis: Option<String>,
    opened_by: Uuid,
    closed_by: Option<Uuid>,
}

impl From<IntervalRow> for Interval {
    fn from(row: IntervalRow) -> Self {
        Self {
            id: row.id.into(),
            port: row.port_id.into(),
            mbps: mbps(row.mbps),
            start: edge(row.starts_at, &row.start_basis),
            end: row
                .ends_at
                .map(|at| edge(at, row.end_basis.as_deref().unwrap_or_default())),
            opened_by: row.opened_by.into(),
            closed_by: row.closed_by.map(ObservationId::from),
        }
    }
}

fn edge(at: Timestamp, basis: &str) -> Edge {
    let basis = match basis {
        "carrier" => Basis::Carrier,
        _ => Basis::Observation,
    };
    Edge { at, basis }
}

pub(super) async fn insert_observation(tx: &mut WriteTx, port: &Port, seen: &Observation) -> Result<()> {
    let done = sqlx::query!(
        "insert into observation (reseller_id, tenant_id, id, port_id, operation_id, mbps, since, observed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        port.scope.reseller().uuid(),
        port.scope.tenant().uuid(),
        seen.id.uuid(),
        port.id.uuid(),
        seen.operation.uuid(),
        to_db(seen.mbps),
        seen.since,
        seen.observed_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn observations(tx: &mut impl Tx, port: PortId, page: Page) -> Result<Vec<Observation>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select id, operation_id, mbps, since, observed_at
        from observation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and id > $4
        order by id
        limit $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    let observations = rows.into_iter().map(|row| Observation {
        id: row.id.into(),
        port,
        operation: row.operation_id.into(),
        mbps: mbps(row.mbps),
        since: row.since,
        observed_at: row.observed_at,
    });
    Ok(observations.collect())
}

pub(super) async fn latest(tx: &mut impl Tx, port: PortId) -> Result<Option<Latest>> {
    let scope = tx.scope();
    let row = sqlx::query!(
        "select mbps, observed_at
        from observation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
        order by observed_at desc, id desc
        limit 1",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Latest {
        mbps: mbps(row.mbps),
        observed_at: row.observed_at,
    }))
}

pub(super) async fn tells_since(tx: &mut impl Tx, port: PortId) -> Result<bool> {
    let scope = tx.scope();
    let tells = sqlx::query_scalar!(
        r#"select since is not null as "tells!"
        from observation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
        order by observed_at desc, id desc
        limit 1"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(tells.unwrap_or(false))
}

pub(super) async fn misses(tx: &mut impl Tx, port: PortId, since: Timestamp, target: u32) -> Result<u32> {
    let scope = tx.scope();
    let misses = sqlx::query_scalar!(
        r#"select count(*) as "misses!"
        from observation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and observed_at >= $4
            and mbps <> $5"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        since,
        to_db(target)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(u32::try_from(misses).unwrap_or(u32::MAX))
}

/// The open interval, with when its speed was last seen: whatever was seen last confirmed it, or it would be closed.
pub(super) async fn open(tx: &mut impl Tx, port: PortId) -> Result<Option<Shown>> {
    let scope = tx.scope();
    let row = sqlx::query!(
        r#"select id, mbps, starts_at, start_basis, opened_by, (
            select max(observed_at)
            from observation
            where observation.reseller_id = $1 and ($2::uuid is null or observation.tenant_id = $2)
                and observation.port_id = $3) as "confirmed_at!"
        from "interval"
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and state = 'open'"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Shown {
        interval: Interval {
            id: row.id.into(),
            port,
            mbps: mbps(row.mbps),
            start: edge(row.starts_at, &row.start_basis),
            end: None,
            opened_by: row.opened_by.into(),
            closed_by: None,
        },
        confirmed_at: row.confirmed_at,
    }))
}

pub(super) async fn insert_interval(tx: &mut WriteTx, port: &Port, interval: &Interval) -> Result<()> {
    let done = sqlx::query!(
        r#"insert into "interval" (reseller_id, tenant_id, id, port_id, mbps, starts_at, start_basis, opened_by, state)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'open')"#,
        port.scope.reseller().uuid(),
        port.scope.tenant().uuid(),
        interval.id.uuid(),
        port.id.uuid(),
        to_db(interval.mbps),
        interval.start.at,
        interval.start.basis.name(),
        interval.opened_by.uuid()
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn close(
    tx: &mut WriteTx,
    id: IntervalId,
    end: Edge,
    closed_by: Option<ObservationId>,
) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        r#"update "interval"
        set ends_at = $4, end_basis = $5, closed_by = $6, state = 'closed'
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        end.at,
        end.basis.name(),
        closed_by.map(|id| id.uuid())
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn intervals(tx: &mut impl Tx, port: PortId, page: Page) -> Result<Vec<Interval>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        IntervalRow,
        r#"select id, port_id, mbps, starts_at, ends_at, start_basis, end_basis, opened_by, closed_by
        from "interval"
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and id > $4
        order by id
        limit $5"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Interval::from).collect())
}

/// The intervals that have an instant in the period, in order of time.
pub(super) async fn touching(tx: &mut impl Tx, port: PortId, period: Period) -> Result<Vec<Interval>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        IntervalRow,
        r#"select id, port_id, mbps, starts_at, ends_at, start_basis, end_basis, opened_by, closed_by
        from "interval"
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and starts_at < $5
            and (ends_at is null or (ends_at > $4 and ends_at > starts_at))
        order by starts_at"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        period.start,
        period.end
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Interval::from).collect())
}
