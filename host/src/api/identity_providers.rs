//! The identity providers that a reseller names.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Api,
    federation::callback_path,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    identity::{
        Caller,
        federation::{self, Joins, NewProvider},
    },
    ids::IdentityProviderId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
}

/// An identity provider, without its secret.
#[derive(Serialize, ToSchema)]
struct IdentityProvider {
    id: Uuid,
    name: String,
    issuer: String,
    client_id: String,
    joins: Option<Joining>,
    /// Where the provider sends people back to, at each host that they sign in at: to be registered there.
    #[schema(example = "/v1/federated-sign-ins/callback/01990000-0000-7000-8000-000000000000")]
    callback_path: String,
    created_at: DateTime<Utc>,
}

/// What people join whom nobody invited.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Joining {
    /// The reseller itself, or a customer.
    tenant_id: Uuid,
    /// A role of that tenant.
    role_id: Uuid,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewIdentityProvider {
    /// What people choose it by.
    #[schema(example = "Alpine Hosting staff")]
    name: String,
    /// As the provider writes it, to the letter; its description is at `/.well-known/openid-configuration` below it.
    #[schema(example = "https://login.example.com")]
    issuer: String,
    client_id: String,
    /// Never shown again.
    #[schema(format = Password)]
    client_secret: String,
    /// What people join whom nobody invited; without it, only people who were invited come in.
    joins: Option<Joining>,
}

impl From<federation::Provider> for IdentityProvider {
    fn from(provider: federation::Provider) -> Self {
        let federation::Provider {
            id,
            name,
            issuer,
            client_id,
            joins,
            created_at,
        } = provider;
        Self {
            id: id.uuid(),
            name,
            issuer,
            client_id,
            joins: joins.map(|Joins { tenant, role }| Joining {
                tenant_id: tenant.uuid(),
                role_id: role.uuid(),
            }),
            callback_path: callback_path(id),
            created_at,
        }
    }
}

/// The reseller's identity providers
#[utoipa::path(get, path = "/v1/identity-providers", tag = "federation", params(PageQuery),
    responses((status = 200, body = Items<IdentityProvider>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<IdentityProvider>>, Problem> {
    let page = query.page(caller.scope(), "identity-providers")?;
    Ok(Json(Items::from_page(
        federation::list(&app, &caller, page).await?,
    )))
}

/// Add an identity provider
///
/// It speaks OpenID Connect. Register `https://<host><callback_path>` there for each host that people sign in at.
#[utoipa::path(post, path = "/v1/identity-providers", tag = "federation", request_body = NewIdentityProvider,
    responses((status = 201, body = IdentityProvider), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewIdentityProvider>,
) -> Result<(StatusCode, Json<IdentityProvider>), Problem> {
    let new = NewProvider {
        name: body.name,
        issuer: body.issuer,
        client_id: body.client_id,
        client_secret: Zeroizing::new(body.client_secret),
        joins: body.joins.map(|joins| Joins {
            tenant: joins.tenant_id.into(),
            role: joins.role_id.into(),
        }),
    };
    let provider = federation::add(&app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(provider.into())))
}

/// Remove an identity provider
///
/// Nobody signs in with it any more. Whom it spoke of is still known should it be added again.
#[utoipa::path(delete, path = "/v1/identity-providers/{id}", tag = "federation", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<IdentityProviderId>,
) -> Result<StatusCode, Problem> {
    federation::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
