//! How much of a tenant's is not over.

use super::super::Pending;
use crate::{db::Tx, fault::Result, ids::TenantId};

pub(in crate::ports) async fn pending(tx: &mut impl Tx, tenant: TenantId) -> Result<Pending> {
    Ok(sqlx::query_as!(
        Pending,
        r#"select
            (select count(*)
            from bandwidth_change c
            where c.reseller_id = $1 and c.tenant_id = $2
                and c.state in ('awaiting_approval', 'scheduled', 'applying', 'applied')) as "changes!",
            (select count(*)
            from return_leg l
            where l.reseller_id = $1 and l.tenant_id = $2
                and l.state in ('reserved', 'applying', 'applied', 'failed', 'indeterminate')) as "legs!""#,
        tx.scope().reseller().uuid(),
        tenant.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}
