//! A destination's base URL, and targets below it. A target is what an adapter wrote, so it is taken apart before it is
//! joined: nothing in it may lead to another host or above the base's path.

use std::net::IpAddr;

use reqwest::Url;

use super::address::{Loopback, admits};

/// The longest base URL, in bytes.
pub const BASE_URL_BYTES: usize = 2048;
/// The longest target, in bytes.
pub const TARGET_BYTES: usize = 8 * 1024;

/// A base URL that keeps the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base(Url);

/// Why a base URL or a target is not used. Shown to whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum BadUrl {
    #[error("the base url is not a url")]
    NotUrl,
    #[error("the base url is longer than {BASE_URL_BYTES} bytes")]
    LongBase,
    #[error("the base url begins neither with https:// nor, for this machine in development, with http://")]
    Scheme,
    #[error("the base url has a user, a query or a fragment")]
    Parts,
    #[error("the base url's address is not public")]
    Address,
    #[error("the target is longer than {TARGET_BYTES} bytes")]
    LongTarget,
    #[error("the target is not a path below the base url: it begins with a single /")]
    NotPath,
    #[error("the target has a character that is not allowed in a url")]
    Character,
    #[error("the target climbs out of the base url's path")]
    Climbs,
}

impl Base {
    /// Reads a base URL: `https://host[:port][/path]`, or `http://` for loopback where that is admitted.
    pub(super) fn parse(text: &str, loopback: Loopback) -> Result<Self, BadUrl> {
        if text.len() > BASE_URL_BYTES {
            return Err(BadUrl::LongBase);
        }
        let url = Url::parse(text).map_err(|_| BadUrl::NotUrl)?;
        let host = url.host_str().ok_or(BadUrl::NotUrl)?;
        let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if here && loopback == Loopback::Admitted => {}
            _ => return Err(BadUrl::Scheme),
        }
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || url.query().is_some() || url.fragment().is_some() {
            return Err(BadUrl::Parts);
        }
        if address.is_some_and(|address| !admits(loopback, address)) {
            return Err(BadUrl::Address);
        }
        Ok(Self(url))
    }

    /// The one way to write this base URL, without a slash at its end.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The URL of a target: empty, a query, or a path with or without one.
    pub(super) fn join(&self, target: &str) -> Result<Url, BadUrl> {
        check_target(target)?;
        let url = Url::parse(&format!("{}{target}", self.as_str())).map_err(|_| BadUrl::NotUrl)?;
        let below = url.path().starts_with(self.0.path().trim_end_matches('/'));
        if url.origin() != self.0.origin() || !below {
            return Err(BadUrl::Climbs);
        }
        Ok(url)
    }
}

fn check_target(target: &str) -> Result<(), BadUrl> {
    if target.len() > TARGET_BYTES {
        return Err(BadUrl::LongTarget);
    }
    if !(target.is_empty() || target.starts_with(['/', '?'])) || target.starts_with("//") {
        return Err(BadUrl::NotPath);
    }
    let allowed = |byte: u8| byte.is_ascii_graphic() && !br##""#<>\^`{|}"##.contains(&byte);
    if !target.bytes().all(allowed) {
        return Err(BadUrl::Character);
    }
    let path = target.split('?').next().unwrap_or_default();
    if is_climbing(path) {
        return Err(BadUrl::Climbs);
    }
    Ok(())
}

