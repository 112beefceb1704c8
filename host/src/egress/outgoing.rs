//! What goes out and what is known of it afterwards.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{base::BadUrl, scrub};
use crate::ids::TenantId;

/// The most headers of a request.
pub const HEADERS: usize = 64;

/// A request to send.
pub struct Outgoing<'a> {
    /// Whose breaker and rate limit it passes.
    pub lane: Lane,
    /// Where the destination is.
    pub base_url: &'a str,
    /// In capitals.
    pub method: &'a str,
    /// Path and query below the base URL.
    pub target: &'a str,
    /// Names and values as the adapter gave them.
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    pub body: Vec<u8>,
    /// The secret to inject, if any.
    pub secret: Option<Injection>,
    /// Other secrets to remove from what comes back.
    pub hidden: Vec<Secret>,
    /// What it may take.
    pub limits: Limits,
}

/// Text that is wiped from memory when dropped.
pub type Secret = Zeroizing<String>;

/// A carrier of a reseller, or whatever else has a breaker and a rate limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lane {
    /// Whose it is.
    pub reseller: TenantId,
    /// Which of theirs.
    pub id: Uuid,
}

/// What one request may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first look-up to the last byte of the answer.
    pub timeout: Duration,
    /// Target, headers and body of the request.
    pub request_bytes: usize,
    /// Headers and body of the answer.
    pub response_bytes: usize,
}

impl Limits {
    /// One exchange with a carrier.
    pub const EXCHANGE: Self = Self {
        timeout: Duration::from_secs(30),
        request_bytes: 256 * 1024,
        response_bytes: 256 * 1024,
    };
    /// One token.
    pub const TOKEN: Self = Self {
        timeout: Duration::from_secs(10),
        ..Self::EXCHANGE
    };
    /// One page of a carrier's list of ports.
    pub const LIST: Self = Self {
        response_bytes: 1024 * 1024,
        ..Self::EXCHANGE
    };
}

/// A secret header, put in last. Everything in it is removed from what comes back.
pub struct Injection {
    name: HeaderName,
    value: HeaderValue,
    secrets: Vec<Secret>,
}

impl Injection {
    /// `Authorization: Bearer` (RFC 6750). None where the token cannot stand in a header.
    pub fn bearer(token: &str) -> Option<Self> {
        let value = Zeroizing::new(format!("Bearer {token}"));
        Self::new(http::header::AUTHORIZATION, &value, [token])
    }

    /// `Authorization: Basic` (RFC 7617). The user is no secret, the pair is.
    pub fn basic(user: &str, password: &str) -> Option<Self> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let pair = Zeroizing::new(format!("{user}:{password}"));
        let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        Self::new(http::header::AUTHORIZATION, &value, [pair.as_str(), password])
    }

    /// A header of the carrier's own choice. None where the host sets that header itself, or where it cannot stand.
    pub fn header(name: &str, value: &str) -> Option<Self> {
        let name = HeaderName::try_from(name).ok()?;
        if is_hosts_own(&name) && name != http::header::AUTHORIZATION {
            return None;
        }
        Self::new(name, value, [value])
    }

    pub(super) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    pub(super) fn put(&self, headers: &mut HeaderMap) {
        headers.insert(self.name.clone(), self.value.clone());
    }

    fn new<const N: usize>(name: HeaderName, value: &str, secrets: [&str; N]) -> Option<Self> {
        let mut value = visible(value)?;
        value.set_sensitive(true);
        Some(Self {
            name,
            value,
            secrets: secrets.map(|secret| Zeroizing::new(secret.to_owned())).into(),
        })
    }
}

/// What is known of the other side after a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It answered, whatever the status.
    Answered(Answered),
    /// It may have been received; the text says what happened.
    Lost(String),
    /// It certainly was not received.
    NotSent {
        /// Whether trying later may help.
        temporary: bool,
        /// What happened.
        detail: String,
    },
}

/// An answer without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// Never compressed.
    pub body: Vec<u8>,
}

/// Why a request is not sent at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum BadRequest {
    #[error(transparent)]
    Url(#[from] BadUrl),
    #[error("the method is {0}, it can be GET, HEAD, POST, PUT, PATCH or DELETE")]
    Method(String),
    #[error("the request has {0} headers, it can have {HEADERS}")]
    Headers(usize),
    #[error("{0} is not the name of a header")]
    HeaderName(String),
    #[error("the header {0} is set by the host alone")]
    HostsOwn(HeaderName),
    #[error("the value of the header {0} has a character that is not allowed there")]
    HeaderValue(HeaderName),
    #[error("the request has {0} bytes, it can have {1}")]
    Size(usize, usize),
}

