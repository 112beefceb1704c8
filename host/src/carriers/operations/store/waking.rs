//! Which operations wait for something, in the table of operations.

use crate::{
    app::Timestamp,
    db::{Tx, WriteTx},
    fault::Result,
    ids::{CarrierId, OperationId, PortId, TenantId},
};

/// The operations at a carrier that wait for one of these keys, and whose they are.
pub(in crate::carriers::operations) async fn waiting_for(
    tx: &mut WriteTx,
    carrier: CarrierId,
    keys: &[String],
) -> Result<Vec<(OperationId, TenantId)>> {
    let scope = tx.scope();
    let found = sqlx::query!(
        "select id, tenant_id
        from operation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and carrier_id = $3
            and not_over and wake_on <> '{}'
            and wake_on && $4
        order by id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        carrier.uuid(),
        keys
    )
    .fetch_all(tx.conn())
    .await?;
    let found = found.into_iter();
    Ok(found.map(|row| (row.id.into(), row.tenant_id.into())).collect())
}

/// Notes of operations that they are woken.
pub(in crate::carriers::operations) async fn wake(tx: &mut WriteTx, ids: &[OperationId]) -> Result<()> {
    let scope = tx.scope();
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "update operation
        set woken_at = $4
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = any($3)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        &ids,
        tx.now()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a read-back of the port is under way, or was started since.
pub(in crate::carriers::operations) async fn is_read(
    tx: &mut impl Tx,
    port: PortId,
    since: Timestamp,
) -> Result<bool> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select from operation
            where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
                and port_id = $3
                and kind = 'read_port'
                and (asked_at > $4 or state in ('running', 'waiting'))) as "is_read!""#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid(),
        since
    )
    .fetch_one(tx.conn())
    .await?)
}
