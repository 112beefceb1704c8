//! What of tenants' is not over.

use super::super::{MAX_PENDING, Pending};
use crate::{
    db::{Scope, Tx},
    fault::Result,
};

pub(in crate::ports) async fn pending(tx: &mut impl Tx, of: Scope) -> Result<Vec<Pending>> {
    let rows = sqlx::query!(
        r#"select c.tenant_id as "tenant_id!", false as "is_leg!"
        from bandwidth_change c
        where c.reseller_id = $1 and ($2::uuid is null or c.tenant_id = $2)
            and c.state in ('awaiting_approval', 'scheduled', 'applying', 'applied', 'indeterminate')
            and (c.state not in ('applied', 'indeterminate')
                or not exists (
                    select
                    from return_leg over
                    where over.reseller_id = c.reseller_id and over.tenant_id = c.tenant_id
                        and over.change_id = c.id and over.state in ('verified', 'released', 'passed_on'))
                and exists (
                    select
                    from port
                    where port.reseller_id = c.reseller_id and port.tenant_id = c.tenant_id
                        and port.id = c.port_id and port.state = 'active'))
        union all
        select l.tenant_id, true
        from return_leg l
        where l.reseller_id = $1 and ($2::uuid is null or l.tenant_id = $2)
            and l.state in ('reserved', 'applying', 'applied', 'failed', 'indeterminate')
        limit $3"#,
        of.reseller().uuid(),
        of.customer().map(|id| id.uuid()),
        MAX_PENDING
    )
    .fetch_all(tx.conn())
    .await?;
    let pending = rows.into_iter().map(|row| match row.is_leg {
        true => Pending::Leg(row.tenant_id.into()),
        false => Pending::Change(row.tenant_id.into()),
    });
    Ok(pending.collect())
}
