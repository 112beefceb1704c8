//! The operation table, as whoever repairs an operation needs it.

use crate::{
    carriers::operations::Operation,
    db::{Tx as _, WriteTx},
    fault::{Fault, Result, exactly_one},
    ids::OperationId,
};

/// Keeps that a person had it taken up again.
pub(in crate::carriers::operations) async fn take_up(tx: &mut WriteTx, id: OperationId) -> Result<()> {
    let (scope, now) = (tx.scope(), tx.now());
    let done = sqlx::query!(
        "update operation
        set state = 'running', attention = null, ended_at = null, retried_at = $4
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3 and state = 'given_up'",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// An operation that nobody else changes until the transaction ends.
pub(in crate::carriers::operations) async fn lock(tx: &mut WriteTx, id: OperationId) -> Result<Operation> {
    let scope = tx.scope();
    sqlx::query!(
        "select id
        from operation
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3
        for no key update",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Fault::Missing)?;
    super::find(tx, id).await
}
