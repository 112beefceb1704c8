//! Holds: changes that keep their place and price before they are booked.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    bandwidth::BandwidthChange,
    problem::Problem,
    request::{Id, Json},
};
use crate::{app::App, identity::Caller, ids::ChangeId, ports::change::hold};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(make)).routes(routes!(commit))
}

/// A quote to hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewHold {
    quote_id: Uuid,
    /// For how long: 1 to 1440, and at most until the change begins.
    minutes: u32,
}

/// Hold what a quote offers: it keeps its place and its price for a while
#[utoipa::path(post, path = "/v1/holds", tag = "bandwidth", request_body = NewHold,
    responses((status = 201, body = BandwidthChange), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn make(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewHold>,
) -> Result<(StatusCode, Json<BandwidthChange>), Problem> {
    let NewHold { quote_id, minutes } = body;
    let held = hold::hold(&app, &caller, quote_id.into(), minutes).await?;
    Ok((StatusCode::CREATED, Json(held.into())))
}

/// Book a change that is held
#[utoipa::path(post, path = "/v1/bandwidth-changes/{id}/commit", tag = "bandwidth", params(("id" = Uuid, Path)),
    responses((status = 200, body = BandwidthChange), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn commit(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ChangeId>,
) -> Result<Json<BandwidthChange>, Problem> {
    Ok(Json(hold::commit(&app, &caller, id).await?.into()))
}
