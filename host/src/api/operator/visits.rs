//! Operators' visits: beginning one and ending it.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    api::{
        Api,
        problem::Problem,
        request::{Id, Items, Json, PageQuery, Params},
        visits::Visit,
    },
    app::App,
    identity::{
        operator::{
            Operator,
            visits::{self, NewVisit as New},
        },
        visits::Extent,
    },
    ids::VisitId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(end))
}

/// A visit to begin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewVisit {
    tenant_id: Uuid,
    /// Why, for the tenant to read: 10 to 500 visible characters.
    reason: String,
    /// 1 to 60.
    minutes: u8,
    /// Otherwise the visit only reads.
    #[serde(default)]
    may_write: bool,
}

/// A visit that has begun.
#[derive(Serialize, ToSchema)]
struct Begun {
    #[serde(flatten)]
    visit: Visit,
    /// The bearer token that is the tenant's caller while the visit lasts, shown once.
    token: String,
}

/// One's own visits, past and present
#[utoipa::path(get, path = "/v1/operator/visits", tag = "operator", params(PageQuery),
    responses((status = 200, body = Items<Visit>), (status = 422, body = Problem)))]
async fn list(
    State(app): State<App>,
    operator: Operator,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Visit>>, Problem> {
    let page = operator.page(visits::LIST, query.cursor.as_deref(), query.limit)?;
    let visits = visits::list(&app, &operator, page).await?;
    Ok(Json(Items::from_page(visits)))
}

/// Enter a tenant for a while, with a reason that it reads
///
/// The token is a bearer credential of the ordinary API. It reads; where it may write it does the tenant's daily work,
/// and never makes keys, members, roles or credentials.
#[utoipa::path(post, path = "/v1/operator/visits", tag = "operator", request_body = NewVisit,
    responses((status = 201, body = Begun), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn begin(
    State(app): State<App>,
    operator: Operator,
    Json(body): Json<NewVisit>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let NewVisit {
        tenant_id,
        reason,
        minutes,
        may_write,
    } = body;
    let new = New {
        tenant: tenant_id.into(),
        reason,
        minutes,
        extent: if may_write { Extent::Write } else { Extent::Read },
    };
    let (visit, token) = visits::begin(&app, &operator, new).await?;
    let begun = Begun {
        visit: visit.into(),
        token: token.reveal().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(begun)))
}

/// Leave before the visit expires
#[utoipa::path(delete, path = "/v1/operator/visits/{id}", tag = "operator", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn end(State(app): State<App>, operator: Operator, Id(id): Id<VisitId>) -> Result<StatusCode, Problem> {
    visits::end(&app, &operator, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
