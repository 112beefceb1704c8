//! The table of the times at which schedules have a window.

use super::super::{Comes, LeftOut, Occurrence, Schedule, recurrence::Occurring};
use crate::{
    app::Timestamp,
    billing::money,
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result, exactly_one},
    ids::{ChangeId, OccurrenceId},
    page::Page,
    ports::change::ChangeState,
};

pub(in crate::ports::schedule) async fn insert_occurrence(
    tx: &mut WriteTx,
    id: OccurrenceId,
    schedule: &Schedule,
    occurring: &Occurring,
    booked: Result<ChangeId, LeftOut>,
) -> Result<()> {
    let (change, left_out) = match booked {
        Ok(change) => (Some(change.uuid()), None),
        Err(left_out) => (None, Some(left_out)),
    };
    let (code, because) = left_out.map(|LeftOut { code, because }| (code, because)).unzip();
    let done = sqlx::query!(
        "insert into schedule_occurrence (reseller_id, tenant_id, id, schedule_id, version, starts_at, ends_at, change_id,
            left_out_code, left_out_because)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        schedule.scope.reseller().uuid(),
        schedule.scope.tenant().uuid(),
        id.uuid(),
        schedule.id.uuid(),
        schedule.version,
        occurring.starts_at,
        occurring.ends_at,
        change,
        code,
        because
    )
    .execute(tx.conn())
    .await
    .on_constraint("schedule_occurrence_once", || {
        Fault::broken(format!("schedule {} was planned twice for {}", schedule.id, occurring.starts_at))
    })?;
    exactly_one(done.rows_affected())
}

/// Puts one window in another's place, where that is a schedule's.
pub(in crate::ports::schedule) async fn moved(tx: &mut WriteTx, old: ChangeId, new: ChangeId) -> Result<()> {
    let scope = tx.scope();
    sqlx::query!(
        "update schedule_occurrence
        set change_id = $4
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and change_id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        old.uuid(),
        new.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The windows that a schedule booked and that begin after an instant, whatever became of them.
pub(in crate::ports::schedule) async fn changes_after(
    tx: &mut impl Tx,
    schedule: &Schedule,
    now: Timestamp,
) -> Result<Vec<ChangeId>> {
    let scope = tx.scope();
    let found = sqlx::query_scalar!(
        "select c.id
        from schedule_occurrence o
        join bandwidth_change c on c.reseller_id = o.reseller_id and c.id = o.change_id
        where o.reseller_id = $1 and ($2::uuid is null or o.tenant_id = $2)
            and o.schedule_id = $3
            and c.starts_at > $4
        order by o.id",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        schedule.id.uuid(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// Of the present version, and what of older ones was not withdrawn.
pub(in crate::ports::schedule) async fn occurrences(
    tx: &mut impl Tx,
    schedule: &Schedule,
    page: Page,
) -> Result<Vec<Occurrence>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        r#"select o.id, coalesce(c.starts_at, o.starts_at) as "starts_at!", coalesce(c.ends_at, o.ends_at) as "ends_at!", o.change_id, o.left_out_code, o.left_out_because,
            c.state as "state?", q.amount as "amount?", q.currency as "currency?"
        from schedule_occurrence o
        left join bandwidth_change c on c.reseller_id = o.reseller_id and c.id = o.change_id
        left join quote q on q.reseller_id = c.reseller_id and q.id = c.quote_id
        where o.reseller_id = $1 and ($2::uuid is null or o.tenant_id = $2)
            and o.schedule_id = $3
            and (o.version = $4 or c.state <> 'cancelled')
            and o.id > $5
        order by o.id
        limit $6"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        schedule.id.uuid(),
        schedule.version,
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    let occurrences = rows.into_iter().map(|row| {
        let comes = match (row.change_id, row.state, row.amount, row.currency) {
            (Some(change), Some(state), Some(amount), Some(currency)) => Comes::Booked {
                change: change.into(),
                state: ChangeState::parse(&state).ok_or_else(|| {
                    Fault::broken(format!("bandwidth change {change} has an unknown state"))
                })?,
                amount: money::round(amount, &currency),
            },
            _ => Comes::LeftOut(LeftOut {
                code: row.left_out_code.unwrap_or_default(),
                because: row.left_out_because.unwrap_or_default(),
            }),
        };
        Ok(Occurrence {
            id: row.id.into(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            comes,
        })
    });
    occurrences.collect()
}
