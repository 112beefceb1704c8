//! Plans, which of them a reseller has, and single limits changed for one tenant.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    api::{
        Api,
        limits::{LimitValue, Limits, named},
        problem::Problem,
        request::{Id, Json},
    },
    app::App,
    fault::Fault,
    identity::operator::Operator,
    ids::TenantId,
    limits::{Limit, operator as offered},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put))
        .routes(routes!(choose))
        .routes(routes!(limits))
        .routes(routes!(change, drop_change))
}

/// A plan.
#[derive(Serialize, ToSchema)]
struct Plan {
    name: String,
    /// Values by the limits' names; what is not here is the default.
    limits: BTreeMap<&'static str, u64>,
    changed_at: DateTime<Utc>,
}

/// All plans.
#[derive(Serialize, ToSchema)]
struct Plans {
    plans: Vec<Plan>,
}

/// What a plan says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanLimits {
    /// Values by the limits' names; what is not here is the default.
    limits: BTreeMap<String, u64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanChoice {
    plan: String,
}

impl From<offered::Plan> for Plan {
    fn from(plan: offered::Plan) -> Self {
        let offered::Plan {
            name,
            limits,
            changed_at,
        } = plan;
        Self {
            name,
            limits: limits
                .into_iter()
                .map(|(limit, value)| (limit.name(), value))
                .collect(),
            changed_at,
        }
    }
}

/// The plans that are offered
#[utoipa::path(get, path = "/v1/operator/plans", tag = "operator",
    responses((status = 200, body = Plans), (status = 401, body = Problem)))]
async fn list(State(app): State<App>, operator: Operator) -> Result<Json<Plans>, Problem> {
    let plans = offered::plans(&app, &operator).await?;
    Ok(Json(Plans {
        plans: plans.into_iter().map(Plan::from).collect(),
    }))
}

/// Offer a plan, or change one for every reseller that has it
#[utoipa::path(put, path = "/v1/operator/plans/{name}", tag = "operator", params(("name" = String, Path)),
    request_body = PlanLimits, responses((status = 200, body = Plan), (status = 422, body = Problem)))]
async fn put(
    State(app): State<App>,
    operator: Operator,
    name: Result<Path<String>, PathRejection>,
    Json(body): Json<PlanLimits>,
) -> Result<Json<Plan>, Problem> {
    let Ok(Path(name)) = name else {
        return Err(Fault::Missing.into());
    };
    let limits = body.limits.into_iter();
    let limits = limits
        .map(|(name, value)| Ok((Limit::parse(&name)?, value)))
        .collect::<Result<_, Fault>>()?;
    Ok(Json(
        offered::put_plan(&app, &operator, &name, limits).await?.into(),
    ))
}

/// Give a reseller a plan
#[utoipa::path(put, path = "/v1/operator/tenants/{id}/plan", tag = "operator", params(("id" = Uuid, Path)),
    request_body = PlanChoice, responses((status = 200, body = Limits), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
async fn choose(
    State(app): State<App>,
    operator: Operator,
    Id(id): Id<TenantId>,
    Json(body): Json<PlanChoice>,
) -> Result<Json<Limits>, Problem> {
    Ok(Json(
        offered::choose_plan(&app, &operator, id, &body.plan)
            .await?
            .into(),
    ))
}

/// How much a tenant may use
#[utoipa::path(get, path = "/v1/operator/tenants/{id}/limits", tag = "operator", params(("id" = Uuid, Path)),
    responses((status = 200, body = Limits), (status = 404, body = Problem)))]
async fn limits(
    State(app): State<App>,
    operator: Operator,
    Id(id): Id<TenantId>,
) -> Result<Json<Limits>, Problem> {
    Ok(Json(offered::limits(&app, &operator, id).await?.into()))
}

/// Change one limit for one tenant, whatever its plan says
#[utoipa::path(put, path = "/v1/operator/tenants/{id}/limits/{limit}", tag = "operator",
    params(("id" = Uuid, Path), ("limit" = String, Path)), request_body = LimitValue,
    responses((status = 200, body = Limits), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn change(
    State(app): State<App>,
    operator: Operator,
    path: Result<Path<(Uuid, String)>, PathRejection>,
    Json(body): Json<LimitValue>,
) -> Result<Json<Limits>, Problem> {
    let (id, limit) = named(path)?;
    let value = Some(body.value);
    Ok(Json(
        offered::change(&app, &operator, id, limit, value).await?.into(),
    ))
}

/// Let a tenant have again what its plan gives
#[utoipa::path(delete, path = "/v1/operator/tenants/{id}/limits/{limit}", tag = "operator",
    params(("id" = Uuid, Path), ("limit" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn drop_change(
    State(app): State<App>,
    operator: Operator,
    path: Result<Path<(Uuid, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (id, limit) = named(path)?;
    offered::change(&app, &operator, id, limit, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
