//! What every carrier call passes: the token, the fault that strikes it, the ledger. Only here is an answer
//! withheld or replaced; the handlers behind it do their work as if nothing could go wrong.

use std::{sync::Arc, time::Duration};

use super::desk::Problem;
use crate::{
    fault::{Call, Kind},
    ledger,
    link::Link,
    refusal::Refusal,
    state::{Admitted, App},
};
use axum::{
    Json,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Whose call it is: put on the request for handlers, and on a token request's response for the ledger.
#[derive(Debug, Clone)]
pub struct Caller(pub String);

/// The carrier, and its words where the gate itself answers.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) app: Arc<App>,
    pub(super) problem: Problem,
}

/// Lets a carrier call through to its handler, or does to it what a fault demands, and writes it down.
pub(super) async fn pass(
    State(gate): State<Gate>,
    ConnectInfo(link): ConnectInfo<Link>,
    mut request: Request,
    next: Next,
) -> Response {
    let app = &gate.app;
    let mut entry = arrival(app, &request);
    let admitted = admit(app, &request);
    let (response, fault) = match admitted {
        Err(_) => (gate.unauthorized(), None),
        Ok(Admitted { account, fault }) => {
            if let Some(account) = account {
                entry.account = Some(account.clone());
                request.extensions_mut().insert(Caller(account));
            }
            (gate.answer(fault.as_ref(), request, next).await, fault)
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

impl Gate {
    async fn answer(&self, fault: Option<&Kind>, request: Request, next: Next) -> Response {
        match fault {
            Some(Kind::Throttle { retry_after_seconds }) => {
                let headers = [(header::RETRY_AFTER, retry_after_seconds.to_string())];
                let status = StatusCode::TOO_MANY_REQUESTS;
                (
                    headers,
                    self.problem(status, "throttled", "too many calls for now"),
                )
                    .into_response()
            }
            Some(Kind::Error { status }) => {
                let status =
                    StatusCode::from_u16(*status).expect("a fault's status was checked when it was added");
                self.problem(status, "error", "the carrier has a fault")
            }
            Some(Kind::TokenRevoked) => {
                if let Some(token) = bearer(request.headers()) {
                    self.app.lock().revoke_token(token);
                }
                self.unauthorized()
            }
            // What the client is to miss is never sent, whatever it is.
            Some(Kind::LostRequest) => ().into_response(),
            Some(Kind::Slow { .. } | Kind::LostReply | Kind::Reject { .. } | Kind::DuplicateNotification)
            | None => next.run(request).await,
        }
    }

    fn unauthorized(&self) -> Response {
        let refusal = Refusal::Unauthorized;
        self.problem(StatusCode::UNAUTHORIZED, refusal.code(), &refusal.to_string())
    }

    fn problem(&self, status: StatusCode, code: &str, message: &str) -> Response {
        (status, Json((self.problem)(status, code, message))).into_response()
    }
}
