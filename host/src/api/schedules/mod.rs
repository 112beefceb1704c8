//! Schedules: windows that come again.

mod shown;
mod terms;

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use shown::{Occurrence, Preview};
use terms::{NewTerms, ScheduleTerms};

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{app::App, identity::Caller, ids::ScheduleId, ports::schedule};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(preview))
        .routes(routes!(get, replace))
        .routes(routes!(cancel))
        .routes(routes!(occurrences))
}

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
    version: i32,
    /// What begins before then is booked, or left out. It moves on every week.
    planned_until: DateTime<Utc>,
    created_at: DateTime<Utc>,
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

impl From<schedule::Schedule> for Schedule {
    fn from(schedule: schedule::Schedule) -> Self {
        let schedule::Schedule {
            scope: _,
            id,
            port,
            terms,
            state,
            reason,
            version,
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
            version,
            planned_until,
            created_at,
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
