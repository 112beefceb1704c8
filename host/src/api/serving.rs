//! Which release served whom on any day.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    releases::World,
    request::{Json, Params},
};
use crate::{app::App, identity::Caller, plugins};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(served))
}

/// Whom, and when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Asked {
    world: World,
    customer_id: Uuid,
    /// In the carrier world.
    carrier_id: Option<Uuid>,
    /// Any time; none for now.
    at: Option<DateTime<Utc>>,
}

/// What served.
#[derive(Serialize, ToSchema)]
struct Answer {
    /// None where nothing did.
    serving: Option<Serving>,
}

/// A release that served.
#[derive(Serialize, ToSchema)]
struct Serving {
    activation_id: Uuid,
    release_id: Uuid,
    /// The plugin's name.
    plugin: String,
    version: String,
    digest: String,
    /// What its calls were given.
    settings: Value,
}

/// Which release served a customer at a time
#[utoipa::path(get, path = "/v1/activations/serving", tag = "plugins", params(Asked),
    responses((status = 200, body = Answer), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn served(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Json<Answer>, Problem> {
    let asked = plugins::Served {
        world: asked.world.into(),
        carrier: asked.carrier_id.map(Into::into),
        customer: asked.customer_id.into(),
        at: asked.at,
    };
    let served = plugins::served(&app, &caller, asked).await?;
    let serving = served.map(|(serving, release)| Serving {
        activation_id: serving.activation.uuid(),
        release_id: release.id.uuid(),
        plugin: release.plugin_name,
        version: release.version,
        digest: serving.digest,
        settings: serving.settings,
    });
    Ok(Json(Answer { serving }))
}
