//! The table of schedules.

mod occurrences;

use chrono::{NaiveDate, NaiveTime, Weekday};
pub(super) use occurrences::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Hours, Recurrence, Schedule, ScheduleState, Terms};
use crate::{
    app::Timestamp,
    db::{Scope, Tx, WriteTx},
    fault::{Fault, Result, exactly_one},
    identity::{ActorKind, Initiator},
    ids::{PortId, ScheduleId},
    page::Page,
    ports::{mbps, to_db},
};

struct ScheduleRow {
    reseller_id: Uuid,
    tenant_id: Uuid,
    id: Uuid,
    port_id: Uuid,
    mbps: i32,
    days: Vec<String>,
    from_time: Option<NaiveTime>,
    to_time: Option<NaiveTime>,
    time_zone: Option<String>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    skips_holidays: bool,
    amount_max: Option<Decimal>,
    state: String,
    reason: Option<String>,
    version: i32,
    planned_until: Timestamp,
    initiated_by_kind: String,
    initiated_by: Uuid,
    created_at: Timestamp,
}

impl TryFrom<ScheduleRow> for Schedule {
    type Error = Fault;

    fn try_from(row: ScheduleRow) -> Result<Self> {
        let unknown = |what| Fault::broken(format!("schedule {} has an unknown {what}", row.id));
        let days = row.days.iter().map(|word| weekday(word));
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
            version: row.version,
            planned_until: row.planned_until,
            initiator: Initiator {
                kind: ActorKind::parse(&row.initiated_by_kind).ok_or_else(|| unknown("initiator"))?,
                id: row.initiated_by,
            },
            created_at: row.created_at,
        })
    }
}

/// The words for days in the database.
const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "monday"),
    (Weekday::Tue, "tuesday"),
    (Weekday::Wed, "wednesday"),
    (Weekday::Thu, "thursday"),
    (Weekday::Fri, "friday"),
    (Weekday::Sat, "saturday"),
    (Weekday::Sun, "sunday"),
];

fn weekday(word: &str) -> Option<Weekday> {
    DAYS.iter().find(|(_, name)| *name == word).map(|(day, _)| *day)
}

/// A recurrence as its columns have it.
struct Columns {
    days: Vec<String>,
    from: Option<NaiveTime>,
    to: Option<NaiveTime>,
    zone: Option<&'static str>,
}

impl From<&Recurrence> for Columns {
    fn from(recurrence: &Recurrence) -> Self {
        let days = DAYS.iter().filter(|(day, _)| recurrence.days.contains(day));
        let days = days.map(|(_, name)| (*name).to_owned()).collect();
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
            ends_on, skips_holidays, amount_max, state, reason, version, planned_until, initiated_by_kind, initiated_by,
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
        schedule.version,
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
            skips_holidays = $11, amount_max = $12, state = $13, reason = $14, version = $15, planned_until = $16,
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
        schedule.version,
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
            skips_holidays, amount_max, state, reason, version, planned_until, initiated_by_kind, initiated_by, created_at
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
            skips_holidays, amount_max, state, reason, version, planned_until, initiated_by_kind, initiated_by, created_at
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
