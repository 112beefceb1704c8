//! Suspensions: written by the operator's login, read by the tenant they are about.

use crate::{
    app::Timestamp,
    db::{OperatorTx, ReadTx, Scope, Tx as _},
    fault::{Result, exactly_one},
    identity::suspensions::Suspension,
    ids::OperatorId,
    page::Page,
};

pub(in crate::identity) async fn insert_suspension(
    tx: &mut OperatorTx,
    scope: Scope,
    by: OperatorId,
    suspension: &Suspension,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into suspension (reseller_id, tenant_id, id, reason, suspended_by, suspended_at)
        values ($1, $2, $3, $4, $5, $6)",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        suspension.id.uuid(),
        suspension.reason,
        by.uuid(),
        suspension.suspended_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// A tenant that was suspended some other way has none to end.
pub(in crate::identity) async fn end_suspension(
    tx: &mut OperatorTx,
    scope: Scope,
    by: OperatorId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update suspension
        set resumed_by = $3, resumed_at = $4
        where reseller_id = $1 and tenant_id = $2 and resumed_at is null",
        scope.reseller().uuid(),
        scope.tenant().uuid(),
        by.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The suspension that lasts.
pub(in crate::identity) async fn open_suspension(
    tx: &mut OperatorTx,
    of: Scope,
) -> Result<Option<Suspension>> {
    Ok(sqlx::query_as!(
        Suspension,
        "select id, tenant_id as tenant, reason, suspended_at, resumed_at
        from suspension
        where reseller_id = $1 and tenant_id = $2 and resumed_at is null",
        of.reseller().uuid(),
        of.tenant().uuid()
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(in crate::identity) async fn suspensions(tx: &mut ReadTx, page: Page) -> Result<Vec<Suspension>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        Suspension,
        "select id, tenant_id as tenant, reason, suspended_at, resumed_at
        from suspension
        where reseller_id = $1
            and ($2::uuid is null or tenant_id = $2)
            and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?)
}
