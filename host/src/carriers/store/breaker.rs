//! The table of breakers, one row for each carrier that has failed. All rows are the reseller's own.

use crate::{
    app::Timestamp,
    carriers::Breaker,
    db::{HouseTx, Tx},
    fault::{Result, exactly_one},
    ids::CarrierId,
};

struct Row {
    failures: i32,
    reason: Option<String>,
    opened_at: Option<Timestamp>,
    probe_at: Option<Timestamp>,
    changed_at: Timestamp,
}

/// A carrier's breaker; none where it has not failed yet.
pub(in crate::carriers) async fn find(tx: &mut impl Tx, carrier: CarrierId) -> Result<Option<Breaker>> {
    let row = sqlx::query_as!(
        Row,
        "select failures, reason, opened_at, probe_at, changed_at
        from breaker
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2",
        tx.scope().reseller().uuid(),
        carrier.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Breaker::from))
}

/// A carrier's breaker, made where there is none, and kept from others' changes until the transaction ends.
pub(in crate::carriers) async fn lock(
    tx: &mut HouseTx,
    carrier: CarrierId,
    now: Timestamp,
) -> Result<Breaker> {
    let reseller = tx.scope().reseller().uuid();
    sqlx::query!(
        "insert into breaker (reseller_id, tenant_id, carrier_id, failures, changed_at)
        values ($1, $1, $2, 0, $3)
        on conflict on constraint breaker_pkey do nothing",
        reseller,
        carrier.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    let row = sqlx::query_as!(
        Row,
        "select failures, reason, opened_at, probe_at, changed_at
        from breaker
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2
        for update",
        reseller,
        carrier.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.into())
}

pub(in crate::carriers) async fn update(tx: &mut HouseTx, carrier: CarrierId, to: &Breaker) -> Result<()> {
    let done = sqlx::query!(
        "update breaker
        set failures = $3, reason = $4, opened_at = $5, probe_at = $6, changed_at = $7
        where reseller_id = $1 and tenant_id = $1 and carrier_id = $2",
        tx.scope().reseller().uuid(),
        carrier.uuid(),
        i32::try_from(to.failures).unwrap_or(i32::MAX),
        to.reason,
        to.opened_at,
        to.probe_at,
        to.changed_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

impl From<Row> for Breaker {
    fn from(row: Row) -> Self {
        Self {
            failures: row.failures.unsigned_abs(),
            reason: row.reason,
            opened_at: row.opened_at,
            probe_at: row.probe_at,
            changed_at: row.changed_at,
        }
    }
}