/// Whether any server could read a `.` or `..` segment in the path: dots, slashes and percent signs can be escaped, and
/// some servers undo that more than once.
fn is_climbing(path: &str) -> bool {
    let mut path = path.to_ascii_lowercase();
    loop {
        // Some servers cut a segment's parameters off (`..;a=b`) before they look at it.
        let mut segments = path.split(['/', '\\']);
        if segments.any(|segment| matches!(segment.split(';').next(), Some("." | ".."))) {
            return true;
        }
        let undone = path
            .replace("%2e", ".")
            .replace("%2f", "/")
            .replace("%5c", "\\")
            .replace("%3b", ";")
            .replace("%25", "%");
        if undone == path {
            return false;
        }
        path = undone;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<Base, BadUrl> {
        Base::parse(text, Loopback::Refused)
    }

    fn join(target: &str) -> Result<String, BadUrl> {
        base("https://api.example.com/v1/")
            .unwrap()
            .join(target)
            .map(Into::into)
    }

    #[test]
    fn a_target_is_joined_below_the_base_path() {
        assert_eq!(
            join("/ports?all=yes").unwrap(),
            "https://api.example.com/v1/ports?all=yes"
        );
        assert_eq!(join("").unwrap(), "https://api.example.com/v1");
        assert_eq!(join("?a=../..").unwrap(), "https://api.example.com/v1?a=../..");
        assert_eq!(
            join("/a%2Fb/...").unwrap(),
            "https://api.example.com/v1/a%2Fb/..."
        );
    }

    #[test]
    fn a_target_cannot_climb_out_however_it_is_escaped() {
        let climbing = [
            "/..",
            "/../x",
            "/a/../../x",
            "/./x",
            "/%2e%2e/x",
            "/%2E./x",
            "/a/..%2f..%2fx",
            "/a%2f..",
            "/..%5cx",
            "/%252e%252e/x",
            "/a%252f..%252fx",
            "/..;/x",
            "/a/..;b=c/..%3b/x",
        ];
        for target in climbing {
            assert_eq!(join(target), Err(BadUrl::Climbs), "{target}");
        }
    }

    #[test]
    fn a_target_cannot_name_another_host() {
        for target in [
            "//evil.example/x",
            "https://evil.example/",
            "@evil.example",
            ".evil.example",
            ":8080/x",
            "x",
        ] {
            assert_eq!(join(target), Err(BadUrl::NotPath), "{target}");
        }
    }

    #[test]
    fn a_target_has_only_characters_of_urls() {
        for target in [
            "/a b",
            "/a\r\nX: y",
            "/a\tb",
            "/\\evil.example",
            "/a#b",
            "/ü",
            "/a\0",
        ] {
            assert_eq!(join(target), Err(BadUrl::Character), "{target:?}");
        }
        assert_eq!(
            join(&format!("/{}", "a".repeat(TARGET_BYTES))),
            Err(BadUrl::LongTarget)
        );
    }

    #[test]
    fn a_base_url_is_https_without_user_query_or_fragment() {
        assert_eq!(
            base("https://api.example.com/v1/").unwrap().as_str(),
            "https://api.example.com/v1"
        );
        for text in [
            "http://api.example.com",
            "ftp://api.example.com",
            "file:///etc/passwd",
            "http://127.0.0.1",
        ] {
            assert!(
                matches!(base(text), Err(BadUrl::Scheme | BadUrl::NotUrl)),
                "{text}"
            );
        }
        for text in [
            "https://user@a.example",
            "https://:pw@a.example",
            "https://a.example/?q",
            "https://a.example/#f",
        ] {
            assert_eq!(base(text), Err(BadUrl::Parts), "{text}");
        }
        assert_eq!(base("nonsense"), Err(BadUrl::NotUrl));
    }

    #[test]
    fn an_address_in_a_base_url_is_judged_in_every_spelling() {
        let inside = [
            "https://10.0.0.1",
            "https://0x7f.1",
            "https://2130706433",
            "https://0177.0.0.1",
            "https://[::1]",
            "https://[::ffff:10.0.0.1]",
            "https://169.254.169.254",
            "https://127.1:8443/x",
        ];
        for text in inside {
            assert_eq!(base(text), Err(BadUrl::Address), "{text}");
        }
        assert!(base("https://1.1.1.1").is_ok());
    }

    #[test]
    fn development_admits_plain_http_to_this_machine_alone() {
        let development = |text| Base::parse(text, Loopback::Admitted);
        for text in [
            "http://127.0.0.1:8080",
            "http://localhost:1",
            "http://[::1]/x",
            "https://127.0.0.1",
        ] {
            assert!(development(text).is_ok(), "{text}");
        }
        assert_eq!(development("http://api.example.com"), Err(BadUrl::Scheme));
        assert_eq!(development("http://10.0.0.1"), Err(BadUrl::Scheme));
        assert_eq!(development("https://10.0.0.1"), Err(BadUrl::Address));
    }
}
