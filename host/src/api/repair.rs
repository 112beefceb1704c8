//! What people repair: work that was set aside is done again or let be, operations are taken up again or cancelled.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    operations::Operation,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    carriers::operations,
    identity::Caller,
    ids::{JobId, OperationId},
    jobs, worker,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(replay))
        .routes(routes!(discard))
        .routes(routes!(retry))
        .routes(routes!(cancel))
}

/// Work that was set aside, since it could not be done.
#[derive(Serialize, ToSchema)]
struct DeadLetter {
    id: Uuid,
    /// Whose work it was.
    tenant_id: Uuid,
    /// What was to be done.
    #[schema(example = "start_change")]
    kind: String,
    /// The row it is about, such as a bandwidth change or an operation.
    subject_id: Uuid,
    /// When its last attempt was due.
    due_at: DateTime<Utc>,
    attempts: u32,
    /// What was in the way at last.
    error: String,
}

impl From<jobs::Dead> for DeadLetter {
    fn from(dead: jobs::Dead) -> Self {
        let jobs::Dead {
            id,
            tenant,
            kind,
            subject,
            due_at,
            attempts,
            error,
        } = dead;
        Self {
            id: id.uuid(),
            tenant_id: tenant.uuid(),
            kind,
            subject_id: subject,
            due_at,
            attempts,
            error,
        }
    }
}

/// Work that was set aside
#[utoipa::path(get, path = "/v1/dead-letters", tag = "operations", params(PageQuery),
    responses((status = 200, body = Items<DeadLetter>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<DeadLetter>>, Problem> {
    let page = query.page(caller.scope(), jobs::DEAD)?;
    Ok(Json(Items::from_page(jobs::dead(&app, &caller, page).await?)))
}

/// Have it done again, as if it had never been tried
#[utoipa::path(post, path = "/v1/dead-letters/{id}/replay", tag = "operations", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn replay(State(app): State<App>, caller: Caller, Id(id): Id<JobId>) -> Result<StatusCode, Problem> {
    worker::replay(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let it be
#[utoipa::path(post, path = "/v1/dead-letters/{id}/discard", tag = "operations", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn discard(State(app): State<App>, caller: Caller, Id(id): Id<JobId>) -> Result<StatusCode, Problem> {
    jobs::discard(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take up again what was given up
///
/// Its last request is repeated, if it may be, and the adapter asked what is next. An order is refused whose speed the port is
/// not meant to have now.
#[utoipa::path(post, path = "/v1/operations/{id}/retry", tag = "operations", params(("id" = Uuid, Path)),
    responses((status = 200, body = Operation), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn retry(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<OperationId>,
) -> Result<Json<Operation>, Problem> {
    Ok(Json(operations::retry(&app, &caller, id).await?.into()))
}

/// Give up what goes on
///
/// Nothing is sent for it any more. What was sent may still be carried out; the port is then read back.
#[utoipa::path(post, path = "/v1/operations/{id}/cancel", tag = "operations", params(("id" = Uuid, Path)),
    responses((status = 200, body = Operation), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<OperationId>,
) -> Result<Json<Operation>, Problem> {
    Ok(Json(operations::cancel(&app, &caller, id).await?.into()))
}
