//! Who is asking, and where they could go on.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Api, problem::Problem, request::Json};
use crate::{
    app::App,
    identity::{ActorKind, Caller, Permission, Principal, sessions},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(me))
}

/// Who is asking.
#[derive(Serialize, ToSchema)]
struct Me {
    tenant_id: Uuid,
    reseller_id: Uuid,
    /// `user`, `api_key`, or `operator` during a visit.
    kind: &'static str,
    /// The person, key or operator.
    id: Uuid,
    permissions: Vec<&'static str>,
    /// `active`, or `suspended` or `leaving`: then the permissions to read are left, and who leaves can export and stay.
    tenant_state: &'static str,
    /// Where the person is a member at this reseller, and can go on.
    tenants: Vec<Belonging>,
}

/// A tenant in which a person is a member.
#[derive(Serialize, ToSchema)]
struct Belonging {
    tenant_id: Uuid,
    /// `reseller` or `customer`.
    kind: String,
    name: String,
    /// `active`, `suspended` or `leaving`.
    state: String,
}

impl From<sessions::Belonging> for Belonging {
    fn from(belonging: sessions::Belonging) -> Self {
        let sessions::Belonging {
            tenant,
            kind,
            name,
            state,
        } = belonging;
        Self {
            tenant_id: tenant.uuid(),
            kind,
            name,
            state,
        }
    }
}

/// Who is asking, for which tenant, with which permissions
#[utoipa::path(get, path = "/v1/me", tag = "entrance", responses((status = 200, body = Me)))]
async fn me(State(app): State<App>, caller: Caller) -> Result<Json<Me>, Problem> {
    let tenants = sessions::belongings(&app, &caller).await?;
    let (kind, id) = match caller.principal() {
        Principal::User { user, .. } => (ActorKind::User, user.uuid()),
        Principal::ApiKey(key) => (ActorKind::ApiKey, key.uuid()),
        Principal::Operator { operator, .. } => (ActorKind::Operator, operator.uuid()),
        Principal::Visitor => (ActorKind::Anonymous, Uuid::nil()),
        Principal::System(from) => (ActorKind::System, from.id),
    };
    let permissions = Permission::ALL
        .iter()
        .filter(|p| caller.may(**p))
        .map(|p| p.name())
        .collect();
    let scope = caller.scope();
    Ok(Json(Me {
        tenant_id: scope.tenant().uuid(),
        reseller_id: scope.reseller().uuid(),
        kind: kind.name(),
        id,
        permissions,
        tenant_state: caller.tenant_state().name(),
        tenants: tenants.into_iter().map(Belonging::from).collect(),
    }))
}
