//! The HTTP face: paths, JSON and statuses. Nothing here decides anything; the rules are `state`'s.

mod carrier;
mod control;
pub(crate) mod desk;
mod extract;
pub(crate) mod gate;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{control::Control, refusal::Refusal, state::App};

/// The carrier API behind its gate.
pub(crate) fn carrier(app: Arc<App>) -> Router {
    let problem = |_, code: &str, message: &str| json!({ "code": code, "message": message });
    let gate = gate::Gate {
        app: Arc::clone(&app),
        problem,
    };
    carrier::router(app).layer(middleware::from_fn_with_state(gate, gate::pass))
}

/// The same carrier in other words, behind the same gate.
pub(crate) fn speaking(app: Arc<App>, words: &desk::Words) -> Router {
    app.lock().token_path = words.token_path;
    let gate = gate::Gate {
        app: Arc::clone(&app),
        problem: words.problem,
    };
    (words.routes)(desk::Desk(app)).layer(middleware::from_fn_with_state(gate, gate::pass))
}

/// The carrier API, and the control API beside it.
pub(crate) fn both(app: Arc<App>) -> Router {
    let control = control::router(Control::new(Arc::clone(&app)));
    carrier(app).nest("/control", control)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "code": self.code(), "message": self.to_string() });
        (status(&self), Json(body)).into_response()
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Unauthorized | Refusal::InvalidClient => StatusCode::UNAUTHORIZED,
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::BadRequest(_) | Refusal::UnsupportedGrantType(_) => StatusCode::BAD_REQUEST,
        Refusal::OrderInFlight { .. } | Refusal::TooLate { .. } | Refusal::Taken(_) => StatusCode::CONFLICT,
        Refusal::TooFast { .. }
        | Refusal::BadSpeed { .. }
        | Refusal::KeyReused { .. }
        | Refusal::BadFault(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn no_such_path() -> Refusal {
    Refusal::NotFound("path")
}

async fn no_such_method() -> Refusal {
    Refusal::MethodNotAllowed
}
