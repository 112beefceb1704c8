//! The tables of schedules and of what came of them.

use chrono::{NaiveDate, NaiveTime, Weekday};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    Comes, Hours, LeftOut, Occurrence, Recurrence, Schedule, ScheduleState, Terms, recurrence::Occurring,
};
use crate::{
    app::Timestamp,
    billing::money,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::{ActorKind, Initiator},
    ids::{ChangeId, OccurrenceId, PortId, ScheduleId},
    page::Page,
    ports::{change::ChangeState, mbps, to_db},
};

struct ScheduleRow {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    port_id: Uuid,
    mbps: i32,
    days: Vec<i16>,
    from_time: Option<NaiveTime>,
    to_time: Option<NaiveTime>,
    time_zone: Option<String>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    skips_holidays: bool,
    amount_max: Option<Decimal>,
    state: String,
    reason: Option<String>,
    revision: i32,
    planned_until: Timestamp,
    initiated_by_kind: String,
    initiated_by: Uuid,
    created_at: Timestamp,
}

impl TryFrom<ScheduleRow> for Schedule {
    type Error = Fault;

    fn try_from(row: ScheduleRow) -> Result<Self> {
        let unknown = |what| Fault::broken(format!("schedule {} has an unknown {what}", row.id));
        let days = row.days.iter().map(|number| weekday(*number));
        let days: Option<Vec<_>> = days.collect();
        let hours = match (row.from_time, row.to_time, row.time_zone) {
            (Some(from), Some(to), Some(zone)) => {
                let zone = zone.parse().map_err(|_| unknown("time zone"))?;
                Hours::Clock { from, to, zone }
            }
            _ => Hours::Business,
        };
        Ok(Self {
            scope: Scope::new(row.reseller_id.into(), row.tenant_id.into()),
            id: row.id.into(),
            port: row.port_id.into(),
            terms: Terms {
                mbps: mbps(row.mbps),
                recurrence: Recurrence {
                    days: days.ok_or_else(|| unknown("day"))?,
                    hours,
                    starts_on: row.starts_on,
                    ends_on: row.ends_on,
                    skips_holidays: row.skips_holidays,
                },
                amount_max: row.amount_max.map(|most| most.normalize()),
            },
            state: ScheduleState::parse(&row.state).ok_or_else(|| unknown("state"))?,
            reason: row.reason,
            revision: row.revision,
            planned_until: row.planned_until,
            initiator: Initiator {
                kind: ActorKind::parse(&row.initiated_by_kind).ok_or_else(|| unknown("initiator"))?,
                id: row.initiated_by,
            },
            created_at: row.created_at,
        })
    }
}

/// Of ISO 8601, Monday being 1.
fn number(day: Weekday) -> i16 {
    i16::try_from(day.number_from_monday()).expect("a week has seven days")
}

fn weekday(number: i16) -> Option<Weekday> {
    let day = u8::try_from(number).ok()?.checked_sub(1)?;
    Weekday::try_from(day).ok()
}

/// A recurrence as its columns have it.
struct Columns {
    days: Vec<i16>,
    from: Option<NaiveTime>,
    to: Option<NaiveTime>,
    zone: Option<&'static str>,
}

impl From<&Recurrence> for Columns {
    fn from(recurrence: &Recurrence) -> Self {
        let days = recurrence.days.iter().copied().map(number).collect();
        match recurrence.hours {
            Hours::Clock { from, to, zone } => Self {
                days,
                from: Some(from),
                to: Some(to),
                zone: Some(zone.name()),
            },
            Hours::Business => Self {
                days,
                from: None,
                to: None,
                zone: None,
            },
        }
    }
}

