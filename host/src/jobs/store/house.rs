//! The job table from the house door, which may add a job of the reseller's and see none.

use super::Wish;
use crate::{
    db::{HouseTx, Tx as _},
    fault::Result,
    ids::JobId,
};

/// Adds the job unless one of its kind and subject waits or runs.
pub(in crate::jobs) async fn insert(tx: &mut HouseTx, id: JobId, wish: Wish) -> Result<()> {
    sqlx::query!(
        "insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing",
        tx.scope().reseller().uuid(),
        wish.tenant.uuid(),
        id.uuid(),
        wish.kind.name(),
        wish.kind.subject(),
        wish.initiator.kind.name(),
        wish.initiator.id,
        wish.due_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
