//! Customers as their reseller finds and edits them.

use std::collections::HashMap;

use super::tenants::Row;
use crate::{
    db::{Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::tenants::Tenant,
    ids::TenantId,
};

pub(in crate::identity) async fn some_customers(tx: &mut impl Tx, ids: &[uuid::Uuid]) -> Result<Vec<Tenant>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at
        from tenant
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and kind = 'customer'
            and tenant_id = any($3)
        order by tenant_id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

pub(in crate::identity) async fn customer_versions(
    tx: &mut impl Tx,
    ids: &[TenantId],
) -> Result<HashMap<TenantId, i32>> {
    let scope = tx.scope();
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select tenant_id, version
        from tenant
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and tenant_id = any($3)",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.tenant_id.into(), row.version))
        .collect())
}

/// The customer's version, kept from others' edits until the transaction ends.
pub(in crate::identity) async fn lock_customer(tx: &mut WriteTx, id: TenantId) -> Result<i32> {
    let scope = tx.scope();
    let version = sqlx::query_scalar!(
        "select version
        from tenant
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and kind = 'customer'
            and tenant_id = $3
        for no key update",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    version.ok_or(Fault::Missing)
}

pub(in crate::identity) async fn rename_customer(tx: &mut WriteTx, id: TenantId, name: &str) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "update tenant
        set name = $4, version = version + 1
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and kind = 'customer'
            and tenant_id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid(),
        name
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