pub(super) async fn insert(tx: &mut WriteTx, schedule: &Schedule) -> Result<()> {
    let Terms {
        recurrence,
        mbps,
        amount_max,
    } = &schedule.terms;
    let columns = Columns::from(recurrence);
    let done = sqlx::query!(
        "insert into schedule (reseller_id, tenant_id, id, port_id, mbps, days, from_time, to_time, time_zone, starts_on,
            ends_on, skips_holidays, amount_max, state, reason, revision, planned_until, initiated_by_kind, initiated_by,
            created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        schedule.scope.reseller().uuid(),
        schedule.scope.tenant().uuid(),
        schedule.id.uuid(),
        schedule.port.uuid(),
        to_db(*mbps),
        &columns.days,
        columns.from,
        columns.to,
        columns.zone,
        recurrence.starts_on,
        recurrence.ends_on,
        recurrence.skips_holidays,
        *amount_max,
        schedule.state.name(),
        schedule.reason,
        schedule.revision,
        schedule.planned_until,
        schedule.initiator.kind.name(),
        schedule.initiator.id,
        schedule.created_at
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn update(tx: &mut WriteTx, schedule: &Schedule) -> Result<()> {
    let scope = tx.scope();
    let Terms {
        recurrence,
        mbps,
        amount_max,
    } = &schedule.terms;
    let columns = Columns::from(recurrence);
    let done = sqlx::query!(
        "update schedule
        set mbps = $4, days = $5, from_time = $6, to_time = $7, time_zone = $8, starts_on = $9, ends_on = $10,
            skips_holidays = $11, amount_max = $12, state = $13, reason = $14, revision = $15, planned_until = $16,
            initiated_by_kind = $17, initiated_by = $18
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        schedule.id.uuid(),
        to_db(*mbps),
        &columns.days,
        columns.from,
        columns.to,
        columns.zone,
        recurrence.starts_on,
        recurrence.ends_on,
        recurrence.skips_holidays,
        *amount_max,
        schedule.state.name(),
        schedule.reason,
        schedule.revision,
        schedule.planned_until,
        schedule.initiator.kind.name(),
        schedule.initiator.id
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

pub(super) async fn find(tx: &mut impl Tx, id: ScheduleId) -> Result<Schedule> {
    let scope = tx.scope();
    let row = sqlx::query_as!(
        ScheduleRow,
        "select reseller_id, tenant_id, id, port_id, mbps, days, from_time, to_time, time_zone, starts_on, ends_on,
            skips_holidays, amount_max, state, reason, revision, planned_until, initiated_by_kind, initiated_by, created_at
        from schedule
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and id = $3",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Fault::Missing)?.try_into()
}

pub(super) async fn list(tx: &mut impl Tx, port: Option<PortId>, page: Page) -> Result<Vec<Schedule>> {
    let scope = tx.scope();
    let rows = sqlx::query_as!(
        ScheduleRow,
        "select reseller_id, tenant_id, id, port_id, mbps, days, from_time, to_time, time_zone, starts_on, ends_on,
            skips_holidays, amount_max, state, reason, revision, planned_until, initiated_by_kind, initiated_by, created_at
        from schedule
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and ($3::uuid is null or port_id = $3)
            and id > $4
        order by id
        limit $5",
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.map(|id| id.uuid()),
        page.after,
        page.fetch()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// The schedules of a port that go on.
pub(super) async fn count_active(tx: &mut WriteTx, port: PortId) -> Result<i64> {
    let scope = tx.scope();
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from schedule
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and port_id = $3
            and state = 'active'"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        port.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn insert_occurrence(
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
        "insert into schedule_occurrence (reseller_id, tenant_id, id, schedule_id, revision, starts_at, ends_at, change_id,
            left_out_code, left_out_because)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        schedule.scope.reseller().uuid(),
        schedule.scope.tenant().uuid(),
        id.uuid(),
        schedule.id.uuid(),
        schedule.revision,
        occurring.starts_at,
        occurring.ends_at,
        change,
        code,
        because
    )
    .execute(tx.conn())
    .await?;
    exactly_one(done.rows_affected())
}

/// The windows that a schedule booked and that begin after an instant, whatever became of them.
pub(super) async fn changes_after(
    tx: &mut impl Tx,
    schedule: &Schedule,
    now: Timestamp,
) -> Result<Vec<ChangeId>> {
    let scope = tx.scope();
    let found = sqlx::query_scalar!(
        r#"select change_id as "change_id!"
        from schedule_occurrence
        where reseller_id = $1 and ($2::uuid is null or tenant_id = $2)
            and schedule_id = $3
            and starts_at > $4
            and change_id is not null
        order by id"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        schedule.id.uuid(),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// Of the present revision, and what of older ones was not withdrawn.
pub(super) async fn occurrences(
    tx: &mut impl Tx,
    schedule: &Schedule,
    page: Page,
) -> Result<Vec<Occurrence>> {
    let scope = tx.scope();
    let rows = sqlx::query!(
        r#"select o.id, o.starts_at, o.ends_at, o.change_id, o.left_out_code, o.left_out_because,
            c.state as "state?", q.amount as "amount?", q.currency as "currency?"
        from schedule_occurrence o
        left join bandwidth_change c on c.reseller_id = o.reseller_id and c.id = o.change_id
        left join quote q on q.reseller_id = c.reseller_id and q.id = c.quote_id
        where o.reseller_id = $1 and ($2::uuid is null or o.tenant_id = $2)
            and o.schedule_id = $3
            and (o.revision = $4 or c.state <> 'cancelled')
            and o.id > $5
        order by o.id
        limit $6"#,
        scope.reseller().uuid(),
        scope.customer().map(|id| id.uuid()),
        schedule.id.uuid(),
        schedule.revision,
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
