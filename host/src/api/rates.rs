//! How many requests a tenant has left, on every answer to a known caller: `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10). How long to wait where there are none left is the refusal's own.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, request::Parts},
    middleware::Next,
    response::Response,
};
use chrono::TimeDelta;

use crate::{
    app::App,
    fault::{Fault, Result},
    identity::HouseCaller,
    limits::{Quota, Spent},
};

/// Where the extractor leaves what the answer is to tell: extensions of a request do not reach its answer.
#[derive(Clone, Default)]
struct Told(Arc<OnceLock<Spent>>);

/// Adds the headers to whatever is answered.
pub(super) async fn headers(mut request: Request, next: Next) -> Response {
    let told = Told::default();
    request.extensions_mut().insert(told.clone());
    let mut response = next.run(request).await;
    if let Some(Spent::Admitted(quota) | Spent::Refused(quota)) = told.0.get() {
        add(response.headers_mut(), quota);
    }
    response
}

/// Spends one request of the caller's tenant.
pub(super) async fn spend(app: &App, caller: &HouseCaller, parts: &Parts) -> Result<()> {
    let spent = app.rates.spend(app, caller).await?;
    if let Some(told) = parts.extensions.get::<Told>() {
        told.0.set(spent).ok();
    }
    match spent {
        Spent::Admitted(_) => Ok(()),
        Spent::Refused(quota) => Err(Fault::throttled(
            "rate_limited",
            format!("the limit is {} requests a minute", quota.limit),
            TimeDelta::seconds(quota.resets_in_s.cast_signed()),
        )),
    }
}

fn add(headers: &mut HeaderMap, quota: &Quota) {
    let policy = format!("\"minute\";q={};w=60", quota.limit);
    let left = format!("\"minute\";r={};t={}", quota.remaining, quota.resets_in_s);
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
        let value = HeaderValue::try_from(value).expect("digits and signs are a header's");
        headers.insert(name, value);
    }
}
