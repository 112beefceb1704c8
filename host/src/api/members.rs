//! A tenant's people: its members, and the roles they hold.

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
use crate::{
    app::App,
    identity::{Caller, members},
    ids::MembershipId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(remove))
        .routes(routes!(set_roles))
}

/// A person's standing in a tenant.
#[derive(Serialize, ToSchema)]
struct Member {
    id: Uuid,
    tenant_id: Uuid,
    user_id: Uuid,
    email: String,
    name: String,
    /// Names of the roles held.
    roles: Vec<String>,
    /// Their ids, in the same order.
    role_ids: Vec<Uuid>,
    created_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesHeld {
    /// All that the member holds from now on, 20 at most; roles of the member's tenant.
    role_ids: Vec<Uuid>,
}

impl From<members::Member> for Member {
    fn from(member: members::Member) -> Self {
        let members::Member {
            id,
            tenant,
            user,
            email,
            name,
            roles,
            created_at,
        } = member;
        let (ids, names) = roles.into_iter().map(|(id, name)| (id.uuid(), name)).unzip();
        Self {
            id: id.uuid(),
            tenant_id: tenant.uuid(),
            user_id: user.uuid(),
            email,
            name,
            roles: names,
            role_ids: ids,
            created_at,
        }
    }
}

/// The members of the tenant; for a reseller, of its customers too
#[utoipa::path(get, path = "/v1/memberships", tag = "members", params(PageQuery),
    responses((status = 200, body = Items<Member>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Member>>, Problem> {
    let page = query.page(caller.scope(), "members")?;
    Ok(Json(Items::from_page(members::list(&app, &caller, page).await?)))
}

/// End a membership, from that person's next request on
#[utoipa::path(delete, path = "/v1/memberships/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<MembershipId>,
) -> Result<StatusCode, Problem> {
    members::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say which roles a member holds, from that person's next request on
#[utoipa::path(put, path = "/v1/memberships/{id}/roles", tag = "members", params(("id" = Uuid, Path)),
    request_body = RolesHeld,
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn set_roles(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<MembershipId>,
    Json(body): Json<RolesHeld>,
) -> Result<StatusCode, Problem> {
    let roles = body.role_ids.into_iter().map(Into::into).collect();
    members::set_roles(&app, &caller, id, roles).await?;
    Ok(StatusCode::NO_CONTENT)
}
