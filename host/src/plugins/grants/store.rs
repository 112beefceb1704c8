//! The table capability_grant. It is the reseller's house, so the second fence is the reseller alone: the house door acts
//! for a customer and reads its reseller's rows.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Capability, CapabilityKind};
use crate::{
    db::{Tx, WriteTx},
    fault::{Result, exactly_one},
    ids::ReleaseId,
};

pub(in crate::plugins) async fn grant(
    tx: &mut WriteTx,
    id: Uuid,
    release: ReleaseId,
    to: &Capability,
    by: Option<Uuid>,
) -> Result<()> {
    let (reseller, now) = (tx.scope().reseller().uuid(), tx.now());
    let done = sqlx::query!(
        "insert into capability_grant (reseller_id, tenant_id, id, release_id, kind, handle, granted_by, granted_at)
        values ($1, $1, $2, $3, $4, $5, $6, $7)",
        reseller,
        id,
        release.uuid(),
        to.kind.name(),
        to.handle,
        by,
        now
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(in crate::plugins) async fn granted(
    tx: &mut impl Tx,
    release: ReleaseId,
) -> Result<BTreeSet<Capability>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        "select kind, handle from capability_grant where reseller_id = $1 and release_id = $2",
        reseller,
        release.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| Ok(Capability::new(CapabilityKind::parse(&row.kind)?, row.handle)))
        .collect()
}
