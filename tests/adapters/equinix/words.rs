//! What Equinix Fabric v4 says, as its OpenAPI document and its clients have it.

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use nexusport_simulator::{Caller, Desk, Order, Placement, Port, Refusal, Status};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/oauth2/v1/token", post(token))
        .route("/fabric/v4/connections/search", post(search))
        .route("/fabric/v4/connections/{uuid}", get(connection).patch(update))
        .with_state(desk)
}

/// Why something is not done: a status, and an error's code and message.
struct No(StatusCode, &'static str, String);

type Answer<T> = Result<T, No>;

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let errors = json!([{ "errorCode": code, "errorMessage": message }]);
        (status, Json(errors)).into_response()
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::NotFound(_) => (StatusCode::NOT_FOUND, "EQ-3045811"),
            Refusal::OrderInFlight { .. } => (StatusCode::BAD_REQUEST, "EQ-3142510"),
            Refusal::InvalidClient => (StatusCode::UNAUTHORIZED, "EQ-3000039"),
            _ => (StatusCode::BAD_REQUEST, "EQ-3142501"),
        };
        Self(status, code, refusal.to_string())
    }
}

/// A body of this media type.
fn read<T: DeserializeOwned>(media_type: &str, headers: &HeaderMap, body: &[u8]) -> Answer<T> {
    if headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|it| it != media_type)
    {
        let message = "unsupported media type".to_owned();
        return Err(No(StatusCode::UNSUPPORTED_MEDIA_TYPE, "EQ-3040016", message));
    }
    serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))
}

fn invalid(why: String) -> No {
    No(StatusCode::BAD_REQUEST, "EQ-3142501", why)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    grant_type: String,
    client_id: String,
    client_secret: String,
}

/// Takes JSON, unlike OAuth 2, and names the token's time in its own way.
async fn token(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Answer<Json<Value>> {
    let client: Client = read("application/json", &headers, &body)?;
    if client.grant_type != "client_credentials" {
        return Err(invalid(client.grant_type));
    }
    let (token, seconds) = desk.token(&client.client_id, &client.client_secret)?;
    Ok(Json(json!({
        "access_token": token, "token_timeout": seconds.to_string(), "user_name": client.client_id, "token_type": "Bearer",
    })))
}

async fn connection(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(uuid): Path<String>,
) -> Answer<Json<Value>> {
    let port = desk.port(&account, &uuid)?;
    Ok(Json(show(&port, latest(&desk, &account, &uuid).as_ref())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    pagination: Page,
    sort: Vec<Sort>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    offset: usize,
    limit: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sort {
    property: String,
    direction: String,
}

async fn search(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Value>> {
    let Search { pagination, sort } = read("application/json", &headers, &body)?;
    let Page { offset, limit } = pagination;
    let by_uuid = |it: &Sort| (&*it.property, &*it.direction) == ("/uuid", "ASC");
    if !(1..=100).contains(&limit) || !sort.iter().all(by_uuid) {
        return Err(invalid(format!("a page of {limit}")));
    }
    let ports = desk.all_ports(&account);
    let shown = ports.iter().skip(offset).take(limit);
    let shown: Vec<_> = shown
        .map(|port| show(port, latest(&desk, &account, &port.id).as_ref()))
        .collect();
    let pagination = json!({ "offset": offset, "limit": limit, "total": ports.len() });
    Ok(Json(json!({ "pagination": pagination, "data": shown })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    #[serde(default, rename = "dryRun")]
    dry_run: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    op: String,
    path: String,
    value: u32,
}

async fn update(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(uuid): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<(StatusCode, Json<Value>)> {
    let operations: Vec<Operation> = read("application/json-patch+json", &headers, &body)?;
    let [
        Operation {
            op,
            path,
            value: mbps,
        },
    ] = &*operations
    else {
        return Err(invalid(format!("{} operations", operations.len())));
    };
    if (&**op, &**path) != ("replace", "/bandwidth") {
        return Err(invalid(format!("{op} {path}")));
    }
    desk.check(&account, &uuid, *mbps)?;
    check_lock_out(&desk, &account, &uuid)?;
    if options.dry_run {
        let mut dry = show(&desk.port(&account, &uuid)?, None);
        dry["change"] = json!({
            "type": "CONNECTION_UPDATE", "status": "APPROVED", "createdDateTime": time(desk.now()),
            "data": { "op": op, "path": path, "value": mbps },
        });
        return Ok((StatusCode::OK, Json(dry)));
    }
    // An order has no name here: each is told apart by its number.
    let order = desk.place(&Placement {
        call: ("PATCH", &format!("/fabric/v4/connections/{uuid}")),
        account: &account,
        port: &uuid,
        mbps: *mbps,
        reference: &desk.orders(&account).len().to_string(),
    })?;
    let port = desk.port(&account, &uuid)?;
    Ok((StatusCode::ACCEPTED, Json(show(&port, Some(&order)))))
}

/// One change in 24 hours. The document has no code for that.
fn check_lock_out(desk: &Desk, account: &str, uuid: &str) -> Answer<()> {
    let latest = latest(desk, account, uuid).filter(|order| order.status != Status::Rejected);
    match latest {
        Some(order) if desk.now() - order.created_at < TimeDelta::hours(24) => {
            let message = "the bandwidth can be changed once in 24 hours".to_owned();
            Err(No(StatusCode::BAD_REQUEST, "EQ-3142999", message))
        }
        _ => Ok(()),
    }
}

fn latest(desk: &Desk, account: &str, uuid: &str) -> Option<Order> {
    desk.orders(account).into_iter().rfind(|order| order.port == uuid)
}

fn show(port: &Port, latest: Option<&Order>) -> Value {
    let side = |kind: &str| json!({ "accessPoint": { "type": kind } });
    let underway = latest.is_some_and(|order| order.status == Status::Provisioning);
    let status = if underway { "PROVISIONING" } else { "PROVISIONED" };
    json!({
        "uuid": port.id, "type": "EVPL_VC", "name": "north", "bandwidth": port.mbps, "state": "ACTIVE",
        "operation": { "equinixStatus": status, "providerStatus": "PROVISIONED" },
        "change": latest.map_or_else(creation, change), "aSide": side("COLO"), "zSide": side("SP"),
    })
}

fn creation() -> Value {
    json!({
        "uuid": "made", "type": "CONNECTION_CREATION", "status": "COMPLETED", "createdDateTime": "2025-06-01T08:00:00Z",
    })
}

fn change(order: &Order) -> Value {
    let (status, updated_at) = match order.status {
        Status::Accepted => ("REQUESTED", order.created_at),
        Status::Provisioning => ("APPROVED", order.created_at),
        Status::Completed => ("COMPLETED", order.completed_at.unwrap()),
        Status::Rejected | Status::Cancelled => ("REJECTED", order.completed_at.unwrap()),
    };
    let mut change = json!({
        "uuid": order.id, "type": "CONNECTION_UPDATE", "status": status,
        "createdDateTime": time(order.created_at), "updatedDateTime": time(updated_at),
        "data": { "op": "replace", "path": "/bandwidth", "value": order.mbps },
    });
    if let Some(reason) = &order.reason {
        change["information"] = json!(reason.message);
    }
    change
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
