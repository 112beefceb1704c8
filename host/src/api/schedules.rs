//! Schedules: windows that come again.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    fault::{Fault, Result as Checked},
    identity::Caller,
    ids::ScheduleId,
    ports::schedule::{self, Comes, Hours, LeftOut, Recurrence, Terms},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(preview))
        .routes(routes!(get, replace))
        .routes(routes!(cancel))
        .routes(routes!(occurrences))
}

/// What comes again, and when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTerms {
    /// The speed of the windows.
    #[schema(example = 5000)]
    mbps: u32,
    /// On which days of the week they begin.
    days: Vec<Day>,
    /// When they begin on the clocks of the time zone, `HH:MM`. Without it and `to` they are the tenant's business hours.
    #[schema(example = "18:00")]
    from: Option<String>,
    /// When they end. Where that is not after `from`, on the next day.
    #[schema(example = "23:00")]
    to: Option<String>,
    /// IANA name, otherwise the tenant's own.
    #[schema(example = "Europe/Vienna")]
    time_zone: Option<String>,
    /// The first day on which one can begin, otherwise today.
    starts_on: Option<NaiveDate>,
    /// The last day on which one can begin, otherwise there is none.
    ends_on: Option<NaiveDate>,
    /// Whether the tenant's holidays are left out.
    #[serde(default)]
    skips_holidays: bool,
    /// What one window may cost at most; dearer ones are left out.
    #[schema(value_type = Option<String>)]
    amount_max: Option<Decimal>,
}

/// A day of the week.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

const DAYS: [(Day, Weekday); 7] = [
    (Day::Monday, Weekday::Mon),
    (Day::Tuesday, Weekday::Tue),
    (Day::Wednesday, Weekday::Wed),
    (Day::Thursday, Weekday::Thu),
    (Day::Friday, Weekday::Fri),
    (Day::Saturday, Weekday::Sat),
    (Day::Sunday, Weekday::Sun),
];

/// A schedule to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSchedule {
    port_id: Uuid,
    terms: NewTerms,
}

/// A schedule to look at before it is made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPreview {
    port_id: Uuid,
    terms: NewTerms,
    /// The schedule that would be made anew by these terms.
    replaces_id: Option<Uuid>,
}

