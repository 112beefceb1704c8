//! What carriers have: asking them for it, and taking in what is there already.

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
    carriers::inventory,
    identity::Caller,
    ids::CarrierId,
    ports::inventory::{self as ports, Offered, Taken},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get, ask))
        .routes(routes!(list, take))
}

/// What a carrier has, as it was last asked.
#[derive(Serialize, ToSchema)]
struct Inventory {
    /// `reading`, `read`, or `failed`: what is listed may not be all.
    state: String,
    /// What reads the next page, or read the last.
    operation_id: Uuid,
    /// How many pages were read.
    pages: u32,
    /// Why it was not read to its end.
    reason: Option<String>,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

/// A port that a carrier has.
#[derive(Serialize, ToSchema)]
struct InventoryPort {
    /// The carrier's own name for it.
    reference: String,
    mbps: u32,
    /// Since when it has this speed, if the carrier tells.
    since: Option<DateTime<Utc>>,
    /// What it is here; none where nobody has it yet.
    port_id: Option<Uuid>,
    customer_id: Option<Uuid>,
}

/// Ports to take in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// 1 to 50.
    ports: Vec<WantedPort>,
}

/// A port to take in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WantedPort {
    /// The carrier's own name for it, as the inventory has it.
    #[schema(example = "port-1")]
    reference: String,
    customer_id: Uuid,
    /// Unique among the customer's ports.
    #[schema(example = "Studio London")]
    name: String,
    location_id: Option<Uuid>,
}

/// What became of each.
#[derive(Serialize, ToSchema)]
struct TakenIn {
    ports: Vec<TakenPort>,
}

/// A port that was taken in, or why it was not.
#[derive(Serialize, ToSchema)]
struct TakenPort {
    reference: String,
    port_id: Option<Uuid>,
    /// Stable, for programs.
    code: Option<String>,
    /// For people.
    detail: Option<String>,
}

impl From<inventory::Inventory> for Inventory {
    fn from(found: inventory::Inventory) -> Self {
        let inventory::Inventory {
            carrier: _,
            state,
            operation,
            pages,
            reason,
            started_at,
            ended_at,
        } = found;
        Self {
            state: state.name().to_owned(),
            operation_id: operation.uuid(),
            pages,
            reason,
            started_at,
            ended_at,
        }
    }
}

impl From<Offered> for InventoryPort {
    fn from(offered: Offered) -> Self {
        let Offered { entry, port } = offered;
        Self {
            reference: entry.reference,
            mbps: entry.mbps,
            since: entry.since,
            port_id: port.as_ref().map(|port| port.id.uuid()),
            customer_id: port.map(|port| port.scope.tenant().uuid()),
        }
    }
}

impl From<WantedPort> for Taken {
    fn from(wanted: WantedPort) -> Self {
        let WantedPort {
            reference,
            customer_id,
            name,
            location_id,
        } = wanted;
        Self {
            reference,
            customer: customer_id.into(),
            name,
            location: location_id.map(Into::into),
        }
    }
}

/// How far a carrier's inventory was read
#[utoipa::path(get, path = "/v1/carriers/{id}/inventory", tag = "carriers", params(("id" = Uuid, Path)),
    responses((status = 200, body = Inventory), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
) -> Result<Json<Inventory>, Problem> {
    Ok(Json(inventory::find(&app, &caller, id).await?.into()))
}

/// Ask a carrier for all of its ports; what it said before is forgotten
#[utoipa::path(post, path = "/v1/carriers/{id}/inventory", tag = "carriers", params(("id" = Uuid, Path)),
    responses((status = 202, body = Inventory), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
) -> Result<(StatusCode, Json<Inventory>), Problem> {
    let asked = inventory::ask(&app, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(asked.into())))
}

/// The ports of a carrier's inventory, with what of them is here
#[utoipa::path(get, path = "/v1/carriers/{id}/inventory/ports", tag = "carriers",
    params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Items<InventoryPort>), (status = 404, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<InventoryPort>>, Problem> {
    let page = query.page(caller.scope(), &ports::listed(id))?;
    Ok(Json(Items::from_page(
        ports::list(&app, &caller, id, page).await?,
    )))
}

/// Take in ports that the inventory has: each is added and read back as if it were added by hand
#[utoipa::path(post, path = "/v1/carriers/{id}/inventory/ports", tag = "carriers", params(("id" = Uuid, Path)),
    request_body = Wanted,
    responses((status = 200, body = TakenIn), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn take(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
    Json(body): Json<Wanted>,
) -> Result<Json<TakenIn>, Problem> {
    let wanted = body.ports.into_iter().map(Taken::from).collect();
    let results = ports::take(&app, &caller, id, wanted).await?;
    let ports = results.into_iter().map(|(reference, result)| {
        let refused = result.as_ref().err();
        TakenPort {
            reference,
            code: refused.map(|refusal| refusal.code.to_owned()),
            detail: refused.map(|refusal| refusal.message.clone().into_owned()),
            port_id: result.ok().map(|id| id.uuid()),
        }
    });
    Ok(Json(TakenIn {
        ports: ports.collect(),
    }))
}
