//! Ports: how they stand, what was seen of them, and what of that is verified.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
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
        .routes(routes!(list, add))
        .routes(routes!(get))
        .routes(routes!(close))
        .routes(routes!(observations, read))
        .routes(routes!(intervals))
}

/// A customer's port and how it stands.
#[derive(Serialize, ToSchema)]
struct Port {
    id: Uuid,
    customer_id: Uuid,
    name: String,
    carrier_id: Uuid,
    /// The carrier's own name for it.
    reference: String,
    /// `active` or `closed`.
    state: String,
    /// The permanent speed; none before the first read-back.
    base_mbps: Option<u32>,
    /// The speed it is meant to have now.
    intended_mbps: Option<u32>,
    /// The speed that was last seen.
    observed_mbps: Option<u32>,
    observed_at: Option<DateTime<Utc>>,
    /// Observed less intended speed.
    drift_mbps: Option<i64>,
    created_at: DateTime<Utc>,
}

/// A port to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPort {
    customer_id: Uuid,
    /// Unique among the customer's ports.
    #[schema(example = "Studio London")]
    name: String,
    carrier_id: Uuid,
    /// The carrier's own name for it.
    #[schema(example = "port-1")]
    reference: String,
    /// The permanent speed somebody believes it has. Only compared: the base is what the first read-back shows.
    #[schema(example = 1000)]
    base_mbps: u32,
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

impl From<port::Standing> for Port {
    fn from(standing: port::Standing) -> Self {
        let drift_mbps = standing.drift_mbps();
        let port::Standing {
            port,
            base_mbps,
            intended_mbps,
            observed,
        } = standing;
        Self {
            id: port.id.uuid(),
            customer_id: port.scope.tenant().uuid(),
            name: port.name,
            carrier_id: port.carrier.uuid(),
            reference: port.reference,
            state: port.state.name().to_owned(),
            base_mbps,
            intended_mbps,
            observed_mbps: observed.map(|seen| seen.mbps),
            observed_at: observed.map(|seen| seen.observed_at),
            drift_mbps,
            created_at: port.created_at,
        }
    }
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

/// The ports one can see
#[utoipa::path(get, path = "/v1/ports", tag = "ports", params(PageQuery),
    responses((status = 200, body = Items<Port>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Port>>, Problem> {
    let page = query.page(caller.scope(), "ports")?;
    Ok(Json(Items::from_page(port::list(&app, &caller, page).await?)))
}

/// Add a customer's port and have it read from the carrier
#[utoipa::path(post, path = "/v1/ports", tag = "ports", request_body = NewPort,
    responses((status = 201, body = Port), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewPort>,
) -> Result<(StatusCode, Json<Port>), Problem> {
    let NewPort {
        customer_id,
        name,
        carrier_id,
        reference,
        base_mbps,
    } = body;
    let new = port::NewPort {
        customer: customer_id.into(),
        name,
        carrier: carrier_id.into(),
        reference,
        believed_mbps: base_mbps,
    };
    let added = port::add(&app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// One port
#[utoipa::path(get, path = "/v1/ports/{id}", tag = "ports", params(("id" = Uuid, Path)),
    responses((status = 200, body = Port), (status = 404, body = Problem)))]
async fn get(State(app): State<App>, caller: Caller, Id(id): Id<PortId>) -> Result<Json<Port>, Problem> {
    Ok(Json(port::get(&app, &caller, id).await?.into()))
}

/// Close a port on which nothing is booked or under way
#[utoipa::path(post, path = "/v1/ports/{id}/close", tag = "ports", params(("id" = Uuid, Path)),
    responses((status = 200, body = Port), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn close(State(app): State<App>, caller: Caller, Id(id): Id<PortId>) -> Result<Json<Port>, Problem> {
    Ok(Json(port::close(&app, &caller, id).await?.into()))
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
