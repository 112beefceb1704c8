//! What was seen of ports, and what of that is verified.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    identity::Caller,
    ids::PortId,
    ports::{port, verified},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(observations, read))
        .routes(routes!(intervals))
}

/// What a read-back showed.
#[derive(Serialize, ToSchema)]
struct Observation {
    id: Uuid,
    port_id: Uuid,
    operation_id: Uuid,
    mbps: u32,
    /// Since when, if the carrier told.
    since: Option<DateTime<Utc>>,
    observed_at: DateTime<Utc>,
}

/// A stretch of verified bandwidth.
#[derive(Serialize, ToSchema)]
struct Interval {
    id: Uuid,
    port_id: Uuid,
    mbps: u32,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    /// Whose clock: `carrier` or `observation`.
    start_basis: String,
    end_basis: Option<String>,
    /// `open` or `closed`.
    state: String,
    /// The observation that opened it.
    opened_by: Uuid,
    /// The observation that closed it; none while it is open, and where the port was closed.
    closed_by: Option<Uuid>,
}

/// A read-back that was asked for.
#[derive(Serialize, ToSchema)]
struct ReadBack {
    operation_id: Uuid,
}

impl From<verified::Observation> for Observation {
    fn from(observation: verified::Observation) -> Self {
        let verified::Observation {
            id,
            port,
            operation,
            mbps,
            since,
            observed_at,
        } = observation;
        Self {
            id: id.uuid(),
            port_id: port.uuid(),
            operation_id: operation.uuid(),
            mbps,
            since,
            observed_at,
        }
    }
}

impl From<verified::Interval> for Interval {
    fn from(interval: verified::Interval) -> Self {
        let verified::Interval {
            id,
            port,
            mbps,
            start,
            end,
            opened_by,
            closed_by,
        } = interval;
        Self {
            id: id.uuid(),
            port_id: port.uuid(),
            mbps,
            starts_at: start.at,
            ends_at: end.map(|end| end.at),
            start_basis: start.basis.name().to_owned(),
            end_basis: end.map(|end| end.basis.name().to_owned()),
            state: if end.is_some() { "closed" } else { "open" }.to_owned(),
            opened_by: opened_by.uuid(),
            closed_by: closed_by.map(|id| id.uuid()),
        }
    }
}

/// What the read-backs of a port showed
#[utoipa::path(get, path = "/v1/ports/{id}/observations", tag = "ports", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Items<Observation>), (status = 404, body = Problem)))]
async fn observations(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PortId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Observation>>, Problem> {
    let page = query.page(caller.scope(), "observations")?;
    let seen = verified::observations(&app, &caller, id, page).await?;
    Ok(Json(Items::from_page(seen)))
}

/// Have a port read from its carrier now
#[utoipa::path(post, path = "/v1/ports/{id}/observations", tag = "ports", params(("id" = Uuid, Path)),
    responses((status = 202, body = ReadBack), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn read(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PortId>,
) -> Result<(StatusCode, Json<ReadBack>), Problem> {
    let operation_id = port::read(&app, &caller, id).await?.uuid();
    Ok((StatusCode::ACCEPTED, Json(ReadBack { operation_id })))
}

/// The stretches of a port's verified bandwidth
#[utoipa::path(get, path = "/v1/ports/{id}/intervals", tag = "ports", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Items<Interval>), (status = 404, body = Problem)))]
async fn intervals(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PortId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Interval>>, Problem> {
    let page = query.page(caller.scope(), "intervals")?;
    let verified = verified::intervals(&app, &caller, id, page).await?;
    Ok(Json(Items::from_page(verified)))
}
