//! Roles, and the permissions that they can give.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, IfMatch, Items, Json, PageQuery, Params, Versioned},
};
use crate::{
    app::App,
    fault::Fault,
    identity::{Caller, Permission, roles},
    ids::RoleId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(find, change, remove))
        .routes(routes!(permissions))
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleEdit {
    name: Option<String>,
    /// All that the role gives from now on. What it did not give before must be held by whoever asks.
    permissions: Option<Vec<String>>,
}

/// Something a role can give.
#[derive(Serialize, ToSchema)]
struct PermissionInfo {
    name: &'static str,
    /// Whether roles of customers can hold it.
    for_customers: bool,
    summary: &'static str,
}

impl From<roles::Role> for Role {
    fn from(role: roles::Role) -> Self {
        let roles::Role {
            scope,
            id,
            name,
            permissions,
            version: _,
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

/// The tenant's roles
#[utoipa::path(get, path = "/v1/roles", tag = "members", params(PageQuery),
    responses((status = 200, body = Items<Role>), (status = 403, body = Problem)))]
async fn list(
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
async fn add(
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

/// One role
#[utoipa::path(get, path = "/v1/roles/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 200, body = Role), (status = 404, body = Problem)))]
async fn find(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<RoleId>,
) -> Result<Versioned<Role>, Problem> {
    let role = roles::find(&app, &caller, id).await?;
    Ok(Versioned(role.etag(&caller), role.into()))
}

/// Change a role for all who hold it, from their next request on
#[utoipa::path(patch, path = "/v1/roles/{id}", tag = "members", params(("id" = Uuid, Path)), request_body = RoleEdit,
    responses((status = 200, body = Role), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<RoleId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<RoleEdit>,
) -> Result<Versioned<Role>, Problem> {
    let RoleEdit { name, permissions } = body;
    let permissions = permissions.map(|names| parse_permissions(&names)).transpose()?;
    let edit = roles::Edit { name, permissions };
    let role = roles::change(&app, &caller, id, edit, &expected).await?;
    Ok(Versioned(role.etag(&caller), role.into()))
}

/// Take a role away that nobody holds
#[utoipa::path(delete, path = "/v1/roles/{id}", tag = "members", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<RoleId>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    roles::remove(&app, &caller, id, &expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
