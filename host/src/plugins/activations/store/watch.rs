//! How calls of a release ended, for the activations that are taken back when too many fail.

use uuid::Uuid;

use crate::{
    app::Timestamp,
    db::{HouseTx, ReadTx, Tx as _},
    fault::{Result, exactly_one},
    ids::{ActivationId, TenantId},
    plugins::activations::Trip,
};

/// How many calls there were, and how many of them failed by the plugin's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugins::activations) struct Counted {
    pub calls: u64,
    pub failures: u64,
}

/// Activations of this component in effect that can trip, with when they took effect.
pub(in crate::plugins::activations) async fn watched(
    tx: &mut HouseTx,
    digest: &str,
    now: Timestamp,
) -> Result<Vec<(ActivationId, Timestamp, Trip)>> {
    let reseller = tx.scope().reseller().uuid();
    let rows = sqlx::query!(
        r#"select a.id, a.effective_at, a.trip as "trip!"
        from activation a
        join release r on r.reseller_id = a.reseller_id and r.id = a.release_id
        where a.reseller_id = $1
            and r.digest = $2
            and a.effective_at <= $3
            and a.trip is not null
            and not exists (
                select from activation_withdrawal w
                where w.reseller_id = a.reseller_id and w.activation_id = a.id)"#,
        reseller,
        digest,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.id.into(), row.effective_at, Trip::from_stored(row.trip)?)))
        .collect()
}

/// What came of the component's calls from `since` on, for these customers or, where none is named, for anybody. What the
/// host did itself is no failure of the plugin, and a call that was only made again is no call.
pub(in crate::plugins::activations) async fn count(
    tx: &mut ReadTx,
    digest: &str,
    since: Timestamp,
    customers: &[TenantId],
) -> Result<Counted> {
    let reseller = tx.scope().reseller().uuid();
    let customers: Vec<Uuid> = customers.iter().map(|id| id.uuid()).collect();
    let row = sqlx::query!(
        r#"with run as (
            select outcome like 'plugin\_%'
                and outcome not in ('plugin_host_failed', 'plugin_calls_waiting') as failed
            from plugin_run
            where reseller_id = $1
                and digest = $2
                and at >= $3
                and replay_of is null
                and (cardinality($4::uuid[]) = 0 or for_tenant_id = any($4))
        ), rejected as (
            select count(*) as answers
            from rejected_answer
            where reseller_id = $1
                and digest = $2
                and at >= $3
                and (cardinality($4::uuid[]) = 0 or for_tenant_id = any($4))
        )
        select
            (select count(*) from run) as "calls!",
            (select count(*) from run where failed) + (select answers from rejected) as "failures!""#,
        reseller,
        digest,
        since,
        &customers
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Counted {
        calls: row.calls.unsigned_abs(),
        failures: row.failures.unsigned_abs(),
    })
}

pub(in crate::plugins::activations) async fn reject(
    tx: &mut HouseTx,
    id: Uuid,
    digest: &str,
    rule: &str,
    at: Timestamp,
) -> Result<()> {
    let scope = tx.scope();
    let done = sqlx::query!(
        "insert into rejected_answer (reseller_id, tenant_id, id, digest, for_tenant_id, rule, at)
        values ($1, $1, $2, $3, $4, $5, $6)",
        scope.reseller().uuid(),
        id,
        digest,
        scope.tenant().uuid(),
        rule,
        at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}
