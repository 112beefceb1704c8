//! The audit trail, read only.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Items, Json, PageQuery, Params},
};
use crate::{app::App, audit, identity::Caller};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
struct AuditEvent {
    id: Uuid,
    tenant_id: Uuid,
    at: DateTime<Utc>,
    /// `user`, `api_key`, `system`, `operator` or `anonymous`.
    actor_kind: String,
    /// The person, key or operator.
    actor_id: Option<Uuid>,
    /// Whom accepted work is done for; with `operator`, the visit in which it acts.
    initiated_by: Option<Uuid>,
    action: String,
    target_kind: String,
    target_id: Option<Uuid>,
    /// `done`, `denied` or `refused`.
    outcome: String,
    detail: serde_json::Value,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    action: Option<String>,
    target_id: Option<Uuid>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

impl From<audit::Record> for AuditEvent {
    fn from(record: audit::Record) -> Self {
        let audit::Record {
            id,
            tenant_id,
            at,
            actor_kind,
            actor_id,
            initiated_by,
            action,
            target_kind,
            target_id,
            outcome,
            detail,
        } = record;
        Self {
            id,
            tenant_id,
            at,
            actor_kind,
            actor_id,
            initiated_by,
            action,
            target_kind,
            target_id,
            outcome,
            detail,
        }
    }
}

/// What was done, by whom, for whom
#[utoipa::path(get, path = "/v1/audit-events", tag = "audit", params(AuditQuery),
    responses((status = 200, body = Items<AuditEvent>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<AuditQuery>,
) -> Result<Json<Items<AuditEvent>>, Problem> {
    let AuditQuery {
        action,
        target_id,
        from,
        to,
        cursor,
        limit,
    } = query;
    let page = PageQuery { cursor, limit }.page(caller.scope(), "audit-events")?;
    let filter = audit::Filter {
        action,
        target_id,
        from,
        to,
    };
    Ok(Json(Items::from_page(
        audit::events(&app, &caller, &filter, page).await?,
    )))
}
