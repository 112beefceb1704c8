//! Bandwidth changes, with the return legs of windows.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    identity::Caller,
    ids::ChangeId,
    ports::change::{self, Booked, Change, Leg, approval},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, book))
        .routes(routes!(get))
        .routes(routes!(cancel))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// A change of a port's speed that was booked.
#[derive(Serialize, ToSchema)]
pub(super) struct BandwidthChange {
    id: Uuid,
    port_id: Uuid,
    quote_id: Uuid,
    /// `base` or `window`.
    kind: String,
    mbps: u32,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    /// `quoted` (held, and not booked), `awaiting_approval`, `scheduled`, `applying`, `applied`, `verified`, `rejected`, `cancelled`, `expired`, `failed`
    /// or `indeterminate`.
    state: String,
    /// The state in the reader's own words, see the setting `status_names`.
    state_name: String,
    /// Why it was rejected, failed or cannot be told.
    reason: Option<String>,
    /// Until when it keeps or kept its place and its price without being booked.
    held_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// What ends a window.
    return_leg: Option<ReturnLeg>,
    /// What it waits or waited for, see the setting `approval`.
    approval: Option<Approval>,
}

/// Somebody's yes that a change needs.
#[derive(Serialize, ToSchema)]
struct Approval {
    /// The rules that it met: `mbps_above`, `price_above`, `base_changes`, `outside_business_hours`.
    because: Vec<String>,
    /// Whether whoever booked it may not approve it.
    four_eyes: bool,
    /// `anyone` with the permission, or the `reseller`'s people alone.
    approvers: String,
    /// From when on it is too late.
    expires_at: DateTime<Utc>,
    /// When somebody said yes or no.
    decided_at: Option<DateTime<Utc>>,
}

/// Why a change is rejected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rejection {
    /// For whoever booked it: 1 to 300 characters.
    reason: Option<String>,
}

/// What ends a window.
#[derive(Serialize, ToSchema)]
struct ReturnLeg {
    id: Uuid,
    due_at: DateTime<Utc>,
    /// Known once it has begun: the base in force then.
    target_mbps: Option<u32>,
    /// `reserved`, `applying`, `applied`, `verified`, `failed`, `indeterminate`, `released` (the window never took
    /// effect) or `passed_on` (another window was in force by then).
    state: String,
    /// Why it failed or cannot be told.
    reason: Option<String>,
}

/// A quote to book.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBandwidthChange {
    quote_id: Uuid,
    /// A window of the port that has not begun and is given up for it, as it was quoted.
    replaces_id: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ChangeQuery {
    /// Only changes of this port.
    port_id: Option<Uuid>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

impl From<Booked> for BandwidthChange {
    fn from(booked: Booked) -> Self {
        let Booked {
            change,
            leg,
            approval,
            state_name,
        } = booked;
        let Change {
            scope: _,
            id,
            port,
            quote,
            kind,
            mbps,
            starts_at,
            state,
            reason,
            held_until,
            initiator: _,
            created_at,
        } = change;
        Self {
            id: id.uuid(),
            port_id: port.uuid(),
            quote_id: quote.uuid(),
            kind: kind.name().to_owned(),
            mbps,
            starts_at,
            ends_at: kind.ends_at(),
            state: state.name().to_owned(),
            state_name,
            reason,
            held_until,
            created_at,
            return_leg: leg.map(ReturnLeg::from),
            approval: approval.map(Approval::from),
        }
    }
}

impl From<Leg> for ReturnLeg {
    fn from(leg: Leg) -> Self {
        Self {
            id: leg.id.uuid(),
            due_at: leg.due_at,
            target_mbps: leg.target_mbps,
            state: leg.state.name().to_owned(),
            reason: leg.reason,
        }
    }
}

impl From<approval::Approval> for Approval {
    fn from(approval: approval::Approval) -> Self {
        let approval::Approval {
            because,
            four_eyes,
            approvers,
            asked_by: _,
            expires_at,
            decided_at,
        } = approval;
        Self {
            because,
            four_eyes,
            approvers: approvers.name().to_owned(),
            expires_at,
            decided_at,
        }
    }
}

/// What was booked
#[utoipa::path(get, path = "/v1/bandwidth-changes", tag = "bandwidth", params(ChangeQuery),
    responses((status = 200, body = Items<BandwidthChange>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<ChangeQuery>,
) -> Result<Json<Items<BandwidthChange>>, Problem> {
    let ChangeQuery {
        port_id,
        cursor,
        limit,
    } = query;
    let page = PageQuery { cursor, limit }.page(caller.scope(), "bandwidth-changes")?;
    let changes = change::list(&app, &caller, port_id.map(Into::into), page).await?;
    Ok(Json(Items::from_page(changes)))
}

/// Book a quote
#[utoipa::path(post, path = "/v1/bandwidth-changes", tag = "bandwidth", request_body = NewBandwidthChange,
    responses((status = 201, body = BandwidthChange), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn book(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewBandwidthChange>,
) -> Result<(StatusCode, Json<BandwidthChange>), Problem> {
    let NewBandwidthChange {
        quote_id,
        replaces_id,
    } = body;
    let replaces = replaces_id.map(Into::into);
    let booked = change::book(&app, &caller, quote_id.into(), replaces).await?;
    Ok((StatusCode::CREATED, Json(booked.into())))
}

/// One change
#[utoipa::path(get, path = "/v1/bandwidth-changes/{id}", tag = "bandwidth", params(("id" = Uuid, Path)),
    responses((status = 200, body = BandwidthChange), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ChangeId>,
) -> Result<Json<BandwidthChange>, Problem> {
    Ok(Json(change::get(&app, &caller, id).await?.into()))
}

/// Withdraw a change that has not begun
#[utoipa::path(post, path = "/v1/bandwidth-changes/{id}/cancel", tag = "bandwidth", params(("id" = Uuid, Path)),
    responses((status = 200, body = BandwidthChange), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ChangeId>,
) -> Result<Json<BandwidthChange>, Problem> {
    Ok(Json(change::cancel(&app, &caller, id).await?.into()))
}

/// Approve a change that waits for it
#[utoipa::path(post, path = "/v1/bandwidth-changes/{id}/approve", tag = "bandwidth", params(("id" = Uuid, Path)),
    responses((status = 200, body = BandwidthChange), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn approve(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ChangeId>,
) -> Result<Json<BandwidthChange>, Problem> {
    Ok(Json(approval::approve(&app, &caller, id).await?.into()))
}

/// Reject a change that waits for approval
#[utoipa::path(post, path = "/v1/bandwidth-changes/{id}/reject", tag = "bandwidth", params(("id" = Uuid, Path)),
    request_body = Rejection,
    responses((status = 200, body = BandwidthChange), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn reject(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ChangeId>,
    Json(body): Json<Rejection>,
) -> Result<Json<BandwidthChange>, Problem> {
    let Rejection { reason } = body;
    Ok(Json(approval::reject(&app, &caller, id, reason).await?.into()))
}
