//! Bodies are read whole before anybody finds out who is asking: what a caller may do is then decided when the work begins,
//! and not when a sender who takes hours began to send.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Api, MAX_BODY_BYTES, MAX_HEAVY_UPLOAD_BYTES, MAX_UPLOAD_BYTES, auth, problem::Problem};
use crate::identity::entrance;

/// What a body may be.
struct Limit {
    what: &'static str,
    bytes: usize,
    /// From its first byte to its last.
    within: Duration,
}

const BODY: Limit = Limit {
    what: "a body",
    bytes: MAX_BODY_BYTES,
    within: Duration::from_secs(30),
};
const UPLOAD: Limit = Limit {
    what: "a component",
    bytes: MAX_UPLOAD_BYTES,
    within: Duration::from_secs(300),
};
const HEAVY_UPLOAD: Limit = Limit {
    what: "a component of the class heavy",
    bytes: MAX_HEAVY_UPLOAD_BYTES,
    ..UPLOAD
};

/// Reads the body within its limits of size and time.
pub(super) async fn whole(State(api): State<Api>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let limit = match limit(&api, &parts).await {
        Ok(limit) => limit,
        Err(problem) => return problem.into_response(),
    };
    match tokio::time::timeout(limit.within, to_bytes(body, limit.bytes)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(_)) => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("{} can have at most {} bytes", limit.what, limit.bytes),
        )
        .into_response(),
        Err(_) => Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            format!(
                "{} must come whole within {} seconds",
                limit.what,
                limit.within.as_secs()
            ),
        )
        .into_response(),
    }
}

/// How large the body may be: an upload's only for somebody who is known.
async fn limit(api: &Api, parts: &Parts) -> Result<Limit, Problem> {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/wasm") {
        return Ok(BODY);
    }
    entrance::authenticate(&api.app, auth::bearer(&parts.headers)?).await?;
    let heavy = parts
        .uri
        .query()
        .is_some_and(|query| query.split('&').any(|given| given == "class=heavy"));
    Ok(if heavy { HEAVY_UPLOAD } else { UPLOAD })
}
