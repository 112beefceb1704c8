//! Leaving for good, and taking that back.

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
};
use crate::{app::App, identity::Caller, ids::DepartureId, leaving};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, depart))
        .routes(routes!(stay))
}

/// That a tenant leaves.
#[derive(Serialize, ToSchema)]
struct Departure {
    id: Uuid,
    /// Who leaves.
    tenant_id: Uuid,
    /// `waiting`, `withdrawn` or `carried_out`.
    state: String,
    /// Whose wish it is, and so who can take it back: `tenant` or `reseller`.
    wished_by: &'static str,
    /// Null once the tenant is gone.
    reason: Option<String>,
    requested_at: DateTime<Utc>,
    /// When its data is deleted, unless work is under way then.
    ends_at: DateTime<Utc>,
    /// When it was taken back or carried out.
    ended_at: Option<DateTime<Utc>>,
    /// Until when the seller keeps what it issued to a customer that is gone.
    documents_until: Option<DateTime<Utc>>,
}

/// A wish to leave.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDeparture {
    /// One of the reseller's customers; otherwise the caller's own tenant leaves.
    customer_id: Option<Uuid>,
    /// The leaving tenant's slug, typed to show that it is meant.
    slug: String,
    /// 10 to 500 characters. Kept under the tenant's key, and gone with it.
    reason: String,
    /// Leave without an export of the last seven days.
    #[serde(default)]
    without_export: bool,
}

impl From<leaving::Departure> for Departure {
    fn from(departure: leaving::Departure) -> Self {
        let leaving::Departure {
            scope,
            id,
            state,
            from_state: _,
            wished_by,
            reason,
            requested_at,
            ends_at,
            ended_at,
            documents_until,
        } = departure;
        Self {
            id: id.uuid(),
            tenant_id: scope.tenant().uuid(),
            state,
            wished_by: match wished_by {
                leaving::WishedBy::Tenant => "tenant",
                leaving::WishedBy::Reseller => "reseller",
            },
            reason,
            requested_at,
            ends_at,
            ended_at,
            documents_until,
        }
    }
}

/// Departures; for a reseller, of its customers too
#[utoipa::path(get, path = "/v1/departures", tag = "leaving", params(PageQuery),
    responses((status = 200, body = Items<Departure>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Departure>>, Problem> {
    let page = query.page(caller.scope(), leaving::DEPARTURES)?;
    Ok(Json(Items::from_page(
        leaving::departures(&app, &caller, page).await?,
    )))
}

/// Have a tenant leave: nothing new begins for it, and after the grace period it is deleted; a reseller with its customers
#[utoipa::path(post, path = "/v1/departures", tag = "leaving", request_body = NewDeparture,
    responses((status = 201, body = Departure), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn depart(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewDeparture>,
) -> Result<(StatusCode, Json<Departure>), Problem> {
    let wish = leaving::Wish {
        customer: new.customer_id.map(Into::into),
        slug: new.slug,
        reason: new.reason,
        archive: match new.without_export {
            true => leaving::Archived::Waived,
            false => leaving::Archived::Required,
        },
    };
    let departure = leaving::depart(&app, &caller, wish).await?;
    Ok((StatusCode::CREATED, Json(departure.into())))
}

/// Take a departure back within its grace period
#[utoipa::path(delete, path = "/v1/departures/{id}", tag = "leaving", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn stay(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<DepartureId>,
) -> Result<StatusCode, Problem> {
    leaving::stay(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
