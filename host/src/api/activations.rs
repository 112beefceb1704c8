//! Which release serves a world, for whom, since when; and taking that back.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    releases::World,
    request::{Id, Items, Json, PageQuery, Params},
    trip::Trip,
};
use crate::{app::App, identity::Caller, ids::ActivationId, plugins};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get))
        .routes(routes!(cancel))
        .routes(routes!(roll_back))
}

/// Which release serves a world since when.
#[derive(Serialize, ToSchema)]
struct Activation {
    id: Uuid,
    world: World,
    /// In the carrier world.
    carrier_id: Option<Uuid>,
    /// Whom it serves; none for all.
    customer_ids: Option<Vec<Uuid>>,
    /// For all: what customers had of their own before counts no more.
    replaces_own: bool,
    release_id: Uuid,
    /// What every call is given.
    settings: Value,
    effective_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    /// The person or key that decided it.
    created_by: Option<Uuid>,
    /// When the host takes it back by itself.
    trip: Option<Trip>,
    /// That it was taken back: from then on, what served before does.
    withdrawal: Option<Withdrawal>,
}

/// That an activation was taken back.
#[derive(Serialize, ToSchema)]
struct Withdrawal {
    /// `cancelled` before it was in effect, `rolled_back` by hand, or `tripped`.
    reason: &'static str,
    /// For people: what tripped, or why somebody took it back.
    detail: String,
    at: DateTime<Utc>,
    /// The person or key that did; none for the host.
    by: Option<Uuid>,
}

/// A release that shall serve.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewActivation {
    /// An approved release.
    release_id: Uuid,
    /// The carrier that an adapter serves; of no use in the other worlds.
    carrier_id: Option<Uuid>,
    /// The customers to serve, at most 200; none for all that have nothing of their own.
    customer_ids: Option<Vec<Uuid>>,
    /// For all: what customers had of their own before counts no more.
    #[serde(default)]
    replaces_own: bool,
    /// What the release's settings schema demands.
    settings: Value,
    /// Since when; none for now, never in the past.
    effective_at: Option<DateTime<Utc>>,
    /// When the host takes it back by itself.
    trip: Option<Trip>,
}

/// Why something is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Why {
    /// For people.
    #[serde(default)]
    detail: String,
}

impl From<plugins::Activation> for Activation {
    fn from(activation: plugins::Activation) -> Self {
        let plugins::Activation {
            id,
            world,
            carrier,
            whom,
            release,
            settings,
            effective_at,
            created_at,
            created_by,
            trip,
            withdrawal,
        } = activation;
        let (customer_ids, replaces_own) = match whom {
            plugins::Whom::All { replacing_own } => (None, replacing_own),
            plugins::Whom::Customers(ids) => (Some(ids.iter().map(|id| id.uuid()).collect()), false),
        };
        Self {
            id: id.uuid(),
            world: world.into(),
            carrier_id: carrier.map(|id| id.uuid()),
            customer_ids,
            replaces_own,
            release_id: release.uuid(),
            settings,
            effective_at,
            created_at,
            created_by,
            trip: trip.map(Into::into),
            withdrawal: withdrawal.map(Into::into),
        }
    }
}

impl From<plugins::Withdrawal> for Withdrawal {
    fn from(withdrawal: plugins::Withdrawal) -> Self {
        let plugins::Withdrawal {
            reason,
            detail,
            at,
            by,
        } = withdrawal;
        Self {
            reason: reason.name(),
            detail,
            at,
            by,
        }
    }
}

impl NewActivation {
    fn into_domain(self) -> Result<plugins::NewActivation, Problem> {
        let Self {
            release_id,
            carrier_id,
            customer_ids,
            replaces_own,
            settings,
            effective_at,
            trip,
        } = self;
        let whom = match customer_ids {
            None => plugins::Whom::All {
                replacing_own: replaces_own,
            },
            Some(_) if replaces_own => {
                return Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "activation_customers_invalid",
                    "replaces_own is for an activation for all, and this one names customers",
                ));
            }
            Some(ids) => plugins::Whom::Customers(ids.into_iter().map(Into::into).collect()),
        };
        Ok(plugins::NewActivation {
            release: release_id.into(),
            carrier: carrier_id.map(Into::into),
            whom,
            settings,
            effective_at,
            trip: trip.map(Into::into),
        })
    }
}

/// The reseller's activations
#[utoipa::path(get, path = "/v1/activations", tag = "plugins", params(PageQuery),
    responses((status = 200, body = Items<Activation>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Activation>>, Problem> {
    let page = query.page(caller.scope(), "activations")?;
    Ok(Json(Items::from_page(
        plugins::activations(&app, &caller, page).await?,
    )))
}

/// One activation
#[utoipa::path(get, path = "/v1/activations/{id}", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = Activation), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ActivationId>,
) -> Result<Json<Activation>, Problem> {
    Ok(Json(plugins::activation(&app, &caller, id).await?.into()))
}

/// Have an approved release serve
#[utoipa::path(post, path = "/v1/activations", tag = "plugins", request_body = NewActivation,
    responses((status = 201, body = Activation), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewActivation>,
) -> Result<(StatusCode, Json<Activation>), Problem> {
    let activation = plugins::activate(&app, &caller, body.into_domain()?).await?;
    Ok((StatusCode::CREATED, Json(activation.into())))
}

/// Take back an activation that is not in effect yet
#[utoipa::path(post, path = "/v1/activations/{id}/cancel", tag = "plugins", params(("id" = Uuid, Path)),
    request_body = Why,
    responses((status = 200, body = Activation), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ActivationId>,
    Json(why): Json<Why>,
) -> Result<Json<Activation>, Problem> {
    let cancelled = plugins::cancel(&app, &caller, id, why.detail).await?;
    Ok(Json(cancelled.into()))
}

/// Have what served before an activation, for the same customers, serve again
#[utoipa::path(post, path = "/v1/activations/{id}/withdraw", tag = "plugins", params(("id" = Uuid, Path)),
    request_body = Why,
    responses((status = 200, body = Activation), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn roll_back(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ActivationId>,
    Json(why): Json<Why>,
) -> Result<Json<Activation>, Problem> {
    let rolled_back = plugins::roll_back(&app, &caller, id, why.detail).await?;
    Ok(Json(rolled_back.into()))
}
