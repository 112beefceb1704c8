//! The job table. Tenants insert and read their own jobs; the worker role sees every tenant's, and of them only what
//! claiming needs, so its queries have no tenant condition.

mod back;
pub(super) mod claims;
pub(super) mod dead;
pub(super) mod house;
pub(super) mod line;

pub(super) use back::give_back;

use std::time::Duration;

use sqlx::{PgConnection, postgres::types::PgInterval};
use uuid::Uuid;

use super::{Kind, Lease, Verdict};
use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx as _, WorkerTx, WriteTx},
    fault::{Result, exactly_one},
    identity::Initiator,
    ids::{JobId, TenantId},
};

pub(super) struct Wish {
    pub tenant: TenantId,
    pub kind: Kind,
    /// The carrier it waits for; nil for none.
    pub lane: Uuid,
    pub due_at: Timestamp,
    pub initiator: Initiator,
}

pub(super) struct WorkRow {
    pub kind: String,
    pub subject_id: Uuid,
    pub initiated_by_kind: String,
    pub initiated_by: Uuid,
}

/// A running job without a virtual time was asked for again at `due_at`, and waits instead of being done.
pub(super) async fn insert(tx: &mut WriteTx, id: JobId, wish: Wish) -> Result<()> {
    let done = sqlx::query!(
        "insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at,
            lane)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (reseller_id, kind, subject_id) where not_over do update
        set due_at = case
                when job.state = 'running' and job.virtual_time is not null then excluded.due_at
                else least(job.due_at, excluded.due_at)
            end,
            virtual_time = case when job.state = 'waiting' then job.virtual_time end,
            lane = excluded.lane",
        tx.scope().reseller().uuid(),
        wish.tenant.uuid(),
        id.uuid(),
        wish.kind.name(),
        wish.kind.subject(),
        wish.initiator.kind.name(),
        wish.initiator.id,
        wish.due_at,
        wish.lane
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// The transaction's commit does not wait for the disk; see the module for why claims can afford it. And the plan must
/// not follow statistics: a queue is empty when they are taken and long when they are wrong, and sorting it, reading it
/// through for a handful of jobs, or compiling the query costs more than the whole claim. Nor must it be kept from when the
/// queue was short. Without sorting, the order that a query asks for leads it to the one index that has it.
pub(super) async fn prepare(tx: &mut WorkerTx) -> Result<()> {
    sqlx::query!(
        "select
            set_config('synchronous_commit', 'off', true) as commit,
            set_config('enable_sort', 'off', true) as sort,
            set_config('enable_incremental_sort', 'off', true) as incremental_sort,
            set_config('enable_seqscan', 'off', true) as seqscan,
            set_config('enable_hashjoin', 'off', true) as hashjoin,
            set_config('enable_mergejoin', 'off', true) as mergejoin,
            set_config('plan_cache_mode', 'force_custom_plan', true) as plan,
            set_config('jit', 'off', true) as jit"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn extend(tx: &mut WorkerTx, lease: &Lease, by: Duration) -> Result<u64> {
    let done = sqlx::query!(
        "update job
        set leased_until = greatest(leased_until, clock_timestamp() + $4)
        where reseller_id = $1 and id = $2 and lease_id = $3
            and state = 'running' and coalesce(leased_until > clock_timestamp(), false)",
        lease.scope.reseller().uuid(),
        lease.job.uuid(),
        lease.id,
        interval(by)
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Whether the lease holds. The lock keeps it so until the transaction ends.
pub(super) async fn held(conn: &mut PgConnection, scope: Scope, lease: &Lease) -> Result<bool> {
    let row = sqlx::query_scalar!(
        "select id
        from job
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3 and lease_id = $4 and state = 'running' and coalesce(leased_until > clock_timestamp(), false)
        for no key update",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        lease.job.uuid(),
        lease.id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// A job without a virtual time was asked for again while it ran, and is not over however that run ended.
pub(super) async fn finish(tx: &mut WorkerTx, lease: &Lease, verdict: &Verdict) -> Result<u64> {
    let (state, until, error) = match verdict {
        Verdict::Done => ("done", None, None),
        Verdict::Wait { until, error } => ("waiting", Some(*until), Some(error)),
        Verdict::Dead { error } => ("dead", None, Some(error)),
    };
    let done = sqlx::query!(
        "update job
        set state = case when virtual_time is null then 'waiting' else $4 end,
            attempts = case when $4 = 'done' or ($4 = 'dead' and virtual_time is null) then 0 else attempts end,
            due_at = coalesce($5, due_at),
            last_error = $6,
            virtual_time = null,
            leased_until = null,
            lease_id = null
        where reseller_id = $1 and id = $2 and lease_id = $3 and state = 'running'",
        lease.scope.reseller().uuid(),
        lease.job.uuid(),
        lease.id,
        state,
        until,
        error
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn find(tx: &mut ReadTx, id: JobId) -> Result<Option<WorkRow>> {
    let scope = tx.scope();
    Ok(sqlx::query_as!(
        WorkRow,
        "select kind, subject_id, initiated_by_kind, initiated_by
        from job
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub(super) fn interval(length: Duration) -> PgInterval {
    PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(length.as_micros()).unwrap_or(i64::MAX),
    }
}
