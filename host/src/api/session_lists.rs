//! Sessions as things to see and to end: one's own, and those that members hold in the tenant.

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
    identity::{Caller, Principal, sessions},
    ids::SessionId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(end))
        .routes(routes!(end_others))
        .routes(routes!(list_of_members))
        .routes(routes!(end_of_member))
}

/// A session that can still be used.
#[derive(Serialize, ToSchema)]
struct OpenSession {
    id: Uuid,
    /// The tenant that it acts for.
    tenant_id: Uuid,
    user_id: Uuid,
    /// When the person signed in.
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    last_seen_at: DateTime<Utc>,
    /// When it ends by itself.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

impl OpenSession {
    fn seen_by(caller: &Caller, session: sessions::Session) -> Self {
        let sessions::Session {
            id,
            tenant,
            user,
            created_at,
            last_seen_at,
            expires_at,
        } = session;
        let asking = matches!(caller.principal(), Principal::User { session, .. } if session == id);
        Self {
            id: id.uuid(),
            tenant_id: tenant.uuid(),
            user_id: user.uuid(),
            created_at,
            last_seen_at,
            expires_at,
            current: asking,
        }
    }
}

fn items(caller: &Caller, page: crate::page::Items<sessions::Session>) -> Json<Items<OpenSession>> {
    let items = page.items.into_iter();
    Json(Items {
        items: items
            .map(|session| OpenSession::seen_by(caller, session))
            .collect(),
        next: page.next,
    })
}

/// One's own sessions at this reseller
#[utoipa::path(get, path = "/v1/sessions", tag = "entrance", params(PageQuery),
    responses((status = 200, body = Items<OpenSession>), (status = 422, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<OpenSession>>, Problem> {
    let page = query.page(caller.scope(), "sessions")?;
    Ok(items(&caller, sessions::own(&app, &caller, page).await?))
}

/// End one of one's own sessions
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "entrance", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn end(State(app): State<App>, caller: Caller, Id(id): Id<SessionId>) -> Result<StatusCode, Problem> {
    sessions::end_own(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End every session of one's own but the one that asks, at other resellers too
#[utoipa::path(delete, path = "/v1/sessions/others", tag = "entrance",
    responses((status = 204), (status = 422, body = Problem)))]
async fn end_others(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    sessions::end_others(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sessions that members hold in the tenant; for a reseller, in its customers too
#[utoipa::path(get, path = "/v1/member-sessions", tag = "members", params(PageQuery),
    responses((status = 200, body = Items<OpenSession>), (status = 403, body = Problem)))]
async fn list_of_members(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<OpenSession>>, Problem> {
    let page = query.page(caller.scope(), "member-sessions")?;
    Ok(items(&caller, sessions::of_members(&app, &caller, page).await?))
}

/// End a member's session
#[utoipa::path(delete, path = "/v1/member-sessions/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn end_of_member(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    sessions::end_of_member(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
