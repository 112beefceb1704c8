//! The tables of bandwidth changes and return legs.

use uuid::Uuid;

use super::{Change, ChangeState, Leg, LegState};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::{ActorKind, Initiator},
    ids::{ChangeId, PortId, QuoteId, ReturnLegId},
    page::Page,
    ports::{
        Kind, mbps,
        speed::{Base, Window},
        to_db,
    },
};

struct ChangeRow {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    port_id: Uuid,
    quote_id: Uuid,
    mbps: i32,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
    state: String,
    reason: Option<String>,
    initiated_by_kind: String,
    initiated_by: Uuid,
    created_at: Timestamp,
}

impl TryFrom<ChangeRow> for Change {
    type Error = Fault;

    fn try_from(row: ChangeRow) -> Result<Self> {
        let unknown = |what| Fault::broken(format!("bandwidth change {} has an unknown {what}", row.id));
        Ok(Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            port: row.port_id.into(),
            quote: row.quote_id.into(),
            kind: Kind::ending(row.ends_at),
            mbps: mbps(row.mbps),
            starts_at: row.starts_at,
            state: ChangeState::parse(&row.state).ok_or_else(|| unknown("state"))?,
            reason: row.reason,
            initiator: Initiator {
                kind: ActorKind::parse(&row.initiated_by_kind).ok_or_else(|| unknown("initiator"))?,
                id: row.initiated_by,
            },
            created_at: row.created_at,
        })
    }
}

struct LegRow {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    change_id: Uuid,
    port_id: Uuid,
    due_at: Timestamp,
    target_mbps: Option<i32>,
    state: String,
    reason: Option<String>,
}

impl TryFrom<LegRow> for Leg {
    type Error = Fault;

    fn try_from(row: LegRow) -> Result<Self> {
        let unknown = || Fault::broken(format!("return leg {} has an unknown state", row.id));
        Ok(Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            change: row.change_id.into(),
            port: row.port_id.into(),
            due_at: row.due_at,
            target_mbps: row.target_mbps.map(mbps),
            state: LegState::parse(&row.state).ok_or_else(unknown)?,
            reason: row.reason,
        })
    }
}

pub(in crate::ports) async fn insert(tx: &mut WriteTx, change: &Change) -> Result<()> {
    let done = sqlx::query!(
        "insert into bandwidth_change (reseller_id, tenant_id, id, port_id, quote_id, kind, mbps, starts_at, ends_at,
            state, reason, initiated_by_kind, initiated_by, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        change.scope.reseller().uuid(),
        change.scope.tenant().uuid(),
        change.id.uuid(),
        change.port.uuid(),
        change.quote.uuid(),
        change.kind.name(),
        to_db(change.mbps),
        change.starts_at,
        change.ends_at(),
        change.state.name(),
        change.reason,
        change.initiator.kind.name(),
        change.initiator.id,
        change.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn update(tx: &mut WriteTx, change: &Change) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update bandwidth_change
        set state = $4, reason = $5
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        change.id.uuid(),
        change.state.name(),
        change.reason
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn find(tx: &mut impl Tx, id: ChangeId) -> Result<Change> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        ChangeRow,
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason,
            initiated_by_kind, initiated_by, created_at
        from bandwidth_change
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

pub(in crate::ports) async fn list(
    tx: &mut impl Tx,
    port: Option<PortId>,
    page: Page,
) -> Result<Vec<Change>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        ChangeRow,
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason,
            initiated_by_kind, initiated_by, created_at
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and ($3::uuid is null or port_id = $3)
            and id > $4
        order by id
        limit $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Change::try_from).collect()
}

pub(in crate::ports) async fn of_quote(tx: &mut impl Tx, quote: QuoteId) -> Result<bool> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select from bandwidth_change
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and quote_id = $3) as "used!""#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        quote.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The windows of a port that may take effect, are in force, or ended after `since`.
pub(in crate::ports) async fn windows(
    tx: &mut impl Tx,
    port: PortId,
    since: Timestamp,
) -> Result<Vec<Window>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        r#"select mbps, starts_at, ends_at as "ends_at!"
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and kind = 'window'
            and state not in ('rejected', 'cancelled', 'expired', 'failed', 'reverted')
            and ends_at > $4
        order by starts_at"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        since
    )
    .fetch_all(tx.conn())
    .await?;
    let windows = rows.into_iter().map(|row| Window {
        mbps: mbps(row.mbps),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
    });
    Ok(windows.collect())
}

