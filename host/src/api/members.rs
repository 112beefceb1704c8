//! A tenant's people: members and roles.

use std::collections::BTreeSet;

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
    fault::Fault,
    identity::{Caller, Permission, members, roles},
    ids::MembershipId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(remove))
        .routes(routes!(list_roles, add_role))
        .routes(routes!(permissions))
}

/// A person's standing in a tenant.
#[derive(Serialize, ToSchema)]
struct Member {
    id: Uuid,
    tenant_id: Uuid,
    user_id: Uuid,
    email: String,
    name: String,
    roles: Vec<String>,
    created_at: DateTime<Utc>,
}

/// A named set of permissions.
#[derive(Serialize, ToSchema)]
struct Role {
    id: Uuid,
    tenant_id: Uuid,
    name: String,
    permissions: Vec<&'static str>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRole {
    name: String,
    /// Names of permissions, all held by whoever makes the role.
    permissions: Vec<String>,
}

/// Something a role can give.
#[derive(Serialize, ToSchema)]
struct PermissionInfo {
    name: &'static str,
    /// Whether roles of customers can hold it.
    for_customers: bool,
    summary: &'static str,
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
        Self {
            id: id.uuid(),
            tenant_id: tenant.uuid(),
            user_id: user.uuid(),
            email,
            name,
            roles,
            created_at,
        }
    }
}

impl From<roles::Role> for Role {
    fn from(role: roles::Role) -> Self {
        let roles::Role {
            scope,
            id,
            name,
            permissions,
        } = role;
        let permissions = permissions.iter().map(|permission| permission.name()).collect();
        Self {
            id: id.uuid(),
            tenant_id: scope.tenant().uuid(),
            name,
            permissions,
        }
    }
}

/// Permissions by name, each once; an unknown one is refused by name.
pub(super) fn parse_permissions(names: &[String]) -> Result<Vec<Permission>, Fault> {
    let unknown = |name: &String| {
        let known: Vec<_> = Permission::ALL
            .iter()
            .map(|permission| permission.name())
            .collect();
        Fault::invalid(
            "permission_unknown",
            format!("there is no permission {name:?}, there are {}", known.join(", ")),
        )
    };
    let found = names
        .iter()
        .map(|name| Permission::parse(name).ok_or_else(|| unknown(name)));
    let once: BTreeSet<_> = found.collect::<Result<_, _>>()?;
    Ok(once.into_iter().collect())
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

/// The tenant's roles
#[utoipa::path(get, path = "/v1/roles", tag = "members", params(PageQuery),
    responses((status = 200, body = Items<Role>), (status = 403, body = Problem)))]
async fn list_roles(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Role>>, Problem> {
    let page = query.page(caller.scope(), "roles")?;
    Ok(Json(Items::from_page(roles::list(&app, &caller, page).await?)))
}

/// Make a role
#[utoipa::path(post, path = "/v1/roles", tag = "members", request_body = NewRole,
    responses((status = 201, body = Role), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn add_role(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewRole>,
) -> Result<(StatusCode, Json<Role>), Problem> {
    let permissions = parse_permissions(&body.permissions)?;
    let role = roles::add(&app, &caller, body.name, permissions).await?;
    Ok((StatusCode::CREATED, Json(role.into())))
}

/// Everything a role can give
#[utoipa::path(get, path = "/v1/permissions", tag = "members", responses((status = 200, body = Vec<PermissionInfo>)))]
async fn permissions(_caller: Caller) -> Json<Vec<PermissionInfo>> {
    let info = |permission: &Permission| PermissionInfo {
        name: permission.name(),
        for_customers: permission.for_customers(),
        summary: permission.summary(),
    };
    Json(Permission::ALL.iter().map(info).collect())
}
