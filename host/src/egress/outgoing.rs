//! What goes out and what is known of it afterwards.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::request::{is_hosts_own, visible};
use crate::ids::TenantId;

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
    /// Who keeps its breaker.
    pub breaker: LaneBreaker,
}

/// Who keeps a lane's breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaneBreaker {
    /// This host, for itself.
    Here,
    /// Whoever sends, for all hosts.
    Elsewhere,
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
    /// One document that is published for everybody.
    pub const DOCUMENT: Self = Self {
        response_bytes: 128 * 1024,
        ..Self::TOKEN
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
    /// It was not sent, since this host holds it back: nothing was learned of the other side.
    Held(String),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_cannot_take_the_place_of_the_messages_framing() {
        assert!(Injection::header("X-Api-Key", "secret").is_some());
        assert!(Injection::header("Authorization", "Token secret").is_some());
        assert!(Injection::header("Host", "secret").is_none());
        assert!(Injection::header("Content-Length", "5").is_none());
        assert!(Injection::bearer("a\r\nb").is_none());
    }
}
