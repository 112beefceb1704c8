//! Where a carrier's ports are.

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
    carriers,
    identity::Caller,
    ids::{CarrierId, LocationId},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(set))
}

/// Where ports of a carrier are.
#[derive(Serialize, ToSchema)]
struct Location {
    id: Uuid,
    carrier_id: Uuid,
    name: String,
    /// What the windows booked there may have together at any instant; none: as much as anybody likes.
    capacity_mbps: Option<u32>,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

/// A location to add, or as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLocation {
    /// 1 to 100 characters, unique among the carrier's locations.
    #[schema(example = "FR5")]
    name: String,
    /// What the windows booked there may have together at any instant; without it as much as anybody likes.
    #[schema(example = 40000)]
    capacity_mbps: Option<u32>,
}

impl From<carriers::Location> for Location {
    fn from(location: carriers::Location) -> Self {
        let carriers::Location {
            id,
            carrier,
            name,
            capacity_mbps,
            created_at,
            changed_at,
        } = location;
        Self {
            id: id.uuid(),
            carrier_id: carrier.uuid(),
            name,
            capacity_mbps,
            created_at,
            changed_at,
        }
    }
}

/// A carrier's locations
#[utoipa::path(get, path = "/v1/carriers/{id}/locations", tag = "carriers", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Items<Location>), (status = 404, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Location>>, Problem> {
    let page = query.page(caller.scope(), &carriers::listed(id))?;
    Ok(Json(Items::from_page(
        carriers::locations(&app, &caller, id, page).await?,
    )))
}

/// Add a location to a carrier
#[utoipa::path(post, path = "/v1/carriers/{id}/locations", tag = "carriers", params(("id" = Uuid, Path)),
    request_body = NewLocation,
    responses((status = 201, body = Location), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
    Json(body): Json<NewLocation>,
) -> Result<(StatusCode, Json<Location>), Problem> {
    let added = carriers::add_location(&app, &caller, id, &body.name, body.capacity_mbps).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Give a location another name and capacity
#[utoipa::path(put, path = "/v1/locations/{id}", tag = "carriers", params(("id" = Uuid, Path)),
    request_body = NewLocation,
    responses((status = 200, body = Location), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn set(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<LocationId>,
    Json(body): Json<NewLocation>,
) -> Result<Json<Location>, Problem> {
    let set = carriers::set_location(&app, &caller, id, &body.name, body.capacity_mbps).await?;
    Ok(Json(set.into()))
}
