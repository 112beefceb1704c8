//! The table of drifts, and what is under way at a port that explains another speed.

use uuid::Uuid;

use super::{Drift, DriftState, Filter, Outcome, Since, Speeds};
use crate::{
    app::Timestamp,
    billing::rate::Period,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    identity::{ActorKind, Initiator},
    ids::{DriftId, OperationId, PortId},
    page::Page,
    ports::{mbps, speed::Window, to_db},
};

struct Row {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    port_id: Uuid,
    state: String,
    intended_mbps: i32,
    observed_mbps: i32,
    since: Timestamp,
    since_basis: String,
    seen_at: Timestamp,
    operation_id: Option<Uuid>,
    note: Option<String>,
    ended_at: Option<Timestamp>,
    outcome: Option<String>,
    settled_by_kind: Option<String>,
    settled_by: Option<Uuid>,
}

impl TryFrom<Row> for Drift {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = |what: &str| Fault::broken(format!("drift {} has an unknown {what}", row.id));
        let outcome = row
            .outcome
            .as_deref()
            .map(|name| Outcome::parse(name).ok_or_else(|| unknown("outcome")));
        let kind = row.settled_by_kind.as_deref();
        let kind = kind.map(|name| ActorKind::parse(name).ok_or_else(|| unknown("settler")));
        let settled_by = kind.transpose()?.zip(row.settled_by);
        Ok(Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            port: row.port_id.into(),
            state: DriftState::parse(&row.state).ok_or_else(|| unknown("state"))?,
            speeds: Speeds {
                intended: mbps(row.intended_mbps),
                observed: mbps(row.observed_mbps),
            },
            since: row.since,
            basis: Since::parse(&row.since_basis).ok_or_else(|| unknown("basis"))?,
            seen_at: row.seen_at,
            operation: row.operation_id.map(OperationId::from),
            note: row.note,
            ended: row.ended_at.zip(outcome.transpose()?),
            settled_by: settled_by.map(|(kind, id)| Initiator { kind, id }),
        })
    }
}

pub(super) async fn insert(tx: &mut WriteTx, drift: &Drift) -> Result<()> {
    let done = sqlx::query!(
        "insert into drift (reseller_id, tenant_id, id, port_id, state, intended_mbps, observed_mbps, since, since_basis,
            seen_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        drift.scope.reseller().uuid(),
        drift.scope.tenant().uuid(),
        drift.id.uuid(),
        drift.port.uuid(),
        drift.state.name(),
        to_db(drift.speeds.intended),
        to_db(drift.speeds.observed),
        drift.since,
        drift.basis.name(),
        drift.seen_at
    )
    .execute(tx.conn())
    .await
    .on_constraint("drift_once", || {
        Fault::broken(format!("port {} has two drifts at a time", drift.port))
    })?;
    exactly_one(done.rows_affected())
}

pub(super) async fn update(tx: &mut WriteTx, drift: &Drift) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update drift
        set state = $4, operation_id = $5, note = $6, ended_at = $7, outcome = $8, settled_by_kind = $9, settled_by = $10
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        drift.id.uuid(),
        drift.state.name(),
        drift.operation.map(|id| id.uuid()),
        drift.note,
        drift.ended.map(|(at, _)| at),
        drift.ended.map(|(_, outcome)| outcome.name()),
        drift.settled_by.map(|by| by.kind.name()),
        drift.settled_by.map(|by| by.id)
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn find(tx: &mut impl Tx, id: DriftId) -> Result<Drift> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, port_id, state, intended_mbps, observed_mbps, since, since_basis, seen_at,
            operation_id, note, ended_at, outcome, settled_by_kind, settled_by
        from drift
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.try_into()
}

/// The port's drift that is not over.
pub(super) async fn open(tx: &mut impl Tx, port: PortId) -> Result<Option<Drift>> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, port_id, state, intended_mbps, observed_mbps, since, since_basis, seen_at,
            operation_id, note, ended_at, outcome, settled_by_kind, settled_by
        from drift
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and state <> 'ended'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Drift::try_from).transpose()
}

pub(super) async fn list(tx: &mut impl Tx, filter: Filter, page: Page) -> Result<Vec<Drift>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, port_id, state, intended_mbps, observed_mbps, since, since_basis, seen_at,
            operation_id, note, ended_at, outcome, settled_by_kind, settled_by
        from drift
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and ($3::uuid is null or port_id = $3)
            and ($4::text is null or state = $4)
            and id > $5
        order by id
        limit $6",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        filter.port.map(|id| id.uuid()),
        filter.state.map(DriftState::name),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Drift::try_from).collect()
}

/// When a port had more in the period than it was meant to have, and what that was.
pub(in crate::ports) async fn above(tx: &mut impl Tx, port: PortId, period: Period) -> Result<Vec<Window>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        r#"select intended_mbps, since, coalesce(ended_at, $5) as "until!"
        from drift
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and observed_mbps > intended_mbps
            and since < $5
            and (ended_at is null or ended_at > $4)
        order by since"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        period.start,
        period.end
    )
    .fetch_all(tx.conn())
    .await?;
    let windows = rows.into_iter().map(|row| Window {
        mbps: mbps(row.intended_mbps),
        starts_at: row.since,
        ends_at: row.until,
    });
    Ok(windows.collect())
}

/// What is under way at a port.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnderWay {
    /// Something is being tried, looked at or due that the port's speed may come from.
    pub explains: bool,
    /// A return leg failed, or nobody could tell of it, and waits for its next try.
    pub has_failed_leg: bool,
}

/// A change that nobody can tell of explains the speed until its window is over, a base change for as long as it is looked at. Of a
/// return leg a look has told.
pub(super) async fn under_way(tx: &mut impl Tx, port: PortId, now: Timestamp) -> Result<UnderWay> {
    let scope = tx.scope();
    let row = sqlx::query!(
        r#"select exists (
            select from bandwidth_change
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and (state = 'scheduled' and starts_at <= $4
                    or state = 'indeterminate' and coalesce(ends_at, starts_at + interval '7 days') > $4
                    or state in ('applying', 'applied')
                        and not exists (
                            select from port_base
                            where port_base.reseller_id = $1 and port_base.port_id = $3
                                and port_base.change_id = bandwidth_change.id))
        ) or exists (
            select from return_leg leg
            join bandwidth_change change on change.reseller_id = leg.reseller_id and change.id = leg.change_id
            where leg.reseller_id = $1 and ($2::uuid is null or leg.tenant_id = $2)
                and leg.port_id = $3
                and (leg.state in ('applying', 'applied')
                    or leg.state = 'reserved'
                        and (leg.due_at <= $4 or change.state in ('rejected', 'failed'))
                        and change.state not in ('quoted', 'awaiting_approval'))
        ) as "explains!", exists (
            select from return_leg
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state in ('failed', 'indeterminate')
        ) as "has_failed_leg!""#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        now
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(UnderWay {
        explains: row.explains,
        has_failed_leg: row.has_failed_leg,
    })
}
