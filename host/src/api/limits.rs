//! How much a tenant may use, and where each value comes from; a reseller lowers what its customers may.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Json},
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
