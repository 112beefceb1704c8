//! Alerts: what needs a person, who was called, and who looks at it.

use axum::extract::State;
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
use crate::{alerts, app::App, identity::Caller, ids::AlertId};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(acknowledge))
}

/// Something that needs a person.
#[derive(Serialize, ToSchema)]
struct Alert {
    id: Uuid,
    /// Whose port it is about; the reseller itself where it is about none.
    customer_id: Uuid,
    /// `return_leg`: a port that is not back down; `operation`: one that was given up; `activation`: one that tripped;
    /// `carrier`: one of which nothing is asked, since its breaker is open; `drift`: a port that has another speed than it is meant to have.
    about: String,
    /// The return leg, operation, activation, carrier, or for `drift` the port.
    subject_id: Uuid,
    port_id: Option<Uuid>,
    /// What is the matter.
    text: String,
    /// `open`, `acknowledged` or `resolved`.
    state: String,
    /// Memberships that were called, in that order: who was on call, then whom the escalation names.
    called: Vec<Uuid>,
    /// How many steps of the escalation were taken.
    step: usize,
    raised_at: DateTime<Utc>,
    acknowledged_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
}

impl From<alerts::Alert> for Alert {
    fn from(alert: alerts::Alert) -> Self {
        let alerts::Alert {
            id,
            tenant,
            subject,
            port,
            text,
            state,
            called,
            step,
            raised_at,
            acknowledged_at,
            resolved_at,
        } = alert;
        Self {
            id: id.uuid(),
            customer_id: tenant.uuid(),
            about: subject.kind().to_owned(),
            subject_id: subject.id(),
            port_id: port.map(|id| id.uuid()),
            text,
            state: state.name().to_owned(),
            called: called.iter().map(|person| person.uuid()).collect(),
            step,
            raised_at,
            acknowledged_at,
            resolved_at,
        }
    }
}

/// What needs or needed a person
#[utoipa::path(get, path = "/v1/alerts", tag = "alerts", params(PageQuery),
    responses((status = 200, body = Items<Alert>), (status = 403, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<Items<Alert>>, Problem> {
    let page = query.page(caller.scope(), alerts::LIST)?;
    Ok(Json(Items::from_page(alerts::list(&app, &caller, page).await?)))
}

/// Say that one looks at it: nobody else is called
#[utoipa::path(post, path = "/v1/alerts/{id}/acknowledge", tag = "alerts", params(("id" = Uuid, Path)),
    responses((status = 200, body = Alert), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn acknowledge(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<AlertId>,
) -> Result<Json<Alert>, Problem> {
    Ok(Json(alerts::acknowledge(&app, &caller, id).await?.into()))
}
