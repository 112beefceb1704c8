//! A reseller's plugins, their releases, and what calls of them cost.

use axum::extract::{DefaultBodyLimit, Path, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api, MAX_UPLOAD_BYTES,
    problem::Problem,
    releases::{Release, World},
    request::{Items, Json, PageQuery, Params},
    uploads,
};
use crate::{app::App, identity::Caller, plugins};

pub(super) fn routes() -> OpenApiRouter<Api> {
    let of_plugin = OpenApiRouter::new()
        .routes(routes!(releases, uploads::upload))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES));
    OpenApiRouter::new()
        .routes(routes!(list))
        .merge(of_plugin)
        .routes(routes!(runs))
}

/// A name that releases are uploaded under.
#[derive(Serialize, ToSchema)]
struct Plugin {
    id: Uuid,
    /// Unique among the reseller's plugins.
    #[schema(example = "acme-carrier")]
    name: String,
    world: World,
    created_at: DateTime<Utc>,
}

/// One call of a plugin.
#[derive(Serialize, ToSchema)]
struct PluginRun {
    id: Uuid,
    /// SHA-256 of the component, in hexadecimal.
    digest: String,
    /// The world and its function.
    #[schema(example = "pricing.price")]
    function: String,
    /// The tenant that the call was for.
    for_tenant_id: Uuid,
    /// Units of fuel; about one unit an instruction.
    fuel: u64,
    wall_us: u64,
    /// The most linear memory there was.
    memory_bytes: u64,
    /// `answered`, or the code of the failure, such as `plugin_fuel_exhausted`.
    outcome: String,
    /// BLAKE3 hash of what the call was given, in hexadecimal.
    input_hash: String,
    at: DateTime<Utc>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RunQuery {
    /// Calls of this component alone.
    digest: Option<String>,
    /// Calls that ended so alone.
    outcome: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

impl From<plugins::Plugin> for Plugin {
    fn from(plugin: plugins::Plugin) -> Self {
        let plugins::Plugin {
            id,
            name,
            world,
            created_at,
        } = plugin;
        Self {
            id: id.uuid(),
            name,
            world: world.into(),
            created_at,
        }
    }
}

impl From<plugins::Run> for PluginRun {
    fn from(run: plugins::Run) -> Self {
        let plugins::Run {
            id,
            digest,
            function,
            for_tenant,
            fuel,
            wall_us,
            memory_bytes,
            outcome,
            input_hash,
            at,
        } = run;
        Self {
            id,
            digest,
            function,
            for_tenant_id: for_tenant.uuid(),
            fuel,
            wall_us,
            memory_bytes,
            outcome,
            input_hash,
            at,
        }
    }
}

/// The reseller's plugins
#[utoipa::path(get, path = "/v1/plugins", tag = "plugins", params(PageQuery),
    responses((status = 200, body = Items<Plugin>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Plugin>>, Problem> {
    let page = query.page(caller.scope(), "plugins")?;
    Ok(Json(Items::from_page(plugins::list(&app, &caller, page).await?)))
}

/// A plugin's releases, refused ones among them
#[utoipa::path(get, path = "/v1/plugins/{name}/releases", tag = "plugins", params(("name" = String, Path), PageQuery),
    responses((status = 200, body = Items<Release>), (status = 404, body = Problem)))]
async fn releases(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Release>>, Problem> {
    let page = query.page(caller.scope(), "releases")?;
    let found = plugins::releases(&app, &caller, &name, page).await?;
    Ok(Json(Items::from_page(found)))
}

/// What calls of the reseller's plugins cost and how they ended
#[utoipa::path(get, path = "/v1/plugin-runs", tag = "plugins", params(RunQuery),
    responses((status = 200, body = Items<PluginRun>), (status = 403, body = Problem)))]
async fn runs(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<RunQuery>,
) -> Result<Json<Items<PluginRun>>, Problem> {
    let RunQuery {
        digest,
        outcome,
        cursor,
        limit,
    } = query;
    let page = PageQuery { cursor, limit }.page(caller.scope(), "plugin-runs")?;
    let filter = plugins::RunFilter { digest, outcome };
    Ok(Json(Items::from_page(
        plugins::runs(&app, &caller, &filter, page).await?,
    )))
}
