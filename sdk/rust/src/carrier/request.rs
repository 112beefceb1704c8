//! Building requests. Nothing is sent here, and no secret is ever in one: the host injects the credential that it names.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Header, Request};

impl Request {
    /// A `GET` of a path and query, such as `/ports/7`, relative to the destination's base URL.
    pub fn get(destination: &str, target: impl Into<String>) -> Self {
        Self::new("GET", destination, target.into(), true)
    }

    /// A `PUT`, repeatable by its definition (RFC 9110, 9.2.2).
    pub fn put(destination: &str, target: impl Into<String>) -> Self {
        Self::new("PUT", destination, target.into(), true)
    }

    /// A `DELETE`, repeatable by its definition (RFC 9110, 9.2.2).
    pub fn delete(destination: &str, target: impl Into<String>) -> Self {
        Self::new("DELETE", destination, target.into(), true)
    }

    /// A `POST`, not repeatable unless [said so](Self::repeatable).
    pub fn post(destination: &str, target: impl Into<String>) -> Self {
        Self::new("POST", destination, target.into(), false)
    }

    /// A `PATCH`, not repeatable unless [said so](Self::repeatable).
    pub fn patch(destination: &str, target: impl Into<String>) -> Self {
        Self::new("PATCH", destination, target.into(), false)
    }

    /// Adds a query parameter, encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.target
            .push(if self.target.contains('?') { '&' } else { '?' });
        self.target.push_str(&encode(name));
        self.target.push('=');
        self.target.push_str(&encode(value));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(Header {
            name: name.to_owned(),
            value: value.into(),
        });
        self
    }

    /// Names the credential that the host is to inject.
    #[must_use]
    pub fn credential(mut self, handle: &str) -> Self {
        self.credential = Some(handle.to_owned());
        self
    }

    /// Sends this as JSON.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(body).expect("a body is made of types that have a JSON form");
        self.header("content-type", "application/json")
    }

    /// States that sending it twice has the effect of sending it once.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    fn new(method: &str, destination: &str, target: String, repeatable: bool) -> Self {
        Self {
            method: method.to_owned(),
            destination: destination.to_owned(),
            target,
            headers: Vec::new(),
            body: Vec::new(),
            credential: None,
            repeatable,
        }
    }
}

/// Percent-encodes a value so that it is one path segment or one query value (RFC 3986, 2.3).
pub fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_place_in_the_target() {
        let request = Request::get("api", format!("/ports/{}", encode("../a?b")))
            .query("cursor", "x&y=ü")
            .query("n", "1");
        assert_eq!(request.target, "/ports/..%2Fa%3Fb?cursor=x%26y%3D%C3%BC&n=1");
    }

    #[test]
    fn only_methods_that_are_idempotent_by_definition_are_repeatable_unasked() {
        assert!(Request::get("api", "/").repeatable && Request::put("api", "/").repeatable);
        assert!(Request::delete("api", "/").repeatable);
        assert!(!Request::post("api", "/").repeatable && !Request::patch("api", "/").repeatable);
        assert!(Request::post("api", "/").repeatable().repeatable);
    }
}
