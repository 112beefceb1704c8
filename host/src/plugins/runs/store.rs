//! The table plugin_run. It is the reseller's house, so the second fence is the reseller alone.

use uuid::Uuid;

use super::{Attempt, Called, Run, RunFilter};
use crate::{
    app::Timestamp,
    db::{HouseTx, ReadTx, Tx as _},
    fault::{Result, exactly_one},
    page::Page,
};

pub(super) async fn insert(
    tx: &mut HouseTx,
    id: Uuid,
    called: &Called,
    attempt: &Attempt,
    at: Timestamp,
) -> Result<()> {
    let scope = tx.scope();
    let usage = &attempt.usage;
    let done = sqlx::query!(
        "insert into plugin_run (reseller_id, tenant_id, id, digest, function, for_tenant_id, fuel, wall_us,
            memory_bytes, outcome, input_hash, at)
        values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        scope.reseller().uuid(),
        id,
        called.digest,
        called.function,
        scope.tenant().uuid(),
        i64::try_from(usage.fuel)?,
        i64::try_from(usage.wall.as_micros())?,
        i64::try_from(usage.memory_bytes)?,
        attempt.outcome,
        &called.input_hash[..],
        at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn list(tx: &mut ReadTx, filter: &RunFilter, page: Page) -> Result<Vec<Run>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        "select id, digest, function, for_tenant_id, fuel, wall_us, memory_bytes, outcome, input_hash, at
        from plugin_run
        where reseller_id = $1
            and id > $2
            and ($3::text is null or digest = $3)
            and ($4::text is null or outcome = $4)
        order by id
        limit $5",
        reseller,
        page.after,
        filter.digest,
        filter.outcome,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Run {
                id: row.id,
                digest: row.digest,
                function: row.function,
                for_tenant: row.for_tenant_id.into(),
                fuel: u64::try_from(row.fuel)?,
                wall_us: u64::try_from(row.wall_us)?,
                memory_bytes: u64::try_from(row.memory_bytes)?,
                outcome: row.outcome,
                input_hash: hex::encode(row.input_hash),
                at: row.at,
            })
        })
        .collect()
}
