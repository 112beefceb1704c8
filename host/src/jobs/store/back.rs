//! Giving claimed jobs back.

use crate::{db::WorkerTx, fault::Result, jobs::Tag};

/// The job waits as before it was claimed: nothing failed, so the attempt does not count.
pub(in crate::jobs) async fn give_back(tx: &mut WorkerTx, tag: Tag) -> Result<()> {
    sqlx::query!(
        "update job
        set state = 'waiting', attempts = greatest(attempts - 1, 0), virtual_time = null, leased_until = null,
            lease_id = null
        where reseller_id = $1 and id = $2 and lease_id = $3 and state = 'running'",
        tag.scope.reseller().uuid(),
        tag.job.uuid(),
        tag.id
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