/// The method, if it is one that adapters may use.
pub(super) fn check_method(method: &str) -> Result<Method, BadRequest> {
    [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ]
    .into_iter()
    .find(|allowed| allowed.as_str() == method)
    .ok_or_else(|| BadRequest::Method(scrub::shown(method)))
}

/// The headers, if none of them is the host's own or breaks out of its line.
pub(super) fn check_headers(headers: &[(String, String)]) -> Result<HeaderMap, BadRequest> {
    if headers.len() > HEADERS {
        return Err(BadRequest::Headers(headers.len()));
    }
    let mut checked = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(|_| BadRequest::HeaderName(scrub::shown(name)))?;
        if is_hosts_own(&name) {
            return Err(BadRequest::HostsOwn(name));
        }
        let value = visible(value).ok_or_else(|| BadRequest::HeaderValue(name.clone()))?;
        checked.append(name, value);
    }
    Ok(checked)
}

/// Refuses a request that is larger than its limit.
pub(super) fn check_size(outgoing: &Outgoing<'_>) -> Result<(), BadRequest> {
    let headers: usize = outgoing
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let size = outgoing.target.len() + headers + outgoing.body.len();
    let limit = outgoing.limits.request_bytes;
    if size > limit {
        return Err(BadRequest::Size(size, limit));
    }
    Ok(())
}

/// Headers that say who asks, where the message ends or how it is carried. Compression is among them because what is
/// compressed cannot be scrubbed.
fn is_hosts_own(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept-encoding"
            | "authorization"
            | "connection"
            | "content-length"
            | "cookie"
            | "cookie2"
            | "expect"
            | "forwarded"
            | "host"
            | "http2-settings"
            | "keep-alive"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "via"
            | "x-http-method-override"
    ) || ["proxy-", "x-forwarded-"]
        .iter()
        .any(|start| name.as_str().starts_with(start))
}

fn visible(value: &str) -> Option<HeaderValue> {
    let allowed = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    value
        .bytes()
        .all(allowed)
        .then(|| HeaderValue::from_str(value).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> Result<HeaderMap, BadRequest> {
        check_headers(&[(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_hosts_own_headers_are_refused_in_any_case() {
        let own = [
            "Host",
            "AUTHORIZATION",
            "cookie",
            "Connection",
            "Transfer-Encoding",
            "Content-Length",
            "TE",
            "Upgrade",
            "Proxy-Authorization",
            "proxy-connection",
            "X-Forwarded-For",
            "Accept-Encoding",
            "Expect",
        ];
        for name in own {
            assert!(
                matches!(header(name, "x"), Err(BadRequest::HostsOwn(_))),
                "{name}"
            );
        }
        assert!(header("Idempotency-Key", "a-1").is_ok());
    }

    #[test]
    fn a_header_cannot_break_out_of_its_line() {
        for value in ["a\r\nHost: evil", "a\nb", "a\0", "ü", "a\tb"] {
            assert!(
                matches!(header("x-a", value), Err(BadRequest::HeaderValue(_))),
                "{value:?}"
            );
        }
        for name in ["", "x a", "x:a", "x\r\nhost", "ü"] {
            assert!(
                matches!(header(name, "x"), Err(BadRequest::HeaderName(_))),
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_repeated_header_keeps_every_value() {
        let twice = [
            ("x-a".to_owned(), "1".to_owned()),
            ("X-A".to_owned(), "2".to_owned()),
        ];
        assert_eq!(check_headers(&twice).unwrap().get_all("x-a").iter().count(), 2);
        let many = vec![("x-a".to_owned(), "1".to_owned()); HEADERS + 1];
        assert_eq!(check_headers(&many), Err(BadRequest::Headers(HEADERS + 1)));
    }

    #[test]
    fn only_plain_methods_are_sent() {
        assert_eq!(check_method("PATCH").unwrap(), Method::PATCH);
        for method in ["CONNECT", "TRACE", "get", "", "GET /x HTTP/1.1\r\n"] {
            assert!(check_method(method).is_err(), "{method:?}");
        }
    }

    #[test]
    fn a_credential_cannot_take_the_place_of_the_messages_framing() {
        assert!(Injection::header("X-Api-Key", "secret").is_some());
        assert!(Injection::header("Authorization", "Token secret").is_some());
        assert!(Injection::header("Host", "secret").is_none());
        assert!(Injection::header("Content-Length", "5").is_none());
        assert!(Injection::bearer("a\r\nb").is_none());
    }
}
