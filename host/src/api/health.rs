//! Whether the host is alive and can serve.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Api, problem::Problem};
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(livez))
        .routes(routes!(readyz))
}

/// The process is alive
#[utoipa::path(get, path = "/livez", tag = "health", security(()), responses((status = 200)))]
async fn livez() -> &'static str {
    "alive"
}

/// The host can serve: its database answers
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses((status = 200), (status = 503, body = Problem)))]
async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    match app.db.ready().await {
        true => Ok("ready"),
        false => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_ready",
            "the database does not answer",
        )),
    }
}
