//! The one way out to other systems: every exchange with a carrier, token fetch and webhook. Knows no carriers and
//! no database; it is given a base URL, a request and a secret to inject, and says what is known of the other side.

/// Sends requests under the host's rules.
#[derive(Clone)]
pub struct Client {}
