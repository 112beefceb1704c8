//! Claiming, as the worker role: giving due jobs their place, and taking what was picked. No query has a tenant condition.

use std::time::Duration;

use uuid::Uuid;

use super::interval;
use crate::{app::Timestamp, db::WorkerTx, fault::Result, jobs::pick::Waiting};

/// A job that was claimed.
pub(in crate::jobs) struct ClaimedRow {
    pub reseller_id: Uuid,
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub attempts: i32,
}

/// Lets nobody else claim until the transaction ends: two hosts that counted at once would both take what is left to a cap.
pub(in crate::jobs) async fn take_turns(tx: &mut WorkerTx) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('jobs:claim', 0))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Jobs whose worker did not come back wait again.
pub(in crate::jobs) async fn reclaim(tx: &mut WorkerTx) -> Result<()> {
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

/// Gives due jobs their virtual time and says whether any is left without one. The latest are looked at with the
/// earliest: whoever comes after a burst of somebody's is not behind it.
pub(in crate::jobs) async fn assign(tx: &mut WorkerTx, now: Timestamp, limit: i64) -> Result<bool> {
    let done = sqlx::query!(
        "with earliest as (
            select reseller_id, tenant_id, id, cost, due_at
            from job
            where state = 'waiting' and virtual_time is null and due_at <= $1
            order by due_at, id
            limit $2
            for update skip locked
        ), latest as (
            select reseller_id, tenant_id, id, cost, due_at
            from job
            where state = 'waiting' and virtual_time is null and due_at <= $1
            order by due_at desc, id desc
            limit $2
            for update skip locked
        ), due as materialized (
            select * from earliest
            union
            select * from latest
        ), busy as materialized (
            select reseller_id, count(*) / tenancy.queue_weight(reseller_id) as step
            from tenant
            where reseller_id in (select reseller_id from due)
                and (tenant_id in (select tenant_id from due) or (
                    select virtual_time from job
                    where job.tenant_id = tenant.tenant_id and state = 'waiting' and virtual_time is not null
                    order by virtual_time desc, id
                    limit 1
                ) is not null)
            group by reseller_id
        ), last as materialized (
            select tenant_id, greatest(
                (select virtual_time from job
                where job.tenant_id = mine.tenant_id and state = 'waiting' and virtual_time is not null
                order by virtual_time desc, id
                limit 1),
                (select virtual_time from job
                where state = 'waiting' and virtual_time is not null
                order by virtual_time, id
                limit 1),
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
    Ok(done.rows_affected() >= limit.unsigned_abs())
}

/// Claims what was picked, in the order of fairness; what somebody has locked meanwhile stays. Each is found by its key before its
/// state is looked at: an index of those that wait seems as good where their number is not known, and is read through.
pub(in crate::jobs) async fn take(
    tx: &mut WorkerTx,
    lease_id: Uuid,
    lease: Duration,
    picked: &[Waiting],
) -> Result<Vec<ClaimedRow>> {
    let resellers: Vec<_> = picked.iter().map(|job| job.place.reseller).collect();
    let ids: Vec<_> = picked.iter().map(|job| job.id.uuid()).collect();
    Ok(sqlx::query_as!(
        ClaimedRow,
        r#"with picked as materialized (
            select found.reseller_id, found.id
            from unnest($3::uuid[], $4::uuid[]) as wanted (reseller_id, id)
            cross join lateral (
                select job.reseller_id, job.id, job.state, job.virtual_time
                from job
                where job.reseller_id = wanted.reseller_id and job.id = wanted.id
                limit 1
                for update skip locked) as found
            where found.state = 'waiting' and found.virtual_time is not null
        ), claimed as (
            update job
            set state = 'running', attempts = attempts + 1, lease_id = $1, leased_until = clock_timestamp() + $2
            from picked
            where job.reseller_id = picked.reseller_id and job.id = picked.id
            returning job.reseller_id, job.tenant_id, job.id, job.attempts, job.virtual_time
        )
        select reseller_id as "reseller_id!", tenant_id as "tenant_id!", id as "id!", attempts as "attempts!"
        from claimed
        order by virtual_time, id"#,
        lease_id,
        interval(lease),
        &resellers,
        &ids
    )
    .fetch_all(tx.conn())
    .await?)
}

/// When the next job is due of those that nobody has looked at yet.
pub(in crate::jobs) async fn next_unassigned(tx: &mut WorkerTx) -> Result<Option<Timestamp>> {
    Ok(sqlx::query_scalar!(
        "select due_at
        from job
        where state = 'waiting' and virtual_time is null
        order by due_at, id
        limit 1"
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// When the next carrier may be tried that is held back.
pub(in crate::jobs) async fn next_probe(tx: &mut WorkerTx, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(sqlx::query_scalar!("select tenancy.next_probe($1)", now)
        .fetch_one(tx.conn())
        .await?)
}
