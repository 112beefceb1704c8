//! How much a tenant may use, and where each value comes from; a reseller lowers what its customers may.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    fault::Fault,
    identity::Caller,
    ids::TenantId,
    limits::{self, Effective, Standing},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(own))
        .routes(routes!(of_customer))
        .routes(routes!(lower, restore))
        .routes(routes!(uses))
}

/// How much a tenant may use.
#[derive(Serialize, ToSchema)]
pub(super) struct Limits {
    /// A reseller's plan.
    plan: Option<String>,
    limits: Vec<Limit>,
    /// What a reseller's plugins burned since midnight UTC, of its own `plugin_fuel_per_day`.
    plugin_fuel_used_today: Option<u64>,
}

/// A limit in force.
#[derive(Serialize, ToSchema)]
struct Limit {
    #[schema(example = "requests_per_minute")]
    name: &'static str,
    value: u64,
    /// `default`, `plan`, `override` by the operator, or `reseller`, which lowered it for its customer.
    source: &'static str,
}

/// What calls of plugins for one tenant burned in a day.
#[derive(Serialize, ToSchema)]
struct PluginUse {
    /// The reseller itself, or one of its customers.
    tenant_id: Uuid,
    /// UTC.
    day: NaiveDate,
    /// Tries of calls, whatever became of them.
    calls: u64,
    /// Units of fuel, of the reseller's `plugin_fuel_per_day`.
    fuel: u64,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UseQuery {
    /// The day, UTC; today where it is left out.
    #[param(example = "2026-03-02")]
    day: Option<NaiveDate>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

/// A value to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitValue {
    pub(super) value: u64,
}

impl From<Standing> for Limits {
    fn from(standing: Standing) -> Self {
        let Standing {
            plan,
            limits,
            plugin_fuel_used_today,
        } = standing;
        let limit = |effective: Effective| {
            let Effective { limit, value, source } = effective;
            Limit {
                name: limit.name(),
                value,
                source: source.name(),
            }
        };
        Self {
            plan,
            limits: limits.into_iter().map(limit).collect(),
            plugin_fuel_used_today,
        }
    }
}

impl From<limits::Use> for PluginUse {
    fn from(used: limits::Use) -> Self {
        let limits::Use {
            tenant,
            day,
            calls,
            fuel,
        } = used;
        Self {
            tenant_id: tenant.uuid(),
            day,
            calls,
            fuel,
        }
    }
}

/// A tenant's id and a limit's name in the path.
pub(super) fn named(
    path: Result<Path<(Uuid, String)>, impl Sized>,
) -> Result<(TenantId, limits::Limit), Problem> {
    let Ok(Path((id, name))) = path else {
        return Err(Fault::Missing.into());
    };
    Ok((id.into(), limits::Limit::parse(&name)?))
}

/// How much the tenant may use
#[utoipa::path(get, path = "/v1/limits", tag = "tenant",
    responses((status = 200, body = Limits), (status = 403, body = Problem)))]
async fn own(State(app): State<App>, caller: Caller) -> Result<Json<Limits>, Problem> {
    Ok(Json(limits::own(&app, &caller).await?.into()))
}

/// How much a customer may use
#[utoipa::path(get, path = "/v1/customers/{id}/limits", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = Limits), (status = 404, body = Problem)))]
async fn of_customer(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TenantId>,
) -> Result<Json<Limits>, Problem> {
    Ok(Json(limits::of_customer(&app, &caller, id).await?.into()))
}

/// Lower a customer's limit
#[utoipa::path(put, path = "/v1/customers/{id}/limits/{limit}", tag = "customers",
    params(("id" = Uuid, Path), ("limit" = String, Path)), request_body = LimitValue,
    responses((status = 200, body = Limits), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn lower(
    State(app): State<App>,
    caller: Caller,
    path: Result<Path<(Uuid, String)>, axum::extract::rejection::PathRejection>,
    Json(body): Json<LimitValue>,
) -> Result<Json<Limits>, Problem> {
    let (id, limit) = named(path)?;
    Ok(Json(
        limits::lower(&app, &caller, id, limit, body.value).await?.into(),
    ))
}

/// What calls of the reseller's plugins burned in a day, by whom they were for
#[utoipa::path(get, path = "/v1/plugin-use", tag = "plugins", params(UseQuery),
    responses((status = 200, body = Items<PluginUse>), (status = 400, body = Problem), (status = 403, body = Problem)))]
async fn uses(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<UseQuery>,
) -> Result<Json<Items<PluginUse>>, Problem> {
    let UseQuery { day, cursor, limit } = query;
    let day = day.unwrap_or_else(|| app.now().date_naive());
    let list = format!("plugin-use {day}");
    let page = PageQuery { cursor, limit }.page(caller.scope(), &list)?;
    let used = limits::uses(&app, &caller, day, &list, page).await?;
    Ok(Json(Items::from_page(used)))
}

/// Let a customer have again what its plan gives
#[utoipa::path(delete, path = "/v1/customers/{id}/limits/{limit}", tag = "customers",
    params(("id" = Uuid, Path), ("limit" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn restore(
    State(app): State<App>,
    caller: Caller,
    path: Result<Path<(Uuid, String)>, axum::extract::rejection::PathRejection>,
) -> Result<StatusCode, Problem> {
    let (id, limit) = named(path)?;
    limits::restore(&app, &caller, id, limit).await?;
    Ok(StatusCode::NO_CONTENT)
}
