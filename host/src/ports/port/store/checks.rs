//! When the schedule saw to a port.

use super::{Port, Row};
use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::{Result, exactly_one},
    ids::{CarrierId, PortId},
};

/// The active ports at a carrier that the schedule did not see to after `before`, the longest first.
pub(in crate::ports) async fn to_check(
    tx: &mut impl Tx,
    carrier: CarrierId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Port>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, name, carrier_id, location_id, reference, state, version, created_at
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and carrier_id = $3
            and state = 'active'
            and coalesce(checked_at, created_at) <= $4
        order by coalesce(checked_at, created_at)
        limit $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        carrier.uuid(),
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Port::from).collect())
}

pub(in crate::ports) async fn checked(tx: &mut WriteTx, port: PortId, at: Timestamp) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update port
        set checked_at = $4
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// When the schedule saw to that active port at the carrier that it did not see to for longest.
pub(in crate::ports) async fn oldest_check(
    tx: &mut impl Tx,
    carrier: CarrierId,
) -> Result<Option<Timestamp>> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select coalesce(checked_at, created_at) as "at!"
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and carrier_id = $3
            and state = 'active'
        order by coalesce(checked_at, created_at)
        limit 1"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        carrier.uuid()
    )
    .fetch_optional(tx.conn())
    .await?)
}
