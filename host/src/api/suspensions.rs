//! A tenant's suspensions: since when it may begin nothing new, and why.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    identity::{Caller, suspensions},
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// A stretch in which a tenant may read and begin nothing new.
#[derive(Serialize, ToSchema)]
pub(super) struct Suspension {
    id: Uuid,
    tenant_id: Uuid,
    reason: String,
    suspended_at: DateTime<Utc>,
    /// None while it lasts.
    resumed_at: Option<DateTime<Utc>>,
}

impl From<suspensions::Suspension> for Suspension {
    fn from(suspension: suspensions::Suspension) -> Self {
        let suspensions::Suspension {
            id,
            tenant,
            reason,
            suspended_at,
            resumed_at,
        } = suspension;
        Self {
            id: id.uuid(),
            tenant_id: tenant.uuid(),
            reason,
            suspended_at,
            resumed_at,
        }
    }
}

/// Since when and why the tenant may begin nothing new
#[utoipa::path(get, path = "/v1/suspensions", tag = "tenant", params(PageQuery),
    responses((status = 200, body = Items<Suspension>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Suspension>>, Problem> {
    let page = query.page(caller.scope(), "suspensions")?;
    Ok(Json(Items::from_page(
        suspensions::list(&app, &caller, page).await?,
    )))
}
