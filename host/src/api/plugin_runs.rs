//! Runs: what calls of the reseller's plugins cost and how they ended, and asking again what was kept.

use axum::{
    extract::State,
    http::header,
    response::{AppendHeaders, IntoResponse},
};
use chrono::{DateTime, Utc};
use nexusport_sandbox::fixture;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    releases::World,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{app::App, identity::Caller, plugins};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(replay))
        .routes(routes!(fixture_of))
}

/// One call of a plugin.
#[derive(Serialize, ToSchema)]
struct PluginRun {
    id: Uuid,
    /// SHA-256 of the component, in hexadecimal.
    digest: String,
    /// None for a component that was only checked.
    release_id: Option<Uuid>,
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
    /// The same of what it answered.
    output_hash: Option<String>,
    /// What ran it: the engine and the interface.
    build: String,
    /// `kept`: it can be asked again; `not_sampled`, `too_large` or `secret`: what was asked is not kept.
    keeping: &'static str,
    /// The run whose question this one asked again.
    replay_of: Option<Uuid>,
    at: DateTime<Utc>,
}

/// One call of a plugin, with what it printed.
#[derive(Serialize, ToSchema)]
struct PluginRunDetail {
    #[serde(flatten)]
    run: PluginRun,
    /// For those who may see what plugins are asked.
    log: Option<String>,
}

/// What asking a kept question again showed.
#[derive(Serialize, ToSchema)]
struct PluginReplay {
    /// Whether the outcome is the same to the byte.
    same: bool,
    /// The first place where it is not.
    difference: Option<OutcomeDifference>,
    /// Units of fuel that it took this time.
    fuel: u64,
    /// What ran it this time.
    build: &'static str,
}

/// The first place where two outcomes differ.
#[derive(Serialize, ToSchema)]
struct OutcomeDifference {
    #[schema(example = "answered.Ok.charges[0].amount")]
    at: String,
    /// As JSON, cut at 200 characters.
    kept: String,
    now: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RunQuery {
    /// Calls of this component alone.
    digest: Option<String>,
    /// Calls of this release alone.
    release_id: Option<Uuid>,
    /// Calls of the plugin of this name alone.
    plugin: Option<String>,
    /// Calls of this world alone.
    world: Option<World>,
    /// Calls of this function alone, with its world.
    function: Option<String>,
    /// Calls that ended so alone; `failed` for every call without an answer.
    outcome: Option<String>,
    /// Calls for this tenant alone.
    customer_id: Option<Uuid>,
    /// Calls from this moment on.
    from: Option<DateTime<Utc>>,
    /// Calls before this moment.
    until: Option<DateTime<Utc>>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

impl From<plugins::Run> for PluginRun {
    fn from(run: plugins::Run) -> Self {
        let plugins::Run {
            id,
            digest,
            release,
            function,
            for_tenant,
            fuel,
            wall_us,
            memory_bytes,
            outcome,
            input_hash,
            output_hash,
            build,
            keeping,
            replay_of,
            at,
        } = run;
        Self {
            id,
            digest,
            release_id: release.map(|id| id.uuid()),
            function,
            for_tenant_id: for_tenant.uuid(),
            fuel,
            wall_us,
            memory_bytes,
            outcome,
            input_hash,
            output_hash,
            build,
            keeping: keeping.name(),
            replay_of,
            at,
        }
    }
}

impl From<plugins::Replayed> for PluginReplay {
    fn from(replayed: plugins::Replayed) -> Self {
        let plugins::Replayed {
            run: _,
            difference,
            fuel,
            build,
        } = replayed;
        let difference =
            difference.map(|fixture::Difference { at, kept, now }| OutcomeDifference { at, kept, now });
        Self {
            same: difference.is_none(),
            difference,
            fuel,
            build,
        }
    }
}

/// What calls of the reseller's plugins cost and how they ended
#[utoipa::path(get, path = "/v1/plugin-runs", tag = "plugins", params(RunQuery),
    responses((status = 200, body = Items<PluginRun>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<RunQuery>,
) -> Result<Json<Items<PluginRun>>, Problem> {
    let RunQuery {
        digest,
        release_id,
        plugin,
        world,
        function,
        outcome,
        customer_id,
        from,
        until,
        cursor,
        limit,
    } = query;
    let filter = plugins::RunFilter {
        digest,
        release: release_id.map(Into::into),
        plugin,
        world: world.map(Into::into),
        function,
        failed: outcome.as_deref() == Some("failed"),
        outcome: outcome.filter(|outcome| outcome != "failed"),
        customer: customer_id.map(Into::into),
        from,
        until,
    };
    let page = PageQuery { cursor, limit }.page(caller.scope(), &filter.list())?;
    Ok(Json(Items::from_page(
        plugins::runs(&app, &caller, &filter, page).await?,
    )))
}

/// One call, with what the plugin printed
#[utoipa::path(get, path = "/v1/plugin-runs/{id}", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = PluginRunDetail), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
) -> Result<Json<PluginRunDetail>, Problem> {
    let plugins::RunReading { run, log } = plugins::run(&app, &caller, id).await?;
    Ok(Json(PluginRunDetail { run: run.into(), log }))
}

/// Ask the same release the same again, and compare to the byte
///
/// 409 `run_not_kept` where what was asked is not kept.
#[utoipa::path(post, path = "/v1/plugin-runs/{id}/replay", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = PluginReplay), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 429, body = Problem)))]
async fn replay(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
) -> Result<Json<PluginReplay>, Problem> {
    Ok(Json(plugins::replay(&app, &caller, id).await?.into()))
}

/// The call as a document that its author can ask again
///
/// `docs/plugin-fixtures.md` has its form. 409 `run_not_kept` where what was asked is not kept.
#[utoipa::path(get, path = "/v1/plugin-runs/{id}/fixture", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "application/json", body = serde_json::Value), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
async fn fixture_of(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
) -> Result<impl IntoResponse, Problem> {
    let fixture = plugins::fixture(&app, &caller, id).await?;
    let headers = AppendHeaders([(header::CONTENT_TYPE, "application/json")]);
    Ok((headers, fixture.document()))
}
