//! API keys.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
    roles::parse_permissions,
};
use crate::{
    app::App,
    identity::{Caller, keys},
    ids::ApiKeyId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, revoke))
        .routes(routes!(rotate))
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
struct ApiKey {
    id: Uuid,
    tenant_id: Uuid,
    name: String,
    /// The first characters of the secret.
    prefix: String,
    permissions: Vec<&'static str>,
    created_by: Option<Uuid>,
    /// The key it was made with, and ends with.
    made_by: Option<Uuid>,
    /// The key it takes the place of.
    succeeds: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

/// A key with its secret, shown once.
#[derive(Serialize, ToSchema)]
struct SecretApiKey {
    #[serde(flatten)]
    key: ApiKey,
    secret: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiKey {
    name: String,
    /// At most what the caller may do, at least one; all of it when absent.
    permissions: Option<Vec<String>>,
    expires_at: Option<DateTime<Utc>>,
}

/// How a key gives way to its successor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rotation {
    /// How long the key lives on: 0 to 168, 24 when absent.
    overlap_hours: Option<u32>,
}

impl From<keys::ApiKey> for ApiKey {
    fn from(key: keys::ApiKey) -> Self {
        Self {
            id: key.id.uuid(),
            tenant_id: key.tenant.uuid(),
            name: key.name,
            prefix: key.prefix,
            permissions: key
                .permissions
                .iter()
                .map(|permission| permission.name())
                .collect(),
            created_by: key.created_by.map(|user| user.uuid()),
            made_by: key.made_by.map(|key| key.uuid()),
            succeeds: key.succeeds.map(|key| key.uuid()),
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// The tenant's keys
#[utoipa::path(get, path = "/v1/api-keys", tag = "keys", params(PageQuery),
    responses((status = 200, body = Items<ApiKey>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<ApiKey>>, Problem> {
    let page = query.page(caller.scope(), "api-keys")?;
    Ok(Json(Items::from_page(keys::list(&app, &caller, page).await?)))
}

/// Make a key; its secret is shown once
#[utoipa::path(post, path = "/v1/api-keys", tag = "keys", request_body = NewApiKey,
    responses((status = 201, body = SecretApiKey), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewApiKey>,
) -> Result<(StatusCode, Json<SecretApiKey>), Problem> {
    let permissions = body.permissions.as_deref().map(parse_permissions).transpose()?;
    let new = keys::NewApiKey {
        name: body.name,
        permissions,
        expires_at: body.expires_at,
    };
    let (key, token) = keys::add(&app, &caller, new).await?;
    Ok((
        StatusCode::CREATED,
        Json(SecretApiKey {
            key: key.into(),
            secret: token.reveal().to_owned(),
        }),
    ))
}

/// One key
#[utoipa::path(get, path = "/v1/api-keys/{id}", tag = "keys", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApiKey), (status = 404, body = Problem)))]
async fn get(State(app): State<App>, caller: Caller, Id(id): Id<ApiKeyId>) -> Result<Json<ApiKey>, Problem> {
    Ok(Json(keys::find(&app, &caller, id).await?.into()))
}

/// Make a key's successor, with its name and permissions; both live for a while, and no third
#[utoipa::path(post, path = "/v1/api-keys/{id}/rotate", tag = "keys", params(("id" = Uuid, Path)), request_body = Rotation,
    responses((status = 201, body = SecretApiKey), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn rotate(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ApiKeyId>,
    Json(body): Json<Rotation>,
) -> Result<(StatusCode, Json<SecretApiKey>), Problem> {
    let (key, token) = keys::rotate(&app, &caller, id, body.overlap_hours).await?;
    let secret = token.reveal().to_owned();
    let key = key.into();
    Ok((StatusCode::CREATED, Json(SecretApiKey { key, secret })))
}

/// Revoke a key and every key made with it, from their next request on
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = "keys", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn revoke(State(app): State<App>, caller: Caller, Id(id): Id<ApiKeyId>) -> Result<StatusCode, Problem> {
    keys::revoke(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
