//! Pricing releases tried over a past month, beside what serves. Nothing of it is billed.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    compared::{Compared, Total},
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    billing::{rate::Month, shadow},
    identity::Caller,
    ids::ShadowId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get))
        .routes(routes!(customers))
        .routes(routes!(cancel))
}

/// A release that is tried over a past month.
#[derive(Serialize, ToSchema)]
struct Shadow {
    id: Uuid,
    release_id: Uuid,
    settings: Value,
    /// A calendar month on each customer's own clock.
    #[schema(example = "2026-04")]
    period: String,
    /// `waiting`, `running`, `finished`, `cancelled` or `failed`.
    state: &'static str,
    /// How many customers are looked at; 0 until it begins.
    customers_total: u32,
    /// How many were.
    customers_done: u32,
    requested_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// A shadow with what it comes to so far.
#[derive(Serialize, ToSchema)]
struct ShadowDetail {
    #[serde(flatten)]
    shadow: Shadow,
    /// By currency.
    totals: Vec<Total>,
}

/// A release to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewShadow {
    /// An approved release that prices.
    release_id: Uuid,
    /// What an activation would give it.
    settings: Value,
    /// A calendar month that is over everywhere.
    #[schema(example = "2026-04")]
    period: String,
}

impl From<shadow::Shadow> for Shadow {
    fn from(shadow: shadow::Shadow) -> Self {
        let shadow::Shadow {
            id,
            release,
            settings,
            month,
            state,
            customers_total,
            customers_done,
            requested_at,
            finished_at,
        } = shadow;
        Self {
            id: id.uuid(),
            release_id: release.uuid(),
            settings,
            period: month.to_string(),
            state: state.name(),
            customers_total,
            customers_done,
            requested_at,
            finished_at,
        }
    }
}

/// The reseller's shadows
#[utoipa::path(get, path = "/v1/shadows", tag = "plugins", params(PageQuery),
    responses((status = 200, body = Items<Shadow>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Shadow>>, Problem> {
    let page = query.page(caller.scope(), shadow::LIST)?;
    Ok(Json(Items::from_page(shadow::list(&app, &caller, page).await?)))
}

/// One shadow, how far it has come, and what it comes to
#[utoipa::path(get, path = "/v1/shadows/{id}", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = ShadowDetail), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ShadowId>,
) -> Result<Json<ShadowDetail>, Problem> {
    let (shadow, totals) = shadow::get(&app, &caller, id).await?;
    Ok(Json(ShadowDetail {
        shadow: shadow.into(),
        totals: totals.into_iter().map(Into::into).collect(),
    }))
}

/// A shadow's customers: those for whom the release fails first, then the largest differences
#[utoipa::path(get, path = "/v1/shadows/{id}/customers", tag = "plugins", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Items<Compared>), (status = 404, body = Problem)))]
async fn customers(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ShadowId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Compared>>, Problem> {
    let page = query.page(caller.scope(), &shadow::customers_of(id))?;
    Ok(Json(Items::from_page(
        shadow::customers(&app, &caller, id, page).await?,
    )))
}

/// Have a pricing release tried over a past month
#[utoipa::path(post, path = "/v1/shadows", tag = "plugins", request_body = NewShadow,
    responses((status = 201, body = Shadow), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewShadow>,
) -> Result<(StatusCode, Json<Shadow>), Problem> {
    let NewShadow {
        release_id,
        settings,
        period,
    } = body;
    let new = shadow::NewShadow {
        release: release_id.into(),
        settings,
        month: Month::parse(&period)?,
    };
    let shadow = shadow::add(&app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(shadow.into())))
}

/// Stop a shadow; what it found so far stays
#[utoipa::path(post, path = "/v1/shadows/{id}/cancel", tag = "plugins", params(("id" = Uuid, Path)),
    responses((status = 200, body = Shadow), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ShadowId>,
) -> Result<Json<Shadow>, Problem> {
    Ok(Json(shadow::cancel(&app, &caller, id).await?.into()))
}
