//! A journey to a provider: what begins it, what is kept of it, and what ends it.

use zeroize::Zeroizing;

use crate::{app::Timestamp, ids::IdentityProviderId};

/// A journey to begin.
pub struct Start {
    /// Where to.
    pub provider: IdentityProviderId,
    /// The token of an invitation that is to be accepted by it.
    pub invitation: Option<String>,
    /// Where the provider sends the person back to: this provider's own place at the address that was asked.
    pub redirect_uri: String,
}

/// A journey that began.
pub struct Begun {
    /// Where to go.
    pub authorization_url: String,
    /// What the asker's browser keeps until it comes back, and shows nobody else.
    pub asker: Zeroizing<String>,
}

/// What somebody comes back with.
pub struct Answer {
    /// The provider at whose place it arrived.
    pub provider: IdentityProviderId,
    /// Which journey.
    pub state: String,
    /// Good for one exchange at the provider; none where the provider refused.
    pub code: Option<Zeroizing<String>>,
    /// Who says so, where the provider tells (RFC 9207).
    pub issuer: Option<String>,
    /// What the asker's browser kept.
    pub asker: Option<String>,
}

/// A journey to keep.
pub(in crate::identity) struct Journey {
    pub id: uuid::Uuid,
    pub provider: IdentityProviderId,
    pub state_hash: Vec<u8>,
    pub asker_hash: Vec<u8>,
    pub sealed: Vec<u8>,
    pub invitation_hash: Option<Vec<u8>>,
    pub redirect_uri: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What shows that somebody comes back from the journey they began.
pub(in crate::identity) struct Shown {
    pub provider: IdentityProviderId,
    pub state_hash: Vec<u8>,
    pub asker_hash: Vec<u8>,
}

/// A journey that was just ended.
pub(in crate::identity) struct Ended {
    pub id: uuid::Uuid,
    pub sealed: Vec<u8>,
    pub invitation_hash: Option<Vec<u8>>,
    pub redirect_uri: String,
}
