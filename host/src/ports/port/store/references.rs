//! Ports as their carriers name them.

use super::{Port, Row};
use crate::{db::Tx, fault::Result, ids::CarrierId};

/// The ports at a carrier that have one of these references.
pub(in crate::ports) async fn by_reference(
    tx: &mut impl Tx,
    carrier: CarrierId,
    references: &[String],
) -> Result<Vec<Port>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        Row,
        "select reseller_id, tenant_id, id, name, carrier_id, location_id, reference, state, version, created_at
        from port
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and carrier_id = $3
            and reference = any($4)
        order by id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        carrier.uuid(),
        references
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Port::from).collect())
}
