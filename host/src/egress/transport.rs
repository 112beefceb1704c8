//! One request on one connection, and what its failure says about the other side.

use std::{error::Error as _, time::Duration};

use http::{HeaderMap, HeaderValue, Method, header};
use reqwest::{Response, Url, redirect};

use super::{
    address::{Loopback, NotPublic, Resolver},
    outgoing::{Answered, Limits, Sent},
    scrub::Scrub,
};

/// The part of a request's time that connecting may take: look-up, TCP and TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that does one request and nothing else by itself.
///
/// Every request has a connection of its own: the other side may close a kept one just as it is used again, and then
/// nobody knows whether the request was read. For the same reason nothing is retried here.
pub(super) fn client(loopback: Loopback) -> reqwest::Client {
    // Fails when it was installed before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        reqwest::Client::builder()
            .dns_resolver(Resolver(loopback))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
    };
    builder().build().unwrap_or_else(|error| {
        tracing::warn!(%error, "the machine has no certificate authorities, so no https destination is trusted");
        builder()
            .tls_certs_only([])
            .build()
            .expect("a client that trusts nobody needs nothing of the machine")
    })
}

/// A request that keeps all rules.
pub(super) struct Ready {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) limits: Limits,
}

/// Sends the request and reads the answer whole.
pub(super) async fn exchange(client: &reqwest::Client, ready: Ready, scrub: &Scrub) -> Sent {
    let Ready {
        method,
        url,
        mut headers,
        body,
        limits,
    } = ready;
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static("nexusport"));
    let request = client
        .request(method, url)
        .headers(headers)
        .timeout(limits.timeout)
        .body(body);
    match request.send().await {
        Ok(response) => read(response, limits.response_bytes, scrub).await,
        Err(error) => unanswered(&error, scrub),
    }
}

async fn read(mut response: Response, limit: usize, scrub: &Scrub) -> Sent {
    let too_large = || Sent::Lost(format!("the answer is larger than {limit} bytes"));
    if is_compressed(response.headers()) {
        return Sent::Lost("the answer is compressed although that was not accepted".to_owned());
    }
    let status = response.status().as_u16();
    let headers = kept(response.headers(), scrub);
    let mut size: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                size += chunk.len();
                if size > limit {
                    return too_large();
                }
                body.extend_from_slice(&chunk);
            }
            Ok(None) if size > limit => return too_large(),
            Ok(None) => break,
            Err(error) => return Sent::Lost(scrub.text(format!("the answer broke off: {}", cause(&error)))),
        }
    }
    Sent::Answered(Answered {
        status,
        headers,
        body: scrub.bytes(body),
    })
}

/// Only what failed while connecting is certain: no byte of the request was written. Anything later may have been read.
fn unanswered(error: &reqwest::Error, scrub: &Scrub) -> Sent {
    if !error.is_connect() {
        return Sent::Lost(scrub.text(format!("no answer: {}", cause(error))));
    }
    Sent::NotSent {
        temporary: !is_not_public(error),
        detail: format!("no connection: {}", cause(error)),
    }
}

fn is_not_public(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.is::<NotPublic>())
}

/// The innermost cause: the outer ones name addresses.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    causes(error)
        .last()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&error| error.source())
}

/// What is compressed cannot be scrubbed.
fn is_compressed(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// What concerns the connection is the host's, and cookies are nobody's: they could never be given back.
fn kept(headers: &HeaderMap, scrub: &Scrub) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| {
            !matches!(
                name.as_str(),
                "connection"
                    | "content-encoding"
                    | "keep-alive"
                    | "set-cookie"
                    | "set-cookie2"
                    | "transfer-encoding"
            )
        })
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (scrub.text(name.as_str().to_owned()), scrub.text(value))
        })
        .collect()
}
