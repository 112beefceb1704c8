//! What the operator's own login asks: structure across resellers.

use super::tenants::Row;
use crate::{
    db::{OperatorTx, Scope},
    fault::Result,
    identity::tenants::Tenant,
};

/// The operator's own tenant.
pub(in crate::identity) async fn operator(tx: &mut OperatorTx) -> Result<Option<Scope>> {
    let found = sqlx::query_scalar!("select tenant_id from tenant where kind = 'operator'")
        .fetch_optional(tx.conn())
        .await?;
    Ok(found.map(|id| Scope::new(id.into(), id.into())))
}

/// Whether this call made the row: another host may be first.
pub(in crate::identity) async fn insert_operator(tx: &mut OperatorTx, row: &Tenant) -> Result<bool> {
    let done = sqlx::query!(
        "insert into tenant (reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at)
        values ($1, $1, 'operator', $2, $3, $4, $5, $6, $7)
        on conflict do nothing",
        row.scope.tenant().uuid(),
        row.slug,
        row.name,
        row.state,
        row.currency,
        row.time_zone.name(),
        row.created_at
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::identity) async fn all_tenants(tx: &mut OperatorTx) -> Result<Vec<Tenant>> {
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, kind, slug, name, state, currency, time_zone, created_at
        from tenant
        where kind <> 'operator'
        order by reseller_id, tenant_id <> reseller_id, tenant_id"
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}
