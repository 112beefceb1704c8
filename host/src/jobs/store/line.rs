//! Who stands in line, as the worker role sees it. No query has a tenant condition, and none looks at more of a queue than
//! its head.

use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::WorkerTx,
    fault::Result,
    jobs::pick::{Caps, Place, UnderWay, Waiting},
    limits::Limit,
};

struct WaitingRow {
    reseller_id: Uuid,
    tenant_id: Uuid,
    lane: Uuid,
    id: Uuid,
    due_at: Timestamp,
    house_cap: i64,
    tenant_cap: i64,
    lane_cap: i64,
}

/// What is under way on all hosts.
pub(in crate::jobs) async fn under_way(tx: &mut WorkerTx) -> Result<Vec<UnderWay>> {
    let rows = sqlx::query!(
        r#"select reseller_id, tenant_id, lane, count(*) as "count!"
        from job
        where leased_until is not null
        group by reseller_id, tenant_id, lane"#
    )
    .fetch_all(tx.conn())
    .await?;
    let under_way = rows.into_iter().map(|row| UnderWay {
        place: Place {
            reseller: row.reseller_id,
            tenant: row.tenant_id,
            lane: row.lane,
        },
        count: row.count,
    });
    Ok(under_way.collect())
}

/// Who is first in the order of fairness, whoever it is.
pub(in crate::jobs) async fn front(tx: &mut WorkerTx, now: Timestamp, limit: i64) -> Result<Vec<Waiting>> {
    let [house, tenant, lane] = otherwise();
    let rows = sqlx::query_as!(
        WaitingRow,
        r#"with front as materialized (
            select reseller_id, tenant_id, lane, id, due_at, virtual_time
            from job
            where state = 'waiting' and virtual_time is not null
            order by virtual_time, id
            limit $5
        ), capped as materialized (
            select place.reseller_id, place.tenant_id, place.lane, cap.house_cap, cap.tenant_cap, cap.lane_cap
            from (select distinct reseller_id, tenant_id, lane from front) as place
            cross join lateral tenancy.queue_caps(place.reseller_id, place.tenant_id, place.lane, $1, $2, $3, $4) as cap
        )
        select reseller_id as "reseller_id!", tenant_id as "tenant_id!", lane as "lane!", id as "id!",
            due_at as "due_at!", house_cap as "house_cap!", tenant_cap as "tenant_cap!", lane_cap as "lane_cap!"
        from front
        join capped using (reseller_id, tenant_id, lane)
        order by virtual_time, id"#,
        now,
        house,
        tenant,
        lane,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Waiting::from).collect())
}

/// Who is first of those that have room: the heads of their queues, found by going from queue to queue and not along them.
pub(in crate::jobs) async fn heads(
    tx: &mut WorkerTx,
    now: Timestamp,
    limit: i64,
    under_way: &[UnderWay],
) -> Result<Vec<Waiting>> {
    let [house, tenant, lane] = otherwise();
    let resellers: Vec<_> = under_way.iter().map(|group| group.place.reseller).collect();
    let tenants: Vec<_> = under_way.iter().map(|group| group.place.tenant).collect();
    let lanes: Vec<_> = under_way.iter().map(|group| group.place.lane).collect();
    let counts: Vec<_> = under_way.iter().map(|group| group.count).collect();
    let rows = sqlx::query_as!(
        WaitingRow,
        r#"with recursive queue as (
            (select reseller_id, tenant_id, lane
            from job
            where state = 'waiting' and virtual_time is not null
            order by tenant_id, lane
            limit 1)
            union all
            select next.reseller_id, next.tenant_id, next.lane
            from queue
            cross join lateral (
                select job.reseller_id, job.tenant_id, job.lane
                from job
                where state = 'waiting' and virtual_time is not null
                    and (job.tenant_id, job.lane) > (queue.tenant_id, queue.lane)
                order by job.tenant_id, job.lane
                limit 1) as next
        ), under_way as materialized (
            select * from unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::bigint[]) as u (reseller_id, tenant_id, lane, n)
        ), roomy as materialized (
            select queue.reseller_id, queue.tenant_id, queue.lane, cap.house_cap, cap.tenant_cap, cap.lane_cap
            from queue
            cross join lateral tenancy.queue_caps(queue.reseller_id, queue.tenant_id, queue.lane, $1, $2, $3, $4) as cap
            where cap.house_cap > (select coalesce(sum(n), 0) from under_way u where u.reseller_id = queue.reseller_id)
                and (queue.tenant_id = queue.reseller_id or cap.tenant_cap
                    > (select coalesce(sum(n), 0) from under_way u where u.tenant_id = queue.tenant_id))
                and (queue.lane = '00000000-0000-0000-0000-000000000000' or cap.lane_cap > (
                    select coalesce(sum(n), 0) from under_way u
                    where u.reseller_id = queue.reseller_id and u.lane = queue.lane))
        )
        select head.reseller_id as "reseller_id!", head.tenant_id as "tenant_id!", head.lane as "lane!", head.id as "id!",
            head.due_at as "due_at!", house_cap as "house_cap!", tenant_cap as "tenant_cap!", lane_cap as "lane_cap!"
        from roomy
        cross join lateral (
            select job.reseller_id, job.tenant_id, job.lane, job.id, job.due_at, job.virtual_time
            from job
            where state = 'waiting' and virtual_time is not null
                and job.tenant_id = roomy.tenant_id and job.lane = roomy.lane
            order by virtual_time, id desc
            limit 16) as head
        order by head.virtual_time, head.id
        limit $5"#,
        now,
        house,
        tenant,
        lane,
        limit,
        &resellers,
        &tenants,
        &lanes,
        &counts
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Waiting::from).collect())
}

/// The caps where nobody said anything.
fn otherwise() -> [i64; 3] {
    [
        Limit::JobsAtOnce,
        Limit::CustomerJobsAtOnce,
        Limit::CarrierOperationsAtOnce,
    ]
    .map(|limit| i64::try_from(limit.default_value()).unwrap_or(i64::MAX))
}

impl From<WaitingRow> for Waiting {
    fn from(row: WaitingRow) -> Self {
        Self {
            place: Place {
                reseller: row.reseller_id,
                tenant: row.tenant_id,
                lane: row.lane,
            },
            caps: Caps {
                house: row.house_cap,
                tenant: row.tenant_cap,
                lane: row.lane_cap,
            },
            id: row.id.into(),
            due_at: row.due_at,
        }
    }
}
