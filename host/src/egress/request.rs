//! What a request may look like. Methods, headers and bodies are what an adapter wrote, so everything that says who
//! asks, where the message ends or how it is carried stays the host's.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Outgoing, base::BadUrl, scrub};

/// The most headers of a request.
pub const HEADERS: usize = 64;

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

/// Headers that say who asks, what is asked, where the message ends or how it is carried. Compression is among them because what is
/// compressed cannot be scrubbed.
pub(super) fn is_hosts_own(name: &HeaderName) -> bool {
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
            | "x-http-method"
            | "x-http-method-override"
            | "x-method-override"
            | "x-original-url"
            | "x-rewrite-url"
    ) || ["proxy-", "x-forwarded-"]
        .iter()
        .any(|start| name.as_str().starts_with(start))
}

pub(super) fn visible(value: &str) -> Option<HeaderValue> {
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
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-Method-Override",
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
}
