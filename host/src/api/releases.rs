//! One release of a plugin: what it says about itself, what was checked, what it wants, and approving it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use nexusport_inspection as inspection;
use nexusport_sandbox as sandbox;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    description::Description,
    difference::Difference,
    problem::Problem,
    request::{Id, Json, Params},
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

/// What a component may take.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Class {
    /// What every plan has.
    #[default]
    Light,
    /// What components need that bring an engine or an interpreter with them; of plans whose `plugin_class` is 2.
    Heavy,
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
    class: Class,
    created_at: DateTime<Utc>,
}

/// A release with what it says about itself and what it wants.
#[derive(Serialize, ToSchema)]
struct ReleaseDetail {
    #[serde(flatten)]
    release: Release,
    /// None where it was refused before it could say anything.
    description: Option<Description>,
    difference: Difference,
}

/// What to compare a release with.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Beside {
    /// The carrier whose active adapter an adapter is compared with; of no use in the other worlds.
    carrier_id: Option<Uuid>,
}

/// What somebody says yes to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    /// The digest of the release that was looked at.
    digest: String,
    /// The carrier whose active adapter it was compared with.
    carrier_id: Option<Uuid>,
}

/// Every check that was made of a release.
#[derive(Serialize, ToSchema)]
struct Report {
    /// In the order in which they were made; none follows a failed one.
    checks: Vec<Check>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Check {
    /// Stable, for programs.
    #[schema(example = "component_bytes")]
    name: String,
    outcome: Outcome,
    /// What was measured, in the unit of the limit.
    figure: Option<u64>,
    limit: Option<u64>,
    /// For people.
    message: String,
}

/// What came of a check.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// As it should be.
    Passed,
    /// For whoever approves the release to know.
    Warning,
    /// It cannot become a release.
    Failed,
}

impl From<sandbox::Class> for Class {
    fn from(class: sandbox::Class) -> Self {
        match class {
            sandbox::Class::Light => Self::Light,
            sandbox::Class::Heavy => Self::Heavy,
        }
    }
}

impl From<Class> for sandbox::Class {
    fn from(class: Class) -> Self {
        match class {
            Class::Light => Self::Light,
            Class::Heavy => Self::Heavy,
        }
    }
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
            class,
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
            class: class.into(),
            created_at,
        }
    }
}

impl From<plugins::Reading> for ReleaseDetail {
    fn from(reading: plugins::Reading) -> Self {
        let plugins::Reading {
            mut release,
            against,
            difference,
        } = reading;
        Self {
            description: release.description.take().map(Into::into),
            release: release.into(),
            difference: Difference::new(difference, against),
        }
    }
}

impl From<inspection::Check> for Check {
    fn from(check: inspection::Check) -> Self {
        let inspection::Check {
            name,
            outcome,
            figure,
            limit,
            message,
        } = check;
        let outcome = match outcome {
            inspection::Outcome::Passed => Outcome::Passed,
            inspection::Outcome::Warning => Outcome::Warning,
            inspection::Outcome::Failed => Outcome::Failed,
        };
        Self {
            name,
            outcome,
            figure,
            limit,
            message,
        }
    }
}

/// One release, and how it differs from what is active
#[utoipa::path(get, path = "/v1/releases/{id}", tag = "plugins", params(("id" = Uuid, Path), Beside),
    responses((status = 200, body = ReleaseDetail), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ReleaseId>,
    Params(beside): Params<Beside>,
) -> Result<Json<ReleaseDetail>, Problem> {
    let carrier = beside.carrier_id.map(Into::into);
    Ok(Json(plugins::release(&app, &caller, id, carrier).await?.into()))
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
    request_body = Approval,
    responses((status = 200, body = Release), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn approve(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ReleaseId>,
    Json(body): Json<Approval>,
) -> Result<Json<Release>, Problem> {
    let Approval { digest, carrier_id } = body;
    let yes = plugins::Approval {
        digest,
        carrier: carrier_id.map(Into::into),
    };
    Ok(Json(plugins::approve(&app, &caller, id, yes).await?.into()))
}
