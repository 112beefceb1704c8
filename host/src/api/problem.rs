//! Problems as RFC 9457 describes them. `code` is stable; nothing in the body varies with the request that a stranger
//! could learn from, so somebody else's thing answers byte for byte like one that does not exist.

use std::any::Any;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::{Fault, Refusal, RefusalKind};

/// Why a request was not carried out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Names the sort of problem: `urn:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:problem:not_found")]
    kind: String,
    /// The HTTP status.
    status: u16,
    /// Stable, for programs.
    #[schema(example = "not_found")]
    code: String,
    /// For people: names the thing and its limit.
    detail: String,
    /// The first time for which the same could be asked, where it was asked for one that cannot be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_possible_at: Option<DateTime<Utc>>,
    /// Told in the header Retry-After.
    #[serde(skip)]
    #[schema(ignore)]
    wait_s: Option<u64>,
}

impl Problem {
    /// Whether nobody known is asking.
    pub(super) fn is_unauthenticated(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED.as_u16()
    }

    /// A problem with the given status, code and text.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:problem:{code}"),
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
            next_possible_at: None,
            wait_s: None,
        }
    }

    /// A refusal of what was sent.
    pub fn malformed(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(Refusal {
                kind,
                code,
                message,
                wait,
                possible_at,
            }) => Self {
                next_possible_at: possible_at,
                wait_s: wait.map(|wait| (wait.num_milliseconds().max(0) as u64).div_ceil(1000)),
                ..Self::new(status(kind), code, message)
            },
            Fault::Denied(permission) => Self::new(
                StatusCode::FORBIDDEN,
                "permission_missing",
                format!("the permission {} is missing", permission.name()),
            ),
            Fault::Missing => Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing"),
            Fault::Broken(error) => {
                tracing::error!(error = format!("{error:#}"), "broken");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "broken",
                    "something broke on our side",
                )
            }
        }
    }
}

fn status(kind: RefusalKind) -> StatusCode {
    match kind {
        RefusalKind::Malformed => StatusCode::BAD_REQUEST,
        RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::Conflict => StatusCode::CONFLICT,
        RefusalKind::Stale => StatusCode::PRECONDITION_FAILED,
        RefusalKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        RefusalKind::Forbidden => StatusCode::FORBIDDEN,
        RefusalKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        RefusalKind::Misdirected => StatusCode::MISDIRECTED_REQUEST,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).expect("problems are made from a status");
        let wait_s = self.wait_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait_s) = wait_s {
            headers.insert(header::RETRY_AFTER, wait_s.into());
        }
        response
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

pub(super) async fn no_such_path() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no_such_path",
        "nothing is served at this path",
    )
}

pub(super) async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "no_such_method",
        "this path does not serve this method",
    )
}

pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    Fault::broken(format!("a handler panicked: {}", text.unwrap_or("no message"))).into_response()
}
