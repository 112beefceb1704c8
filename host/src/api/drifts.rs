//! Drift: when ports had another speed than they were meant to have, what was billed meanwhile, and what people do about it.

use axum::extract::State;
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
    fault::Fault,
    identity::Caller,
    ids::DriftId,
    ports::drift::{self, DriftState, Filter},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(adopt))
        .routes(routes!(correct))
}

/// A stretch in which a port had another speed than it was meant to have.
#[derive(Serialize, ToSchema)]
struct Drift {
    id: Uuid,
    customer_id: Uuid,
    port_id: Uuid,
    /// `open`, `correcting` or `ended`.
    state: &'static str,
    /// What the port was meant to have.
    intended_mbps: u32,
    /// What it was seen with.
    observed_mbps: u32,
    /// What the customer is billed for meanwhile: what was asked for, as far as it is there.
    billed_mbps: u32,
    /// Who bears the difference: `reseller` where there is more than was asked for, `nobody` where there is less.
    payer: &'static str,
    since: DateTime<Utc>,
    /// Who says since when: `carrier`, `observation` (the read-back that showed it) or `plan` (another speed was meant from
    /// then on).
    since_basis: &'static str,
    /// When a read-back had shown it when it was found.
    seen_at: DateTime<Utc>,
    /// What the last correction waits or waited for: its order, then the read-back after it.
    operation_id: Option<Uuid>,
    /// What came of the last correction, where it did not help.
    note: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    /// `gone`, `changed` (another drift follows), `adopted`, `corrected` or `port_closed`.
    outcome: Option<&'static str>,
    /// Who adopted it or last had it corrected. The reseller alone sees it.
    settled_by: Option<Settler>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DriftSettler)]
struct Settler {
    /// `user`, `api_key` or `operator`.
    kind: &'static str,
    id: Uuid,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DriftQuery {
    /// Those of this port.
    port_id: Option<Uuid>,
    /// `open`, `correcting` or `ended`.
    state: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

impl Drift {
    fn shown(drift: drift::Drift, caller: &Caller) -> Self {
        let drift::Drift {
            scope,
            id,
            port,
            state,
            speeds,
            since,
            basis,
            seen_at,
            operation,
            note,
            ended,
            settled_by,
        } = drift;
        Self {
            id: id.uuid(),
            customer_id: scope.tenant().uuid(),
            port_id: port.uuid(),
            state: state.name(),
            intended_mbps: speeds.intended,
            observed_mbps: speeds.observed,
            billed_mbps: speeds.billed(),
            payer: speeds.payer().name(),
            since,
            since_basis: basis.name(),
            seen_at,
            operation_id: operation.map(|id| id.uuid()),
            note,
            ended_at: ended.map(|(at, _)| at),
            outcome: ended.map(|(_, outcome)| outcome.name()),
            settled_by: settled_by
                .filter(|_| caller.scope().customer().is_none())
                .map(|by| Settler {
                    kind: by.kind.name(),
                    id: by.id,
                }),
        }
    }
}

/// When ports had another speed than they were meant to have
#[utoipa::path(get, path = "/v1/drifts", tag = "drifts", params(DriftQuery),
    responses((status = 200, body = Items<Drift>), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<DriftQuery>,
) -> Result<Json<Items<Drift>>, Problem> {
    let DriftQuery {
        port_id,
        state,
        cursor,
        limit,
    } = query;
    let page = PageQuery { cursor, limit }.page(caller.scope(), drift::LIST)?;
    let filter = Filter {
        port: port_id.map(Into::into),
        state: state.as_deref().map(parse_state).transpose()?,
    };
    let drifts = drift::list(&app, &caller, filter, page).await?;
    let (items, next) = (drifts.items.into_iter(), drifts.next);
    let items = items.map(|drift| Drift::shown(drift, &caller)).collect();
    Ok(Json(Items { items, next }))
}

/// One of them
#[utoipa::path(get, path = "/v1/drifts/{id}", tag = "drifts", params(("id" = Uuid, Path)),
    responses((status = 200, body = Drift), (status = 404, body = Problem)))]
async fn get(State(app): State<App>, caller: Caller, Id(id): Id<DriftId>) -> Result<Json<Drift>, Problem> {
    let drift = drift::get(&app, &caller, id).await?;
    Ok(Json(Drift::shown(drift, &caller)))
}

/// Make the speed that the port has its base from now on, which is billed from then on
#[utoipa::path(post, path = "/v1/drifts/{id}/adopt", tag = "drifts", params(("id" = Uuid, Path)),
    responses((status = 200, body = Drift), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn adopt(State(app): State<App>, caller: Caller, Id(id): Id<DriftId>) -> Result<Json<Drift>, Problem> {
    let drift = drift::adopt(&app, &caller, id).await?;
    Ok(Json(Drift::shown(drift, &caller)))
}

/// Have the speed ordered that the port is meant to have, and read it back
#[utoipa::path(post, path = "/v1/drifts/{id}/correct", tag = "drifts", params(("id" = Uuid, Path)),
    responses((status = 200, body = Drift), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn correct(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<DriftId>,
) -> Result<Json<Drift>, Problem> {
    let drift = drift::correct(&app, &caller, id).await?;
    Ok(Json(Drift::shown(drift, &caller)))
}

fn parse_state(name: &str) -> Result<DriftState, Fault> {
    DriftState::parse(name)
        .ok_or_else(|| Fault::invalid("state_unknown", format!("{name} is no state of a drift")))
}
