//! One release of a plugin: what it says about itself, what was checked, what it wants, and approving it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use nexusport_sandbox as sandbox;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    description::Description,
    problem::Problem,
    request::{Id, Json},
};
use crate::{app::App, identity::Caller, ids::ReleaseId, plugins};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get))
        .routes(routes!(report))
        .routes(routes!(approve))
}

/// What a plugin is for.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum World {
    /// Says what to ask of a network provider.
    Carrier,
    /// Prices verified bandwidth.
    Pricing,
    /// Dresses what a customer sees.
    Branding,
}

/// An uploaded component.
#[derive(Serialize, ToSchema)]
pub(super) struct Release {
    id: Uuid,
    plugin_id: Uuid,
    /// The plugin's name.
    plugin: String,
    world: World,
    /// SHA-256 of the component, in hexadecimal.
    digest: String,
    size_bytes: u64,
    /// The author's version; empty for a component that never told.
    version: String,
    /// `refused`, `checked` or `approved`.
    state: String,
    created_at: DateTime<Utc>,
}

/// A release with what it says about itself and what it wants.
#[derive(Serialize, ToSchema)]
struct ReleaseDetail {
    #[serde(flatten)]
    release: Release,
    /// None where it was refused before it could say anything.
    description: Option<Description>,
    capabilities: Capabilities,
}

/// What a release wants beyond computing, against what the plugin's active release was granted.
#[derive(Serialize, ToSchema)]
struct Capabilities {
    /// Wanted, and not granted to the active release.
    added: Vec<Capability>,
    /// Wanted, and granted to the active release.
    kept: Vec<Capability>,
    /// Granted to the active release, and no longer wanted.
    removed: Vec<Capability>,
}

#[derive(Serialize, ToSchema)]
struct Capability {
    /// `destination`, `credential` or `import`.
    kind: &'static str,
    handle: String,
}

/// Every check that was made of a release.
#[derive(Serialize, ToSchema)]
struct Report {
    /// In the order in which they were made; none follows a failed one.
    checks: Vec<Check>,
}

#[derive(Serialize, ToSchema)]
struct Check {
    /// Stable, for programs.
    #[schema(example = "component_bytes")]
    name: String,
    passed: bool,
    /// What was measured, in the unit of the limit.
    figure: Option<u64>,
    limit: Option<u64>,
    /// For people.
    message: String,
}

impl From<sandbox::World> for World {
    fn from(world: sandbox::World) -> Self {
        match world {
            sandbox::World::Carrier => Self::Carrier,
            sandbox::World::Pricing => Self::Pricing,
            sandbox::World::Branding => Self::Branding,
        }
    }
}

impl From<World> for sandbox::World {
    fn from(world: World) -> Self {
        match world {
            World::Carrier => Self::Carrier,
            World::Pricing => Self::Pricing,
            World::Branding => Self::Branding,
        }
    }
}

impl From<plugins::Release> for Release {
    fn from(release: plugins::Release) -> Self {
        let plugins::Release {
            id,
            plugin,
            plugin_name,
            world,
            digest,
            size_bytes,
            version,
            description: _,
            state,
            created_at,
        } = release;
        Self {
            id: id.uuid(),
            plugin_id: plugin.uuid(),
            plugin: plugin_name,
            world: world.into(),
            digest,
            size_bytes,
            version,
            state: state.name().to_owned(),
            created_at,
        }
    }
}

impl From<plugins::Reading> for ReleaseDetail {
    fn from(reading: plugins::Reading) -> Self {
        let plugins::Reading {
            mut release,
            difference,
        } = reading;
        let plugins::Difference { added, kept, removed } = difference;
        let capabilities = |of: Vec<plugins::Capability>| {
            let capability = |c: plugins::Capability| Capability {
                kind: c.kind.name(),
                handle: c.handle,
            };
            of.into_iter().map(capability).collect()
        };
        Self {
            description: release.description.take().map(Into::into),
            release: release.into(),
            capabilities: Capabilities {
                added: capabilities(added),
                kept: capabilities(kept),
                removed: capabilities(removed),
            },
        }
    }
}

impl From<sandbox::Check> for Check {
    fn from(check: sandbox::Check) -> Self {
        let sandbox::Check {
            name,
            passed,
            figure,
            limit,
            message,
        } = check;
        Self {
            name,
            passed,
            figure,
            limit,
            message,
        }
    }
}

/// One release
#[utoipa::path(get, path = "/v1/releases/{id}", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = ReleaseDetail), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ReleaseId>,
) -> Result<Json<ReleaseDetail>, Problem> {
    Ok(Json(plugins::release(&app, &caller, id).await?.into()))
}

/// Every check that was made of a release
#[utoipa::path(get, path = "/v1/releases/{id}/report", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = Report), (status = 404, body = Problem)))]
async fn report(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ReleaseId>,
) -> Result<Json<Report>, Problem> {
    let checks = plugins::report(&app, &caller, id).await?;
    Ok(Json(Report {
        checks: checks.into_iter().map(Into::into).collect(),
    }))
}

/// Grant a release everything it wants, so that it can be activated
#[utoipa::path(post, path = "/v1/releases/{id}/approve", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = Release), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn approve(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ReleaseId>,
) -> Result<Json<Release>, Problem> {
    Ok(Json(plugins::approve(&app, &caller, id).await?.into()))
}
