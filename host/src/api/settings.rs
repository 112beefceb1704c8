//! Settings: what is in force and who set it, one's own and customers'.

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, IfMatch, Items, Json, PageQuery, Params, Versioned},
};
use crate::{
    app::App,
    fault::Fault,
    identity::Caller,
    ids::TenantId,
    settings::{self, Of, Whose},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, set, remove))
        .routes(routes!(list_of_customer))
        .routes(routes!(get_of_customer, set_of_customer, remove_of_customer))
}

/// A setting and what is in force of it.
#[derive(Serialize, ToSchema)]
struct Setting {
    #[schema(example = "business_hours")]
    key: String,
    /// One sentence on what it is for.
    summary: String,
    /// What is in force.
    value: Value,
    /// Who set that: `tenant` (itself, or its reseller for it alone), `reseller` (for all of its customers) or
    /// `platform`.
    source: String,
    /// What the tenant itself set, where it did.
    own: Option<Own>,
    /// Whether customers can set it for themselves; otherwise their reseller sets it for them.
    for_customers: bool,
    /// What a value must be: JSON Schema 2020-12. At most 64 KiB of JSON.
    schema: Value,
}

/// What a tenant itself set.
#[derive(Serialize, ToSchema)]
struct Own {
    value: Value,
    /// Counts up with every edit.
    version: i32,
    changed_at: DateTime<Utc>,
}

impl From<settings::Setting> for Setting {
    fn from(setting: settings::Setting) -> Self {
        let settings::Setting {
            key,
            value,
            source,
            own,
            etag: _,
        } = setting;
        Self {
            key: key.name().to_owned(),
            summary: key.summary().to_owned(),
            value,
            source: source.name().to_owned(),
            own: own.map(Own::from),
            for_customers: key.whose() == Whose::Tenants,
            schema: key.schema().clone(),
        }
    }
}

impl From<settings::Own> for Own {
    fn from(own: settings::Own) -> Self {
        let settings::Own {
            value,
            version,
            changed_at,
        } = own;
        Self {
            value,
            version,
            changed_at,
        }
    }
}

fn versioned(setting: settings::Setting) -> Versioned<Setting> {
    Versioned(setting.etag.clone(), setting.into())
}

fn all(settings: Vec<settings::Setting>) -> Json<Items<Setting>> {
    Json(Items {
        items: settings.into_iter().map(Setting::from).collect(),
        next: None,
    })
}

/// What is in force, on one page
#[utoipa::path(get, path = "/v1/settings", tag = "settings", params(PageQuery),
    responses((status = 200, body = Items<Setting>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Setting>>, Problem> {
    query.page(caller.scope(), "settings")?;
    Ok(all(settings::list(&app, &caller, Of::Own).await?))
}

/// What is in force of a setting
#[utoipa::path(get, path = "/v1/settings/{key}", tag = "settings", params(("key" = String, Path)),
    responses((status = 200, body = Setting), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Versioned<Setting>, Problem> {
    Ok(versioned(settings::get(&app, &caller, Of::Own, &key).await?))
}

/// Set a value of one's own; the body is the value
#[utoipa::path(put, path = "/v1/settings/{key}", tag = "settings", params(("key" = String, Path)),
    request_body = Value,
    responses((status = 200, body = Setting), (status = 404, body = Problem), (status = 412, body = Problem),
        (status = 413, body = Problem), (status = 422, body = Problem)))]
async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
    Json(value): Json<Value>,
) -> Result<Versioned<Setting>, Problem> {
    let setting = settings::set(&app, &caller, Of::Own, &key, value, &expected).await?;
    Ok(versioned(setting))
}

/// Take one's own value away
#[utoipa::path(delete, path = "/v1/settings/{key}", tag = "settings", params(("key" = String, Path)),
    responses((status = 200, body = Setting), (status = 404, body = Problem), (status = 412, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
    IfMatch(expected): IfMatch,
) -> Result<Versioned<Setting>, Problem> {
    let setting = settings::remove(&app, &caller, Of::Own, &key, &expected).await?;
    Ok(versioned(setting))
}

/// What is in force for a customer
#[utoipa::path(get, path = "/v1/customers/{id}/settings", tag = "settings", params(("id" = Uuid, Path)),
    responses((status = 200, body = Items<Setting>), (status = 404, body = Problem)))]
async fn list_of_customer(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TenantId>,
) -> Result<Json<Items<Setting>>, Problem> {
    Ok(all(settings::list(&app, &caller, Of::Customer(id)).await?))
}

/// A customer's id and a setting's name from the path. What is not an id names nothing.
struct OfCustomer(Of, String);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for OfCustomer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Problem> {
        match Path::<(Uuid, String)>::from_request_parts(parts, state).await {
            Ok(Path((id, key))) => Ok(Self(Of::Customer(id.into()), key)),
            Err(_) => Err(Fault::Missing.into()),
        }
    }
}

/// What is in force of a setting for a customer
#[utoipa::path(get, path = "/v1/customers/{id}/settings/{key}", tag = "settings",
    params(("id" = Uuid, Path), ("key" = String, Path)),
    responses((status = 200, body = Setting), (status = 404, body = Problem)))]
async fn get_of_customer(
    State(app): State<App>,
    caller: Caller,
    OfCustomer(of, key): OfCustomer,
) -> Result<Versioned<Setting>, Problem> {
    Ok(versioned(settings::get(&app, &caller, of, &key).await?))
}

/// Set a value for a customer; the body is the value
#[utoipa::path(put, path = "/v1/customers/{id}/settings/{key}", tag = "settings",
    params(("id" = Uuid, Path), ("key" = String, Path)), request_body = Value,
    responses((status = 200, body = Setting), (status = 404, body = Problem), (status = 412, body = Problem),
        (status = 413, body = Problem), (status = 422, body = Problem)))]
async fn set_of_customer(
    State(app): State<App>,
    caller: Caller,
    OfCustomer(of, key): OfCustomer,
    IfMatch(expected): IfMatch,
    Json(value): Json<Value>,
) -> Result<Versioned<Setting>, Problem> {
    let setting = settings::set(&app, &caller, of, &key, value, &expected).await?;
    Ok(versioned(setting))
}

/// Take a customer's own value away
#[utoipa::path(delete, path = "/v1/customers/{id}/settings/{key}", tag = "settings",
    params(("id" = Uuid, Path), ("key" = String, Path)),
    responses((status = 200, body = Setting), (status = 404, body = Problem), (status = 412, body = Problem)))]
async fn remove_of_customer(
    State(app): State<App>,
    caller: Caller,
    OfCustomer(of, key): OfCustomer,
    IfMatch(expected): IfMatch,
) -> Result<Versioned<Setting>, Problem> {
    let setting = settings::remove(&app, &caller, of, &key, &expected).await?;
    Ok(versioned(setting))
}
