//! The platform operators' visits, as the visited tenant sees them.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    identity::{
        Caller,
        visits::{self, Extent},
    },
    ids::VisitId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(end))
}

/// An operator's time inside a tenant. What was done meanwhile is in the audit trail under `initiated_by`.
#[derive(Serialize, ToSchema)]
pub(super) struct Visit {
    id: Uuid,
    tenant_id: Uuid,
    operator_id: Uuid,
    reason: String,
    may_write: bool,
    began_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// When it was ended before it expired.
    ended_at: Option<DateTime<Utc>>,
    /// `operator` or `tenant`.
    ended_by: Option<String>,
}

impl From<visits::Visit> for Visit {
    fn from(visit: visits::Visit) -> Self {
        let visits::Visit {
            id,
            scope,
            operator,
            reason,
            extent,
            began_at,
            expires_at,
            ended_at,
            ended_by,
        } = visit;
        Self {
            id: id.uuid(),
            tenant_id: scope.tenant().uuid(),
            operator_id: operator.uuid(),
            reason,
            may_write: extent == Extent::Write,
            began_at,
            expires_at,
            ended_at,
            ended_by,
        }
    }
}

/// Visits of the platform's operators, past and present
#[utoipa::path(get, path = "/v1/visits", tag = "audit", params(PageQuery),
    responses((status = 200, body = Items<Visit>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Visit>>, Problem> {
    let page = query.page(caller.scope(), "visits")?;
    Ok(Json(Items::from_page(visits::list(&app, &caller, page).await?)))
}

/// End a visit: its next request is refused
#[utoipa::path(delete, path = "/v1/visits/{id}", tag = "audit", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn end(State(app): State<App>, caller: Caller, Id(id): Id<VisitId>) -> Result<StatusCode, Problem> {
    visits::end(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
