//! The structure of tenants as operators see it, and suspending one.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    api::{
        Api,
        problem::Problem,
        request::{Id, Items, Json, Params},
        suspensions::Suspension,
    },
    app::App,
    identity::{
        operator::{Operator, standing, structure},
        tenants,
    },
    ids::TenantId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(suspend, resume))
}

/// A reseller or a customer.
#[derive(Serialize, ToSchema)]
struct OperatorTenant {
    id: Uuid,
    reseller_id: Uuid,
    /// `reseller` or `customer`.
    kind: String,
    slug: String,
    name: String,
    /// `active`, `suspended`, `leaving` or `gone`.
    state: String,
    /// ISO 4217.
    currency: String,
    /// IANA name.
    time_zone: String,
    created_at: DateTime<Utc>,
    /// How many customers a reseller has.
    customers: u64,
}

/// A tenant with what belongs to its structure.
#[derive(Serialize, ToSchema)]
struct OperatorTenantShown {
    #[serde(flatten)]
    tenant: OperatorTenant,
    /// Where it is served.
    hosts: Vec<OperatorHost>,
    /// Why it is suspended, while it is.
    suspension: Option<Suspension>,
}

/// A host name.
#[derive(Serialize, ToSchema)]
struct OperatorHost {
    host: String,
    /// Since when it is known to be the tenant's.
    proven_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TenantQuery {
    /// `reseller` or `customer`.
    kind: Option<String>,
    /// `active`, `suspended`, `leaving` or `gone`.
    state: Option<String>,
    /// A reseller and its customers.
    reseller_id: Option<Uuid>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSuspension {
    /// Why, for the tenant to read: 10 to 500 visible characters.
    reason: String,
}

impl From<structure::Listed> for OperatorTenant {
    fn from(listed: structure::Listed) -> Self {
        let structure::Listed { tenant, customers } = listed;
        let tenants::Tenant {
            scope,
            kind,
            slug,
            name,
            state,
            currency,
            time_zone,
            created_at,
        } = tenant;
        Self {
            id: scope.tenant().uuid(),
            reseller_id: scope.reseller().uuid(),
            kind,
            slug,
            name,
            state,
            currency,
            time_zone: time_zone.name().to_owned(),
            created_at,
            customers,
        }
    }
}

impl From<structure::Shown> for OperatorTenantShown {
    fn from(shown: structure::Shown) -> Self {
        let structure::Shown {
            listed,
            hosts,
            suspension,
        } = shown;
        let host = |host: structure::Host| {
            let structure::Host { host, proven_at } = host;
            OperatorHost { host, proven_at }
        };
        Self {
            tenant: listed.into(),
            hosts: hosts.into_iter().map(host).collect(),
            suspension: suspension.map(Into::into),
        }
    }
}

/// Resellers and customers
#[utoipa::path(get, path = "/v1/operator/tenants", tag = "operator", params(TenantQuery),
    responses((status = 200, body = Items<OperatorTenant>), (status = 401, body = Problem)))]
async fn list(
    State(app): State<App>,
    operator: Operator,
    Params(query): Params<TenantQuery>,
) -> Result<Json<Items<OperatorTenant>>, Problem> {
    let TenantQuery {
        kind,
        state,
        reseller_id,
        cursor,
        limit,
    } = query;
    let page = operator.page("operator/tenants", cursor.as_deref(), limit)?;
    let filter = structure::Filter {
        kind,
        state,
        reseller: reseller_id.map(Into::into),
    };
    Ok(Json(Items::from_page(
        structure::tenants(&app, &operator, &filter, page).await?,
    )))
}

/// One tenant, its addresses, and why it is suspended
#[utoipa::path(get, path = "/v1/operator/tenants/{id}", tag = "operator", params(("id" = Uuid, Path)),
    responses((status = 200, body = OperatorTenantShown), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    operator: Operator,
    Id(id): Id<TenantId>,
) -> Result<Json<OperatorTenantShown>, Problem> {
    Ok(Json(structure::tenant(&app, &operator, id).await?.into()))
}

/// Suspend a tenant: it reads and begins nothing new; what was accepted goes on
#[utoipa::path(put, path = "/v1/operator/tenants/{id}/suspension", tag = "operator", params(("id" = Uuid, Path)),
    request_body = NewSuspension, responses((status = 200, body = Suspension), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn suspend(
    State(app): State<App>,
    operator: Operator,
    Id(id): Id<TenantId>,
    Json(body): Json<NewSuspension>,
) -> Result<Json<Suspension>, Problem> {
    Ok(Json(
        standing::suspend(&app, &operator, id, &body.reason).await?.into(),
    ))
}

/// Let a suspended tenant begin new work again
#[utoipa::path(delete, path = "/v1/operator/tenants/{id}/suspension", tag = "operator", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn resume(
    State(app): State<App>,
    operator: Operator,
    Id(id): Id<TenantId>,
) -> Result<StatusCode, Problem> {
    standing::resume(&app, &operator, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