/// Windows that come again.
#[derive(Serialize, ToSchema)]
struct Schedule {
    id: Uuid,
    port_id: Uuid,
    terms: ScheduleTerms,
    /// `active`, `cancelled` or `ended`: its last day is over, or its port is closed.
    state: String,
    /// Why it ended.
    reason: Option<String>,
    /// Counts how often it was made anew.
    revision: i32,
    /// What begins before then is booked, or left out. It moves on every week.
    planned_until: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

/// What comes again, and when.
#[derive(Serialize, ToSchema)]
struct ScheduleTerms {
    mbps: u32,
    days: Vec<Day>,
    /// None for the tenant's business hours.
    from: Option<String>,
    to: Option<String>,
    time_zone: Option<String>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    skips_holidays: bool,
    #[schema(value_type = Option<String>)]
    amount_max: Option<Decimal>,
}

/// A time at which a schedule has a window.
#[derive(Serialize, ToSchema)]
struct Occurrence {
    id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// The window that was booked, like any other one; none where it was left out.
    bandwidth_change_id: Option<Uuid>,
    /// Where that window stands, see bandwidth changes; otherwise `left_out`.
    state: String,
    /// What the window costs by its quote.
    #[schema(value_type = Option<String>)]
    amount: Option<Decimal>,
    left_out: Option<WhyLeftOut>,
}

/// Why a window is not booked.
#[derive(Serialize, ToSchema)]
#[schema(as = LeftOut)]
struct WhyLeftOut {
    /// Stable, for programs: the code of the rule that refuses it, `holiday` or `amount_above_max`.
    code: String,
    /// For people.
    because: String,
}

/// What would come in the weeks ahead.
#[derive(Serialize, ToSchema)]
struct Preview {
    /// ISO 4217.
    currency: String,
    /// What all of the windows would cost.
    #[schema(value_type = String)]
    amount: Decimal,
    /// Up to when it shows what would come.
    until: DateTime<Utc>,
    times: Vec<PreviewedTime>,
}

/// A time at which there would be a window.
#[derive(Serialize, ToSchema)]
struct PreviewedTime {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// What the window would cost.
    #[schema(value_type = Option<String>)]
    amount: Option<Decimal>,
    left_out: Option<WhyLeftOut>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ScheduleQuery {
    /// Only schedules of this port.
    port_id: Option<Uuid>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

impl NewTerms {
    fn checked(self, now: DateTime<Utc>) -> Checked<Terms> {
        let hours = hours(self.from, self.to, self.time_zone)?;
        let today = match hours {
            Hours::Clock { zone, .. } => now.with_timezone(&zone).date_naive(),
            Hours::Business => now.date_naive(),
        };
        let days = DAYS.iter().filter(|(day, _)| self.days.contains(day));
        let most = Decimal::from(1_000_000_000_000_u64);
        if self.amount_max.is_some_and(|amount| {
            amount.is_sign_negative() || amount >= most || amount.normalize().scale() > 9
        }) {
            let message = "amount_max is 0 to 1000000000000 with at most 9 decimals";
            return Err(Fault::invalid("amount_invalid", message));
        }
        Ok(Terms {
            mbps: self.mbps,
            recurrence: Recurrence {
                days: days.map(|(_, weekday)| *weekday).collect(),
                hours,
                starts_on: self.starts_on.unwrap_or(today),
                ends_on: self.ends_on,
                skips_holidays: self.skips_holidays,
            },
            amount_max: self.amount_max.map(|amount| amount.normalize()),
        })
    }
}

fn hours(from: Option<String>, to: Option<String>, zone: Option<String>) -> Checked<Hours> {
    match (from, to, zone) {
        (None, None, None) => Ok(Hours::Business),
        (Some(from), Some(to), Some(zone)) => Ok(Hours::Clock {
            from: clock("from", &from)?,
            to: clock("to", if to == "24:00" { "00:00" } else { &to })?,
            zone: zone.parse().map_err(|_| {
                let message = "a time zone is an IANA name, such as Europe/Vienna";
                Fault::invalid("time_zone_invalid", message)
            })?,
        }),
        _ => {
            let message =
                "from, to and time_zone are given together, or none of them for the tenant's business hours";
            Err(Fault::invalid("hours_incomplete", message))
        }
    }
}

fn clock(name: &str, text: &str) -> Checked<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
        let message = format!("{name} is a time of day such as 18:00");
        Fault::invalid("clock_invalid", message)
    })
}

impl From<Terms> for ScheduleTerms {
    fn from(terms: Terms) -> Self {
        let Terms {
            mbps,
            recurrence,
            amount_max,
        } = terms;
        let Recurrence {
            days,
            hours,
            starts_on,
            ends_on,
            skips_holidays,
        } = recurrence;
        let clock = |time: NaiveTime| time.format("%H:%M").to_string();
        let (from, to, time_zone) = match hours {
            Hours::Clock { from, to, zone } => {
                (Some(clock(from)), Some(clock(to)), Some(zone.name().to_owned()))
            }
            Hours::Business => (None, None, None),
        };
        let days = DAYS.iter().filter(|(_, weekday)| days.contains(weekday));
        Self {
            mbps,
            days: days.map(|(day, _)| *day).collect(),
            from,
            to,
            time_zone,
            starts_on,
            ends_on,
            skips_holidays,
            amount_max,
        }
    }
}

impl From<schedule::Schedule> for Schedule {
    fn from(schedule: schedule::Schedule) -> Self {
        let schedule::Schedule {
            scope: _,
            id,
            port,
            terms,
            state,
            reason,
            revision,
            planned_until,
            initiator: _,
            created_at,
        } = schedule;
        Self {
            id: id.uuid(),
            port_id: port.uuid(),
            terms: terms.into(),
            state: state.name().to_owned(),
            reason,
            revision,
            planned_until,
            created_at,
        }
    }
}

impl From<LeftOut> for WhyLeftOut {
    fn from(LeftOut { code, because }: LeftOut) -> Self {
        Self { code, because }
    }
}

impl From<schedule::Occurrence> for Occurrence {
    fn from(occurrence: schedule::Occurrence) -> Self {
        let schedule::Occurrence {
            id,
            starts_at,
            ends_at,
            comes,
        } = occurrence;
        let (change, state, amount, left_out) = match comes {
            Comes::Booked {
                change,
                state,
                amount,
            } => (Some(change), state.name(), Some(amount), None),
            Comes::LeftOut(left_out) => (None, "left_out", None, Some(left_out)),
        };
        Self {
            id: id.uuid(),
            starts_at,
            ends_at,
            bandwidth_change_id: change.map(|id| id.uuid()),
            state: state.to_owned(),
            amount,
            left_out: left_out.map(WhyLeftOut::from),
        }
    }
}

