//! What every carrier call passes: the token, the fault that strikes it, the ledger. Only here is an answer
//! withheld or replaced; the handlers behind it do their work as if nothing could go wrong.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    fault::{Call, Kind},
    ledger,
    link::Link,
    refusal::Refusal,
    state::{Admitted, App},
};

/// Whose call it is: put on the request for handlers, and on a token request's response for the ledger.
#[derive(Debug, Clone)]
pub struct Caller(pub String);

/// Lets a carrier call through to its handler, or does to it what a fault demands, and writes it down.
pub(super) async fn pass(
    State(app): State<Arc<App>>,
    ConnectInfo(link): ConnectInfo<Link>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut entry = arrival(&app, &request);
    let admitted = admit(&app, &request);
    let (response, fault) = match admitted {
        Err(refusal) => (refusal.into_response(), None),
        Ok(Admitted { account, fault }) => {
            if let Some(account) = account {
                entry.account = Some(account.clone());
                request.extensions_mut().insert(Caller(account));
            }
            (answer(&app, fault.as_ref(), request, next).await, fault)
        }
    };
    if let Some(Caller(account)) = response.extensions().get() {
        entry.account = Some(account.clone());
    }
    let lost = matches!(fault, Some(Kind::LostReply | Kind::LostRequest));
    entry.status = (!lost).then(|| response.status().as_u16());
    entry.fault = fault.as_ref().map(|kind| kind.name().to_owned());
    app.lock().record(entry);
    app.changed.notify_one();
    if lost {
        link.cut();
    }
    if let Some(Kind::Slow { milliseconds }) = fault {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    response
}

/// The bearer token that a call brings, if it brings one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn arrival(app: &App, request: &Request) -> ledger::Request {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    ledger::Request {
        at: app.lock().now(),
        account: None,
        method: request.method().to_string(),
        path: path.to_owned(),
        status: None,
        fault: None,
    }
}

fn admit(app: &App, request: &Request) -> Result<Admitted, Refusal> {
    let call = Call {
        method: request.method().as_str(),
        path: request.uri().path(),
    };
    let mut state = app.lock();
    let now = state.now();
    state.admit(now, call, bearer(request.headers()))
}

async fn answer(app: &App, fault: Option<&Kind>, request: Request, next: Next) -> Response {
    match fault {
        Some(Kind::Throttle { retry_after_seconds }) => {
            let headers = [(header::RETRY_AFTER, retry_after_seconds.to_string())];
            let body = json!({ "code": "throttled", "message": "too many calls for now" });
            (StatusCode::TOO_MANY_REQUESTS, headers, Json(body)).into_response()
        }
        Some(Kind::Error { status }) => {
            let status =
                StatusCode::from_u16(*status).expect("a fault's status was checked when it was added");
            let body = json!({ "code": "error", "message": "the carrier has a fault" });
            (status, Json(body)).into_response()
        }
        Some(Kind::TokenRevoked) => {
            if let Some(token) = bearer(request.headers()) {
                app.lock().revoke_token(token);
            }
            Refusal::Unauthorized.into_response()
        }
        // What the client is to miss is never sent, whatever it is.
        Some(Kind::LostRequest) => ().into_response(),
        Some(Kind::Slow { .. } | Kind::LostReply | Kind::Reject { .. } | Kind::DuplicateNotification)
        | None => next.run(request).await,
    }
}
