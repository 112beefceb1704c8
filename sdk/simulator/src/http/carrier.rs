//! The carrier's own API. Each handler reads its request, asks the state once, and writes the answer.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{Form, Path, State, rejection::FormRejection},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    extract::{Asked, Body},
    gate::Caller,
    no_such_method, no_such_path,
};
use crate::{
    fault::Call,
    order::Order,
    port::Port,
    refusal::Refusal,
    state::{App, Placed, PortPage, TOKEN_PATH, Wanted},
};

type Answer<T> = Result<Json<T>, Refusal>;

/// The carrier API's paths, without its gate.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(TOKEN_PATH, post(token))
        .route("/v1/ping", get(ping))
        .route("/v1/ports", get(list_ports))
        .route("/v1/ports/{id}", get(port))
        .route("/v1/ports/{id}/check", post(check))
        .route("/v1/ports/{id}/orders", post(place))
        .route("/v1/orders", get(find_orders))
        .route("/v1/orders/{id}", get(order))
        .route("/v1/orders/{id}/cancel", post(cancel))
        .method_not_allowed_fallback(no_such_method)
        .fallback(no_such_path)
        .with_state(app)
}

#[derive(Deserialize)]
pub(super) struct Grant {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// RFC 6749, section 4.4, except that an id and secret in HTTP Basic are taken as they are.
pub(super) async fn token(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    grant: Result<Form<Grant>, FormRejection>,
) -> Result<Response, Refusal> {
    let Form(grant) = grant.map_err(|rejection| Refusal::BadRequest(rejection.body_text()))?;
    if grant.grant_type != "client_credentials" {
        return Err(Refusal::UnsupportedGrantType(grant.grant_type));
    }
    let credentials = basic(&headers).or(grant.client_id.zip(grant.client_secret));
    let (id, secret) = credentials.ok_or(Refusal::InvalidClient)?;
    let mut state = app.lock();
    let now = state.now();
    let issued = state.issue_token(now, &id, &secret)?;
    let body = json!({
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in_seconds,
    });
    Ok((Extension(Caller(issued.account)), Json(body)).into_response())
}

async fn ping(Extension(Caller(account)): Extension<Caller>) -> Json<Value> {
    Json(json!({ "account": account }))
}

#[derive(Deserialize)]
struct PageQuery {
    #[serde(default)]
    cursor: String,
}

async fn list_ports(
    State(app): State<Arc<App>>,
    Extension(Caller(account)): Extension<Caller>,
    Asked(PageQuery { cursor }): Asked<PageQuery>,
) -> Json<PortPage> {
    let state = app.lock();
    Json(state.list_ports(state.now(), &account, &cursor))
}

async fn port(
    State(app): State<Arc<App>>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<Port> {
    let state = app.lock();
    state.port(state.now(), &account, &id).map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    mbps: u32,
}

async fn check(
    State(app): State<Arc<App>>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
    Body(Check { mbps }): Body<Check>,
) -> Answer<Value> {
    let state = app.lock();
    match state.check(state.now(), &account, &id, mbps) {
        Ok(()) => Ok(Json(json!({ "feasible": true, "code": null, "message": null }))),
        Err(refusal @ Refusal::NotFound(_)) => Err(refusal),
        Err(refusal) => {
            let (code, message) = (refusal.code(), refusal.to_string());
            Ok(Json(
                json!({ "feasible": false, "code": code, "message": message }),
            ))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Placement {
    mbps: u32,
    reference: String,
}

async fn place(
    State(app): State<Arc<App>>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    Body(Placement { mbps, reference }): Body<Placement>,
) -> Result<(StatusCode, Json<Order>), Refusal> {
    let key = headers.get("idempotency-key").map(|key| key.to_str());
    let idempotency_key = key
        .transpose()
        .map_err(|_| Refusal::BadRequest("the idempotency key is not ASCII".into()))?;
    let wanted = Wanted {
        account: &account,
        port: &id,
        mbps,
        reference: &reference,
        idempotency_key,
    };
    let call = Call {
        method: method.as_str(),
        path: uri.path(),
    };
    let mut state = app.lock();
    let now = state.now();
    Ok(match state.place(now, call, &wanted)? {
        Placed::Now(order) => (StatusCode::ACCEPTED, Json(order)),
        Placed::Before(order) => (StatusCode::OK, Json(order)),
    })
}

#[derive(Deserialize)]
struct ReferenceQuery {
    reference: String,
}

async fn find_orders(
    State(app): State<Arc<App>>,
    Extension(Caller(account)): Extension<Caller>,
    Asked(ReferenceQuery { reference }): Asked<ReferenceQuery>,
) -> Json<Value> {
    let state = app.lock();
    Json(json!({ "orders": state.orders_by_reference(state.now(), &account, &reference) }))
}

async fn order(
    State(app): State<Arc<App>>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<Order> {
    let state = app.lock();
    state.order(state.now(), &account, &id).map(Json)
}

async fn cancel(
    State(app): State<Arc<App>>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<Order> {
    let mut state = app.lock();
    let now = state.now();
    state.cancel(now, &account, &id).map(Json)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
