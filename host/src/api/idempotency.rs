//! `Idempotency-Key`: the same key with the same request gives the stored answer instead of doing the work again.
//! The key is held by an advisory lock while the work runs, so a crash leaves nothing behind that blocks a retry.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts as _, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use tracing::Instrument as _;

use super::{Api, MAX_HEAVY_UPLOAD_BYTES, problem::Problem};
use crate::{
    fault::Fault,
    identity::{
        Caller,
        answers::{self, Asked, Stored},
    },
    vault::Vault,
};

const HEADER: &str = "idempotency-key";
const MAX_KEY_BYTES: usize = 128;

/// Runs a POST once per key and caller; other requests pass.
pub(super) async fn replay(State(api): State<Api>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    // A client that goes away takes its own request's future with it, perhaps between the work and the keeping of its
    // answer; a retry would then do the work again. As a task of its own the two belong together.
    let work = async move { once(&api, request, next).await };
    match tokio::spawn(work.in_current_span()).await {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => problem.into_response(),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(ended) => Fault::broken(ended).into_response(),
        },
    }
}

async fn once(api: &Api, request: Request, next: Next) -> Result<Response, Problem> {
    let key = key(&request)?;
    let (mut parts, body) = request.into_parts();
    let Ok(caller) = Caller::from_request_parts(&mut parts, api).await else {
        // Without a caller there is nobody to keep an answer for; the handler says what is wrong.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let body = to_bytes(body, MAX_HEAVY_UPLOAD_BYTES).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "the body is larger than anything served here",
        )
    })?;
    let asked = Asked {
        key,
        fingerprint: fingerprint(&api.app.vault, &parts.method, &parts.uri, &body),
    };
    let held = match answers::find(&api.app, &caller, &asked).await? {
        answers::Found::Answer(stored) => return Ok(response(stored)),
        answers::Found::Nothing(held) => held,
    };
    // What is kept is one whole answer, so nobody is told anything before its end.
    parts.headers.remove(header::ACCEPT);
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Problem::from(Fault::broken(error.to_string())))?;
    if parts.status.is_success() {
        let content_type = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let stored = Stored {
            status: parts.status.as_u16(),
            content_type: content_type.unwrap_or("application/json").to_owned(),
            body: without_secrets(&body),
        };
        held.keep(&asked, &stored).await?;
    } else {
        held.let_go().await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn key(request: &Request) -> Result<String, Problem> {
    let key = request.headers()[HEADER].to_str().unwrap_or_default();
    if key.is_empty() || key.len() > MAX_KEY_BYTES || !key.bytes().all(|b| b.is_ascii_graphic()) {
        let rule = format!("an idempotency key has 1 to {MAX_KEY_BYTES} visible ASCII characters");
        return Err(Problem::malformed("idempotency_key_invalid", rule));
    }
    Ok(key.to_owned())
}

/// Keyed, since a body can hold a password, and what is kept must not let anybody try which.
fn fingerprint(vault: &Vault, method: &Method, uri: &axum::http::Uri, body: &Bytes) -> Vec<u8> {
    let parts: [&[u8]; 4] = [
        method.as_str().as_bytes(),
        uri.path().as_bytes(),
        uri.query().unwrap_or("").as_bytes(),
        body,
    ];
    vault.keyed_hash("idempotency", &parts).to_vec()
}

/// What is shown once is not shown again: the fields that carry secrets are replaced in the stored copy.
fn without_secrets(body: &Bytes) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return body.to_vec();
    };
    let Some(fields) = value.as_object_mut() else {
        return body.to_vec();
    };
    for name in ["secret", "token", "url", "recovery_codes"] {
        if let Some(secret) = fields.get_mut(name) {
            *secret = serde_json::Value::Null;
        }
    }
    value.to_string().into_bytes()
}

fn response(stored: Stored) -> Response {
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let content_type =
        HeaderValue::from_str(&stored.content_type).unwrap_or(HeaderValue::from_static("application/json"));
    let replayed = (
        header::HeaderName::from_static("idempotency-replayed"),
        HeaderValue::from_static("true"),
    );
    (
        status,
        [(header::CONTENT_TYPE, content_type), replayed],
        stored.body,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::MasterKey;

    #[test]
    fn a_stored_answer_has_no_secret() {
        let codes = Bytes::from_static(br#"{"recovery_codes":["01234-56789"],"url":"otpauth:"}"#);
        assert_eq!(without_secrets(&codes), br#"{"recovery_codes":null,"url":null}"#);
        let kept = without_secrets(&Bytes::from_static(br#"{"id":"1","secret":"key_abc"}"#));
        assert_eq!(kept, br#"{"id":"1","secret":null}"#);
    }

    #[test]
    fn another_body_is_another_request() {
        let uri = axum::http::Uri::from_static("/v1/customers");
        let vault = |key| Vault::new(MasterKey::new([key; 32]));
        let print = |key, body| fingerprint(&vault(key), &Method::POST, &uri, &Bytes::from_static(body));
        assert_eq!(print(1, b"a"), print(1, b"a"));
        assert_ne!(print(1, b"a"), print(1, b"b"));
        assert_ne!(
            print(1, b"a"),
            print(2, b"a"),
            "nobody without the key can compare"
        );
    }
}
