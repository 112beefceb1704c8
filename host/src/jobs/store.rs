//! The job table. Tenants insert and read their own jobs; the worker role sees every tenant's, and of them only what
//! claiming needs, so its queries have no tenant condition.

mod back;
pub(super) mod house;

pub(super) use back::give_back;

use std::time::Duration;

use sqlx::{PgConnection, postgres::types::PgInterval};
use uuid::Uuid;

use super::{Dead, Kind, Lease, Verdict};
use crate::{
    app::Timestamp,
    db::{ReadTx, Scope, Tx as _, WorkerTx, WriteTx},
    fault::{Result, exactly_one},
    identity::Initiator,
    ids::{JobId, TenantId},
    page::Page,
};

pub(super) struct Wish {
    pub tenant: TenantId,
    pub kind: Kind,
    pub due_at: Timestamp,
    pub initiator: Initiator,
}

pub(super) struct ClaimedRow {
    pub reseller_id: Uuid,
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub attempts: i32,
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
        "insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (reseller_id, kind, subject_id) where state in ('waiting', 'running') do update
        set due_at = case
                when job.state = 'running' and job.virtual_time is not null then excluded.due_at
                else least(job.due_at, excluded.due_at)
            end,
            virtual_time = case when job.state = 'waiting' then job.virtual_time end",
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
    exactly_one(done.rows_affected())
}

/// The transaction's commit does not wait for the disk; see the module for why claims can afford it. And the plan must
/// not follow statistics: a queue is empty when they are taken and long when they are wrong, and sorting it, or
/// compiling the query, costs more than the whole claim.
pub(super) async fn prepare(tx: &mut WorkerTx) -> Result<()> {
    sqlx::query!(
        "select
            set_config('synchronous_commit', 'off', true) as commit,
            set_config('enable_sort', 'off', true) as sort,
            set_config('jit', 'off', true) as jit"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Jobs whose worker did not come back wait again.
pub(super) async fn reclaim(tx: &mut WorkerTx) -> Result<()> {
    sqlx::query!(
        "update job
        set state = 'waiting', virtual_time = null, leased_until = null, lease_id = null
        where (reseller_id, id) in (
            select reseller_id, id
            from job
            where state = 'running' and leased_until < clock_timestamp()
            limit 1000
            for update skip locked)"
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives due jobs their virtual time and says to how many.
pub(super) async fn assign(tx: &mut WorkerTx, now: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "with due as (
            select reseller_id, tenant_id, id, cost, due_at
            from job
            where state = 'waiting' and virtual_time is null and due_at <= $1
            order by due_at, id
            limit $2
            for update skip locked
        ), busy as materialized (
            select reseller_id, count(*) / tenancy.queue_weight(reseller_id) as step
            from tenant
            where reseller_id in (select reseller_id from due)
                and (tenant_id in (select tenant_id from due) or (
                    select min(virtual_time) from job
                    where job.tenant_id = tenant.tenant_id and state = 'waiting' and virtual_time is not null
                ) is not null)
            group by reseller_id
        ), last as materialized (
            select tenant_id, greatest(
                (select max(virtual_time) from job
                where job.tenant_id = mine.tenant_id and state = 'waiting' and virtual_time is not null),
                (select min(virtual_time) from job where state = 'waiting' and virtual_time is not null),
                0) as virtual_time
            from (select distinct tenant_id from due) as mine
        ), placed as (
            select due.reseller_id, due.id, last.virtual_time + busy.step
                * sum(due.cost) over (partition by due.tenant_id order by due.due_at, due.id) as virtual_time
            from due
            join busy on busy.reseller_id = due.reseller_id
            join last on last.tenant_id = due.tenant_id
        )
        update job
        set virtual_time = placed.virtual_time
        from placed
        where job.reseller_id = placed.reseller_id and job.id = placed.id",
        now,
        limit
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn claim(
    tx: &mut WorkerTx,
    lease_id: Uuid,
    lease: Duration,
    limit: i64,
) -> Result<Vec<ClaimedRow>> {
    Ok(sqlx::query_as!(
        ClaimedRow,
        r#"with claimed as (
            update job
            set state = 'running', attempts = attempts + 1, lease_id = $1, leased_until = clock_timestamp() + $2
            where (reseller_id, id) in (
                select reseller_id, id
                from job
                where state = 'waiting' and virtual_time is not null
                order by virtual_time, id
                limit $3
                for update skip locked)
            returning reseller_id, tenant_id, id, attempts, virtual_time
        )
        select reseller_id as "reseller_id!", tenant_id as "tenant_id!", id as "id!", attempts as "attempts!"
        from claimed
        order by virtual_time, id"#,
        lease_id,
        interval(lease),
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn extend(tx: &mut WorkerTx, lease: &Lease, by: Duration) -> Result<u64> {
    let done = sqlx::query!(
        "update job
        set leased_until = greatest(leased_until, clock_timestamp() + $4)
        where reseller_id = $1 and id = $2 and lease_id = $3
            and state = 'running' and leased_until > clock_timestamp()",
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
            and id = $3 and lease_id = $4 and state = 'running' and leased_until > clock_timestamp()
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

pub(super) async fn next_due(tx: &mut WorkerTx) -> Result<Option<Timestamp>> {
    Ok(sqlx::query_scalar!(
        r#"select least(
            (select min(due_at) from job where state = 'waiting' and virtual_time is null),
            (select due_at from job where state = 'waiting' and virtual_time is not null
            order by virtual_time, id limit 1)) as "due_at?""#
    )
    .fetch_one(tx.conn())
    .await?)
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

pub(super) async fn dead(tx: &mut ReadTx, page: Page) -> Result<Vec<Dead>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        "select id, tenant_id, kind, subject_id, due_at, attempts, last_error
        from job
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2) and state = 'dead' and id > $3
        order by id
        limit $4",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    let dead = rows.into_iter().map(|row| Dead {
        id: row.id.into(),
        tenant: row.tenant_id.into(),
        kind: row.kind,
        subject: row.subject_id,
        due_at: row.due_at,
        attempts: row.attempts.unsigned_abs(),
        error: row.last_error.unwrap_or_default(),
    });
    Ok(dead.collect())
}

fn interval(length: Duration) -> PgInterval {
    PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(length.as_micros()).unwrap_or(i64::MAX),
    }
}
