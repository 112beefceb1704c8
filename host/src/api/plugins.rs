//! A reseller's plugins and their releases.

use axum::extract::{DefaultBodyLimit, Path, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api, MAX_HEAVY_UPLOAD_BYTES,
    problem::Problem,
    releases::{Release, World},
    request::{Items, Json, PageQuery, Params},
    uploads,
};
use crate::{app::App, identity::Caller, plugins};

pub(super) fn routes() -> OpenApiRouter<Api> {
    let of_plugin = OpenApiRouter::new()
        .routes(routes!(releases, uploads::upload))
        .layer(DefaultBodyLimit::max(MAX_HEAVY_UPLOAD_BYTES));
    OpenApiRouter::new().routes(routes!(list)).merge(of_plugin)
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
