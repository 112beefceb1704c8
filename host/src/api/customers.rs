//! A reseller's customers.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    invitations::{Invitation, NewInvitation},
    problem::Problem,
    request::{Id, IfMatch, Items, Json, Narrowed, PageQuery, Versioned},
};
use crate::{
    app::App,
    identity::{Caller, customers, invitations, tenants},
    ids::TenantId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, edit))
        .routes(routes!(invite))
}

/// A reseller or a customer.
#[derive(Serialize, ToSchema)]
pub(super) struct Tenant {
    id: Uuid,
    reseller_id: Uuid,
    slug: String,
    name: String,
    /// `active`, `suspended`, `leaving` or `gone`.
    state: String,
    /// ISO 4217.
    currency: String,
    /// IANA name.
    time_zone: String,
    created_at: DateTime<Utc>,
}

/// A reseller's customer.
#[derive(Serialize, ToSchema)]
struct Customer {
    #[serde(flatten)]
    tenant: Tenant,
    /// Values of the fields in force, see the setting `custom_fields.customer`.
    fields: Map<String, Value>,
    /// Values of fields that are no longer, or were of another type.
    former_fields: Map<String, Value>,
}

/// What to change of a customer; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CustomerEdit {
    name: Option<String>,
    /// Values by field; null takes one away.
    #[serde(default)]
    fields: Map<String, Value>,
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
    /// Values by field.
    #[serde(default)]
    fields: Map<String, Value>,
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

impl From<customers::Customer> for Customer {
    fn from(customer: customers::Customer) -> Self {
        let customers::Customer {
            tenant,
            values,
            etag: _,
        } = customer;
        Self {
            tenant: tenant.into(),
            fields: values.fields,
            former_fields: values.former,
        }
    }
}

fn versioned(customer: customers::Customer) -> Versioned<Customer> {
    Versioned(customer.etag.clone(), customer.into())
}

/// The reseller's customers, or those with these values of fields
#[utoipa::path(get, path = "/v1/customers", tag = "customers",
    params(PageQuery, ("field.{key}" = Option<String>, Query, description = "Only customers with this value of the field")),
    responses((status = 200, body = Items<Customer>), (status = 400, body = Problem), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    narrowed: Narrowed<PageQuery>,
) -> Result<Json<Items<Customer>>, Problem> {
    let list = narrowed.list("customers");
    let page = narrowed.query.page(caller.scope(), &list)?;
    let found = customers::list(&app, &caller, &narrowed.fields, &list, page).await?;
    Ok(Json(Items::from_page(found)))
}

/// Add a customer
#[utoipa::path(post, path = "/v1/customers", tag = "customers", request_body = NewCustomer,
    responses((status = 201, body = Customer), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewCustomer>,
) -> Result<(StatusCode, Json<Customer>), Problem> {
    let NewCustomer {
        slug,
        name,
        currency,
        time_zone,
        fields,
    } = body;
    let new = tenants::NewTenant {
        slug,
        name,
        currency,
        time_zone,
    };
    let customer = customers::add(&app, &caller, new, &fields).await?;
    Ok((StatusCode::CREATED, Json(customer.into())))
}

/// One customer
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = Customer), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TenantId>,
) -> Result<Versioned<Customer>, Problem> {
    Ok(versioned(customers::get(&app, &caller, id).await?))
}

/// Change a customer's name and fields
#[utoipa::path(patch, path = "/v1/customers/{id}", tag = "customers", params(("id" = Uuid, Path)),
    request_body = CustomerEdit,
    responses((status = 200, body = Customer), (status = 404, body = Problem), (status = 412, body = Problem),
        (status = 422, body = Problem)))]
async fn edit(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TenantId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<CustomerEdit>,
) -> Result<Versioned<Customer>, Problem> {
    let CustomerEdit { name, fields } = body;
    let edit = customers::Edit { name, fields };
    Ok(versioned(
        customers::edit(&app, &caller, id, edit, &expected).await?,
    ))
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
