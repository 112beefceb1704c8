//! A reseller's customers.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    invitations::{Invitation, NewInvitation},
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    identity::{Caller, invitations, tenants},
    ids::TenantId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get))
        .routes(routes!(invite))
}

/// A reseller or a customer.
#[derive(Serialize, ToSchema)]
pub(super) struct Tenant {
    id: Uuid,
    reseller_id: Uuid,
    slug: String,
    name: String,
    /// `active`, `suspended` or `leaving`.
    state: String,
    /// ISO 4217.
    currency: String,
    /// IANA name.
    time_zone: String,
    created_at: DateTime<Utc>,
}

/// A customer to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCustomer {
    /// 1 to 40 of a-z, 0-9 and hyphen; unique among the reseller's customers.
    #[schema(example = "baker-street")]
    slug: String,
    #[schema(example = "Baker Street Studios")]
    name: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    /// IANA name.
    #[schema(example = "Europe/London")]
    time_zone: String,
}

impl From<tenants::Tenant> for Tenant {
    fn from(tenant: tenants::Tenant) -> Self {
        let tenants::Tenant {
            scope,
            kind: _,
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
            slug,
            name,
            state,
            currency,
            time_zone: time_zone.name().to_owned(),
            created_at,
        }
    }
}

/// The reseller's customers
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(PageQuery),
    responses((status = 200, body = Items<Tenant>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Tenant>>, Problem> {
    let page = query.page(caller.scope(), "customers")?;
    Ok(Json(Items::from_page(
        tenants::list_customers(&app, &caller, page).await?,
    )))
}

/// Add a customer
#[utoipa::path(post, path = "/v1/customers", tag = "customers", request_body = NewCustomer,
    responses((status = 201, body = Tenant), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewCustomer>,
) -> Result<(StatusCode, Json<Tenant>), Problem> {
    let NewCustomer {
        slug,
        name,
        currency,
        time_zone,
    } = body;
    let tenant = tenants::add_customer(
        &app,
        &caller,
        tenants::NewTenant {
            slug,
            name,
            currency,
            time_zone,
        },
    )
    .await?;
    Ok((StatusCode::CREATED, Json(tenant.into())))
}

/// One customer
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = Tenant), (status = 404, body = Problem)))]
async fn get(State(app): State<App>, caller: Caller, Id(id): Id<TenantId>) -> Result<Json<Tenant>, Problem> {
    Ok(Json(tenants::customer(&app, &caller, id).await?.into()))
}

/// Invite a person into a customer, as its owner unless another of its roles is named
#[utoipa::path(post, path = "/v1/customers/{id}/invitations", tag = "customers", params(("id" = Uuid, Path)),
    request_body = NewInvitation, responses((status = 201, body = Invitation), (status = 404, body = Problem)))]
async fn invite(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TenantId>,
    Json(body): Json<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    let invitation = invitations::invite_to_customer(&app, &caller, id, body.into()).await?;
    Ok((StatusCode::CREATED, Json(invitation.into())))
}
