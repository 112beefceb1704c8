//! What a release asks for beyond computing: destinations, credentials, WASI imports. A person approves them for one
//! release at a time; the host holds the release to them at every call.

use crate::fault::{Fault, Result};

/// Kinds of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CapabilityKind {
    /// Requests go to it.
    Destination,
    /// The host injects it into requests.
    Credential,
    /// An inert part of WASI.
    Import,
}

impl CapabilityKind {
    const ALL: [Self; 3] = [Self::Destination, Self::Credential, Self::Import];

    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Credential => "credential",
            Self::Import => "import",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Fault::broken(format!("{name} is no kind of capability")))
    }
}

/// Something a release may do beyond computing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capability {
    /// What kind.
    pub kind: CapabilityKind,
    /// The handle of a destination or a credential, or the name of an import.
    pub handle: String,
}

impl Capability {
    pub(in crate::plugins) fn new(kind: CapabilityKind, handle: impl Into<String>) -> Self {
        Self {
            kind,
            handle: handle.into(),
        }
    }
}