/// The base changes of a port that are booked or under way and not yet recorded as its base.
pub(in crate::ports) async fn coming_bases(tx: &mut impl Tx, port: PortId) -> Result<Vec<Base>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select mbps, starts_at
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and kind = 'base'
            and state in ('scheduled', 'applying', 'applied')
            and not exists (
                select from port_base
                where port_base.reseller_id = $1 and port_base.change_id = bandwidth_change.id)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let bases = rows.into_iter().map(|row| Base {
        mbps: mbps(row.mbps),
        effective_at: row.starts_at,
    });
    Ok(bases.collect())
}

/// The base changes that were recorded inside a window and wait for its end to be seen.
pub(in crate::ports) async fn on_paper(tx: &mut impl Tx, port: PortId) -> Result<Vec<Change>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        ChangeRow,
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason,
            initiated_by_kind, initiated_by, created_at
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and kind = 'base'
            and state = 'applying'
            and exists (
                select from port_base
                where port_base.reseller_id = $1 and port_base.change_id = bandwidth_change.id)
        order by starts_at",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Change::try_from).collect()
}

/// Whether the carrier is being asked for a speed of the port, or a read-back of one is outstanding.
pub(in crate::ports) async fn busy(tx: &mut impl Tx, port: PortId) -> Result<bool> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select from bandwidth_change
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state in ('applying', 'applied')
                and not exists (
                    select from port_base
                    where port_base.reseller_id = $1 and port_base.change_id = bandwidth_change.id)
        ) or exists (
            select from return_leg
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state in ('applying', 'applied')
        ) as "busy!""#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whether anything is booked or under way on the port.
pub(in crate::ports) async fn unfinished(tx: &mut impl Tx, port: PortId) -> Result<bool> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select from bandwidth_change
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state in ('scheduled', 'applying', 'applied', 'indeterminate')
        ) or exists (
            select from return_leg
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state not in ('verified', 'released', 'passed_on')
        ) as "unfinished!""#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The changes of the port whose time has come and that have not begun.
pub(in crate::ports) async fn due(tx: &mut impl Tx, port: PortId, now: Timestamp) -> Result<Vec<Change>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        ChangeRow,
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason,
            initiated_by_kind, initiated_by, created_at
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and state = 'scheduled'
            and starts_at <= $4
        order by starts_at, id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Change::try_from).collect()
}

pub(in crate::ports) async fn insert_leg(tx: &mut WriteTx, leg: &Leg) -> Result<()> {
    let done = sqlx::query!(
        "insert into return_leg (reseller_id, tenant_id, id, change_id, port_id, due_at, target_mbps, state, reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        leg.scope.reseller().uuid(),
        leg.scope.tenant().uuid(),
        leg.id.uuid(),
        leg.change.uuid(),
        leg.port.uuid(),
        leg.due_at,
        leg.target_mbps.map(to_db),
        leg.state.name(),
        leg.reason
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn update_leg(tx: &mut WriteTx, leg: &Leg) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update return_leg
        set state = $4, reason = $5, target_mbps = $6
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        leg.id.uuid(),
        leg.state.name(),
        leg.reason,
        leg.target_mbps.map(to_db)
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::ports) async fn find_leg(tx: &mut impl Tx, id: ReturnLegId) -> Result<Leg> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        LegRow,
        "select reseller_id, tenant_id, id, change_id, port_id, due_at, target_mbps, state, reason
        from return_leg
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

pub(in crate::ports) async fn leg_of(tx: &mut impl Tx, change: ChangeId) -> Result<Option<Leg>> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        LegRow,
        "select reseller_id, tenant_id, id, change_id, port_id, due_at, target_mbps, state, reason
        from return_leg
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and change_id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        change.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Leg::try_from).transpose()
}

/// The reserved return legs of the port whose time has come: their window has ended, or never took effect.
pub(in crate::ports) async fn due_legs(tx: &mut impl Tx, port: PortId, now: Timestamp) -> Result<Vec<Leg>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        LegRow,
        "select leg.reseller_id, leg.tenant_id, leg.id, leg.change_id, leg.port_id, leg.due_at, leg.target_mbps,
            leg.state, leg.reason
        from return_leg leg
        join bandwidth_change change on change.reseller_id = leg.reseller_id and change.id = leg.change_id
        where leg.reseller_id = $1 and ($2::uuid is null or leg.tenant_id = $2)
            and leg.port_id = $3
            and leg.state = 'reserved'
            and (leg.due_at <= $4 or change.state in ('rejected', 'failed'))
        order by leg.due_at, leg.id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Leg::try_from).collect()
}
