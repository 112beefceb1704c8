//! What was asked of carriers, and every exchange of it. Operations are started by what they carry out; `repair` has what people
//! do about them.

use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use nexusport_sandbox::carrier;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    problem::Problem,
    request::{Id, Items, Json, PageQuery, Params},
};
use crate::{
    app::App,
    carriers::operations::{self, Answered, Cause, Filter, Listed},
    fault::Fault,
    identity::Caller,
    ids::OperationId,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// One thing asked of a carrier.
#[derive(Serialize, ToSchema)]
pub(super) struct Operation {
    id: Uuid,
    tenant_id: Uuid,
    /// `read_port`, `list_ports`, `check_change`, `change_bandwidth`, `cancel` or `probe`.
    kind: &'static str,
    carrier_id: Uuid,
    port_id: Option<Uuid>,
    /// The bandwidth change it carries out.
    change_id: Option<Uuid>,
    /// The return leg it carries out.
    return_leg_id: Option<Uuid>,
    /// The adapter it began with and ends on.
    release_id: Uuid,
    from_mbps: Option<u32>,
    mbps: Option<u32>,
    /// `running`, `waiting`, `done` or `given_up`.
    state: &'static str,
    /// What the carrier said, once it is done: `kind` and what belongs to it.
    outcome: Option<serde_json::Value>,
    /// Why a person must look.
    attention: Option<String>,
    asked_at: DateTime<Utc>,
    /// When the next step is due, while it waits.
    wake_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

/// An operation with its journal.
#[derive(Serialize, ToSchema)]
struct WithJournal {
    #[serde(flatten)]
    operation: Operation,
    /// Every request in order.
    journal: Vec<Exchange>,
}

/// One request to the carrier and what came of it.
#[derive(Serialize, ToSchema)]
struct Exchange {
    n: u32,
    method: String,
    /// The handle of a destination.
    destination: String,
    /// Path and query.
    target: String,
    /// The handle of the credential that was injected.
    credential: Option<String>,
    /// Whether sending it twice has the effect of sending it once.
    repeatable: bool,
    /// `sending`, `answered`, `lost` or `not_sent`.
    state: String,
    /// HTTP status of the latest answer.
    status: Option<u16>,
    first_at: DateTime<Utc>,
    /// When the latest answer came.
    at: DateTime<Utc>,
    /// How often it was sent after the first time.
    repeats: u32,
    /// Every answer in order, identical ones in a row once.
    answers: Vec<Answer>,
    /// What was sent. The reseller alone sees it.
    request: Option<Content>,
    /// What was answered last. The reseller alone sees it.
    response: Option<Content>,
    /// Why nothing was read or sent. The reseller alone sees it.
    reason: Option<String>,
}

/// One or more identical answers in a row.
#[derive(Serialize, ToSchema)]
struct Answer {
    /// `answered`, `lost` or `not_sent`.
    state: String,
    status: Option<u16>,
    count: u32,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
}

/// Headers and body, without secrets.
#[derive(Serialize, ToSchema)]
struct Content {
    headers: Vec<Header>,
    /// The body, where it is text.
    text: Option<String>,
    /// The body in base64, where it is not.
    base64: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OperationQuery {
    /// Those about this port.
    port_id: Option<Uuid>,
    /// `running`, `waiting`, `done` or `given_up`.
    state: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page: 1 to 200, otherwise 50.
    limit: Option<u32>,
}

/// What was asked of carriers
#[utoipa::path(get, path = "/v1/operations", tag = "operations", params(OperationQuery),
    responses((status = 200, body = Items<Operation>), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(query): Params<OperationQuery>,
) -> Result<Json<Items<Operation>>, Problem> {
    let OperationQuery {
        port_id,
        state,
        cursor,
        limit,
    } = query;
    let page = PageQuery { cursor, limit }.page(caller.scope(), operations::LIST)?;
    let filter = Filter {
        port: port_id.map(Into::into),
        state: state.as_deref().map(parse_state).transpose()?,
    };
    Ok(Json(Items::from_page(
        operations::list(&app, &caller, filter, page).await?,
    )))
}

/// One operation and its journal
#[utoipa::path(get, path = "/v1/operations/{id}", tag = "operations", params(("id" = Uuid, Path)),
    responses((status = 200, body = WithJournal), (status = 404, body = Problem)))]
async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<OperationId>,
) -> Result<Json<WithJournal>, Problem> {
    let (operation, journal) = operations::find(&app, &caller, id).await?;
    Ok(Json(WithJournal {
        operation: operation.into(),
        journal: journal.into_iter().map(Exchange::from).collect(),
    }))
}

fn parse_state(name: &str) -> Result<operations::State, Fault> {
    operations::State::parse(name)
        .ok_or_else(|| Fault::invalid("state_unknown", format!("{name} is no state of an operation")))
}

impl From<operations::Operation> for Operation {
    fn from(operation: operations::Operation) -> Self {
        let (change_id, return_leg_id) = match operation.cause {
            Cause::None => (None, None),
            Cause::Change(id) => (Some(id.uuid()), None),
            Cause::Return(id) => (None, Some(id.uuid())),
        };
        Self {
            id: operation.id.uuid(),
            tenant_id: operation.tenant.uuid(),
            kind: operation.kind.name(),
            carrier_id: operation.carrier.uuid(),
            port_id: operation.port.map(|id| id.uuid()),
            change_id,
            return_leg_id,
            release_id: operation.pinned.release.uuid(),
            from_mbps: operation.from_mbps,
            mbps: operation.mbps,
            state: operation.state.name(),
            outcome: operation.outcome,
            attention: operation.attention,
            asked_at: operation.asked_at,
            wake_at: operation.wake_at,
            ended_at: operation.ended_at,
        }
    }
}

impl From<Listed> for Exchange {
    fn from(listed: Listed) -> Self {
        let Listed {
            n,
            method,
            destination,
            target,
            credential,
            repeatable,
            state,
            status,
            first_at,
            at,
            repeats,
            answers,
            request,
            answer,
        } = listed;
        let (response, reason) = match answer {
            None => (None, None),
            Some(carrier::Answer::Answered(response)) => (Some(response), None),
            Some(carrier::Answer::Lost(why)) => (None, Some(why)),
            Some(carrier::Answer::NotSent(why)) => (None, Some(why.detail)),
        };
        Self {
            n,
            method,
            destination,
            target,
            credential,
            repeatable,
            state,
            status,
            first_at,
            at,
            repeats,
            answers: answers.into_iter().map(Answer::from).collect(),
            request: request.map(|request| Content::new(request.headers, request.body)),
            response: response.map(|response| Content::new(response.headers, response.body)),
            reason,
        }
    }
}

impl From<Answered> for Answer {
    fn from(answered: Answered) -> Self {
        let Answered {
            state,
            status,
            count,
            first_at,
            last_at,
        } = answered;
        Self {
            state,
            status,
            count,
            first_at,
            last_at,
        }
    }
}

impl Content {
    fn new(headers: Vec<carrier::Header>, body: Vec<u8>) -> Self {
        let headers = headers
            .into_iter()
            .map(|carrier::Header { name, value }| Header { name, value })
            .collect();
        let (text, base64) = match String::from_utf8(body) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
        };
        Self {
            headers,
            text,
            base64,
        }
    }
}