impl From<schedule::Preview> for Preview {
    fn from(preview: schedule::Preview) -> Self {
        let schedule::Preview {
            currency,
            until,
            times,
        } = preview;
        let times: Vec<_> = times
            .into_iter()
            .map(|(starts_at, ends_at, comes)| {
                let (amount, left_out) = match comes {
                    Ok(amount) => (Some(amount), None),
                    Err(left_out) => (None, Some(left_out.into())),
                };
                PreviewedTime {
                    starts_at,
                    ends_at,
                    amount,
                    left_out,
                }
            })
            .collect();
        Self {
            currency,
            amount: times.iter().filter_map(|time| time.amount).sum(),
            until,
            times,
        }
    }
}

/// The schedules
#[utoipa::path(get, path = "/v1/schedules", tag = "bandwidth", params(ScheduleQuery),
    responses((status = 200, body = Items<Schedule>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<ScheduleQuery>,
) -> Result<Json<Items<Schedule>>, Problem> {
    let ScheduleQuery {
        port_id,
        cursor,
        limit,
    } = query;
    let page = PageQuery { cursor, limit }.page(caller.scope(), "schedules")?;
    let schedules = schedule::list(&app, &caller, port_id.map(Into::into), page).await?;
    Ok(Json(Items::from_page(schedules)))
}

/// Make a schedule and book its windows of the next five weeks
#[utoipa::path(post, path = "/v1/schedules", tag = "bandwidth", request_body = NewSchedule,
    responses((status = 201, body = Schedule), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn make(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewSchedule>,
) -> Result<(StatusCode, Json<Schedule>), Problem> {
    let NewSchedule { port_id, terms } = body;
    let terms = terms.checked(app.now())?;
    let made = schedule::make(&app, &caller, port_id.into(), terms).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// What a schedule would book in the next five weeks, and what each window would cost
#[utoipa::path(post, path = "/v1/schedules/preview", tag = "bandwidth", request_body = NewPreview,
    responses((status = 200, body = Preview), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn preview(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewPreview>,
) -> Result<Json<Preview>, Problem> {
    let NewPreview {
        port_id,
        terms,
        replaces_id,
    } = body;
    let terms = terms.checked(app.now())?;
    let replaced = replaces_id.map(Into::into);
    let preview = schedule::preview(&app, &caller, port_id.into(), &terms, replaced).await?;
    Ok(Json(preview.into()))
}

/// One schedule
#[utoipa::path(get, path = "/v1/schedules/{id}", tag = "bandwidth", params(("id" = Uuid, Path)),
    responses((status = 200, body = Schedule), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ScheduleId>,
) -> Result<Json<Schedule>, Problem> {
    Ok(Json(schedule::get(&app, &caller, id).await?.into()))
}

/// Make a schedule anew: what it booked and has not begun is withdrawn, and booked by the new terms
#[utoipa::path(put, path = "/v1/schedules/{id}", tag = "bandwidth", params(("id" = Uuid, Path)), request_body = NewTerms,
    responses((status = 200, body = Schedule), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn replace(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ScheduleId>,
    Json(body): Json<NewTerms>,
) -> Result<Json<Schedule>, Problem> {
    let terms = body.checked(app.now())?;
    Ok(Json(schedule::replace(&app, &caller, id, terms).await?.into()))
}

/// End a schedule and withdraw its windows that have not begun
#[utoipa::path(post, path = "/v1/schedules/{id}/cancel", tag = "bandwidth", params(("id" = Uuid, Path)),
    responses((status = 200, body = Schedule), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ScheduleId>,
) -> Result<Json<Schedule>, Problem> {
    Ok(Json(schedule::cancel(&app, &caller, id).await?.into()))
}

/// When a schedule has or had windows, in order, and what became of them
#[utoipa::path(get, path = "/v1/schedules/{id}/occurrences", tag = "bandwidth",
    params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Items<Occurrence>), (status = 404, body = Problem)))]
async fn occurrences(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ScheduleId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Occurrence>>, Problem> {
    let page = query.page(caller.scope(), &schedule::listed(id))?;
    let occurrences = schedule::occurrences(&app, &caller, id, page).await?;
    Ok(Json(Items::from_page(occurrences)))
}
