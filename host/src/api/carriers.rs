//! Carriers, where their requests may go, and their credentials, whose secrets are never shown.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    breaker::Breaker,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
    secrets::NewSecret,
};
use crate::{
    app::{App, Timestamp},
    carriers,
    fault::Fault,
    identity::Caller,
    ids::CarrierId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get))
        .routes(routes!(set_destination))
        .routes(routes!(set_credential, remove_credential))
}

/// A connection to a network provider.
#[derive(Serialize, ToSchema)]
struct Carrier {
    id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
}

/// A carrier with what its adapter is given.
#[derive(Serialize, ToSchema)]
struct CarrierConnections {
    #[serde(flatten)]
    carrier: Carrier,
    destinations: Vec<Destination>,
    credentials: Vec<Credential>,
    breaker: Breaker,
}

/// A place where a carrier's requests may go.
#[derive(Serialize, ToSchema)]
struct Destination {
    /// What the adapter calls it.
    handle: String,
    base_url: String,
    changed_at: DateTime<Utc>,
}

/// A destination as it is now.
#[derive(Serialize, ToSchema)]
struct DestinationSet {
    #[serde(flatten)]
    destination: Destination,
    /// Handles of the credentials that were bound to the former base URL: they must be set again.
    detached: Vec<String>,
}

/// A secret, without the secret.
#[derive(Serialize, ToSchema)]
struct Credential {
    id: Uuid,
    /// What the adapter calls it.
    handle: String,
    /// `bearer`, `header`, `basic` or `oauth2`.
    kind: String,
    /// Handles of the only destinations it may leave for.
    destinations: Vec<String>,
    created_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCarrier {
    /// 1 to 100 characters, unique among the reseller's carriers.
    #[schema(example = "Example Carrier")]
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDestination {
    /// `https://`, and neither user, query nor fragment. Another one than before detaches its credentials.
    #[schema(example = "https://api.carrier.example/v1")]
    base_url: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCredential {
    secret: NewSecret,
    /// Handles of the destinations it may leave for; a token destination joins them by itself.
    destinations: Vec<String>,
}

/// Carriers of the reseller
#[utoipa::path(get, path = "/v1/carriers", tag = "carriers", params(PageQuery),
    responses((status = 200, body = Items<Carrier>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Carrier>>, Problem> {
    let page = query.page(caller.scope(), "carriers")?;
    Ok(Json(Items::from_page(carriers::list(&app, &caller, page).await?)))
}

/// Add a carrier
#[utoipa::path(post, path = "/v1/carriers", tag = "carriers", request_body = NewCarrier,
    responses((status = 201, body = Carrier), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewCarrier>,
) -> Result<(StatusCode, Json<Carrier>), Problem> {
    let carrier = carriers::add(&app, &caller, &body.name).await?;
    Ok((StatusCode::CREATED, Json(carrier.into())))
}

/// One carrier with its destinations and credentials
#[utoipa::path(get, path = "/v1/carriers/{id}", tag = "carriers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CarrierConnections), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CarrierId>,
) -> Result<Json<CarrierConnections>, Problem> {
    let found = carriers::find(&app, &caller, id).await?;
    Ok(Json(CarrierConnections::of(found, app.now())))
}

/// Grant a base URL for an adapter's destination
#[utoipa::path(put, path = "/v1/carriers/{id}/destinations/{handle}", tag = "carriers", request_body = NewDestination,
    params(("id" = Uuid, Path), ("handle" = String, Path)),
    responses((status = 200, body = DestinationSet), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn set_destination(
    State(app): State<App>,
    caller: Caller,
    Part(id, handle): Part,
    Json(body): Json<NewDestination>,
) -> Result<Json<DestinationSet>, Problem> {
    let set = carriers::set_destination(&app, &caller, id, &handle, &body.base_url).await?;
    Ok(Json(DestinationSet {
        destination: set.destination.into(),
        detached: set.detached,
    }))
}

/// Set the secret of an adapter's credential, in place of the one before
#[utoipa::path(put, path = "/v1/carriers/{id}/credentials/{handle}", tag = "carriers", request_body = NewCredential,
    params(("id" = Uuid, Path), ("handle" = String, Path)),
    responses((status = 200, body = Credential), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn set_credential(
    State(app): State<App>,
    caller: Caller,
    Part(id, handle): Part,
    Json(body): Json<NewCredential>,
) -> Result<Json<Credential>, Problem> {
    let new = carriers::NewCredential {
        secret: body.secret.into(),
        destinations: body.destinations,
    };
    let credential = carriers::set_credential(&app, &caller, id, &handle, new).await?;
    Ok(Json(credential.into()))
}

/// Destroy the secret of an adapter's credential
#[utoipa::path(delete, path = "/v1/carriers/{id}/credentials/{handle}", tag = "carriers",
    params(("id" = Uuid, Path), ("handle" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove_credential(
    State(app): State<App>,
    caller: Caller,
    Part(id, handle): Part,
) -> Result<StatusCode, Problem> {
    carriers::remove_credential(&app, &caller, id, &handle).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A carrier and a handle from the path.
struct Part(CarrierId, String);

impl<S: Send + Sync> FromRequestParts<S> for Part {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<(Uuid, String)>::from_request_parts(parts, state).await {
            Ok(Path((id, handle))) => Ok(Self(id.into(), handle)),
            Err(_) => Err(Fault::Missing.into()),
        }
    }
}

impl From<carriers::Carrier> for Carrier {
    fn from(carrier: carriers::Carrier) -> Self {
        let carriers::Carrier { id, name, created_at } = carrier;
        Self {
            id: id.uuid(),
            name,
            created_at,
        }
    }
}

impl From<carriers::Destination> for Destination {
    fn from(destination: carriers::Destination) -> Self {
        let carriers::Destination {
            handle,
            base_url,
            changed_at,
        } = destination;
        Self {
            handle,
            base_url,
            changed_at,
        }
    }
}

impl From<carriers::Credential> for Credential {
    fn from(credential: carriers::Credential) -> Self {
        let carriers::Credential {
            id,
            handle,
            kind,
            destinations,
            created_at,
        } = credential;
        Self {
            id: id.uuid(),
            handle,
            kind,
            destinations,
            created_at,
        }
    }
}

impl CarrierConnections {
    fn of(connections: carriers::Connections, now: Timestamp) -> Self {
        let carriers::Connections {
            carrier,
            destinations,
            credentials,
            breaker,
        } = connections;
        Self {
            carrier: carrier.into(),
            destinations: destinations.into_iter().map(Into::into).collect(),
            credentials: credentials.into_iter().map(Into::into).collect(),
            breaker: Breaker::of(breaker, now),
        }
    }
}
