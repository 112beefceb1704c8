//! The control API: [`Control`] with JSON around it. It asks for no credential, since the simulator listens on
//! loopback only.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post, put},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{extract::Body, no_such_method, no_such_path};
use crate::{
    clock::millis,
    control::Control,
    fault::Fault,
    ledger::Ledger,
    refusal::Refusal,
    state::{Account, NewPort},
};

type Made<T> = Result<(StatusCode, Json<T>), Refusal>;

/// The control API's paths, below `/control`.
pub(super) fn router(control: Control) -> Router {
    Router::new()
        .route("/accounts", post(add_account))
        .route("/ports", post(add_port))
        .route("/ports/{id}/drift", post(drift))
        .route("/clock", put(set_clock))
        .route("/timing", put(set_timing))
        .route("/faults", post(add_fault))
        .route("/webhook", put(set_webhook))
        .route("/ledger", get(ledger))
        .method_not_allowed_fallback(no_such_method)
        .fallback(no_such_path)
        .with_state(control)
}

async fn add_account(State(control): State<Control>, Body(account): Body<Account>) -> Made<Account> {
    control.add_account(account.clone())?;
    Ok((StatusCode::CREATED, Json(account)))
}

async fn add_port(State(control): State<Control>, Body(port): Body<NewPort>) -> Made<NewPort> {
    control.add_port(port.clone())?;
    Ok((StatusCode::CREATED, Json(port)))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drift {
    mbps: u32,
}

async fn drift(
    State(control): State<Control>,
    Path(id): Path<String>,
    Body(drift): Body<Drift>,
) -> Result<Json<Drift>, Refusal> {
    control.drift(&id, drift.mbps)?;
    Ok(Json(drift))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    #[serde(with = "millis")]
    now: DateTime<Utc>,
}

async fn set_clock(State(control): State<Control>, Body(time): Body<Time>) -> Json<Time> {
    control.set_clock(time.now);
    Json(Time { now: control.now() })
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Timing {
    provision_seconds: u32,
}

async fn set_timing(State(control): State<Control>, Body(timing): Body<Timing>) -> Json<Timing> {
    control.set_provision_seconds(timing.provision_seconds);
    Json(timing)
}

async fn add_fault(State(control): State<Control>, Body(fault): Body<Fault>) -> Made<Fault> {
    control.fault(fault.clone())?;
    Ok((StatusCode::CREATED, Json(fault)))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhook {
    url: String,
}

async fn set_webhook(
    State(control): State<Control>,
    Body(webhook): Body<Webhook>,
) -> Result<Json<Webhook>, Refusal> {
    control.set_webhook(&webhook.url)?;
    Ok(Json(webhook))
}

async fn ledger(State(control): State<Control>) -> Json<Ledger> {
    Json(control.ledger())
}
