//! What is booked on a port and what of it is due, from the tables of changes and return legs.

use super::{super::Change, changes::ChangeRow};
use crate::{
    app::Timestamp,
    db::Tx,
    fault::Result,
    ids::PortId,
    ports::{
        mbps,
        speed::{Base, Window},
    },
};

/// Which windows count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ports) enum Counted {
    /// Those that are booked and that nobody needs to approve any more.
    Firm,
    /// Those too that are held or wait for approval, and keep their place.
    AwaitingToo,
}

/// The windows of a port that may take effect, are in force, or ended after `since`.
pub(in crate::ports) async fn windows(
    tx: &mut impl Tx,
    port: PortId,
    since: Timestamp,
    counted: Counted,
) -> Result<Vec<Window>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        r#"select mbps, starts_at, ends_at as "ends_at!"
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and kind = 'window'
            and state not in ('rejected', 'cancelled', 'expired', 'failed', 'reverted')
            and (state not in ('quoted', 'awaiting_approval') or $5)
            and ends_at > $4
        order by starts_at"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        since,
        counted == Counted::AwaitingToo
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
                where port_base.reseller_id = $1 and port_base.port_id = $3 and port_base.change_id = bandwidth_change.id)",
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
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason, held_until,
            initiated_by_kind, initiated_by, created_at
        from bandwidth_change
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and kind = 'base'
            and state = 'applying'
            and exists (
                select from port_base
                where port_base.reseller_id = $1 and port_base.port_id = $3 and port_base.change_id = bandwidth_change.id)
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
                    where port_base.reseller_id = $1 and port_base.port_id = $3 and port_base.change_id = bandwidth_change.id)
        ) or exists (
            select from return_leg
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state in ('applying', 'applied')
        ) or exists (
            select from drift
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state = 'correcting'
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
                and state in ('quoted', 'awaiting_approval', 'scheduled', 'applying', 'applied', 'indeterminate')
        ) or exists (
            select from return_leg
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state not in ('verified', 'released', 'passed_on')
        ) or exists (
            select from drift
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and state = 'correcting'
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
        "select reseller_id, tenant_id, id, port_id, quote_id, mbps, starts_at, ends_at, state, reason, held_until,
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
