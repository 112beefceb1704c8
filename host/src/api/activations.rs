//! Which release serves a world, for whom, since when.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    releases::World,
    request::{Items, Json, PageQuery, Params},
};
use crate::{app::App, identity::Caller, plugins};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, add))
}

/// Which release serves a world since when.
#[derive(Serialize, ToSchema)]
struct Activation {
    id: Uuid,
    world: World,
    /// In the carrier world.
    carrier_id: Option<Uuid>,
    /// The one customer; none for all.
    customer_id: Option<Uuid>,
    release_id: Uuid,
    /// What every call is given.
    settings: Value,
    effective_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    /// The person or key that decided it.
    created_by: Option<Uuid>,
}

/// A release that shall serve.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewActivation {
    /// An approved release.
    release_id: Uuid,
    /// The carrier that an adapter serves; of no use in the other worlds.
    carrier_id: Option<Uuid>,
    /// The one customer to serve; none for all.
    customer_id: Option<Uuid>,
    /// What the release's settings schema demands.
    settings: Value,
    /// Since when; none for now, never in the past.
    effective_at: Option<DateTime<Utc>>,
}

impl From<plugins::Activation> for Activation {
    fn from(activation: plugins::Activation) -> Self {
        let plugins::Activation {
            id,
            world,
            carrier,
            customer,
            release,
            settings,
            effective_at,
            created_at,
            created_by,
        } = activation;
        Self {
            id: id.uuid(),
            world: world.into(),
            carrier_id: carrier.map(|id| id.uuid()),
            customer_id: customer.map(|id| id.uuid()),
            release_id: release.uuid(),
            settings,
            effective_at,
            created_at,
            created_by,
        }
    }
}

/// The reseller's activations
#[utoipa::path(get, path = "/v1/activations", tag = "plugins", params(PageQuery),
    responses((status = 200, body = Items<Activation>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Activation>>, Problem> {
    let page = query.page(caller.scope(), "activations")?;
    Ok(Json(Items::from_page(
        plugins::activations(&app, &caller, page).await?,
    )))
}

/// Have an approved release serve
#[utoipa::path(post, path = "/v1/activations", tag = "plugins", request_body = NewActivation,
    responses((status = 201, body = Activation), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewActivation>,
) -> Result<(StatusCode, Json<Activation>), Problem> {
    let NewActivation {
        release_id,
        carrier_id,
        customer_id,
        settings,
        effective_at,
    } = body;
    let new = plugins::NewActivation {
        release: release_id.into(),
        carrier: carrier_id.map(Into::into),
        customer: customer_id.map(Into::into),
        settings,
        effective_at,
    };
    let activation = plugins::activate(&app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(activation.into())))
}
