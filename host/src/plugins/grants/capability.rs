//! What a release asks for beyond computing: destinations, credentials, WASI imports. A person approves them for one
//! release at a time, after seeing how they differ from what is active.

use std::collections::BTreeSet;

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

/// How what a release wants differs from what the plugin's active release was granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Wanted now, not granted to the active release.
    pub added: Vec<Capability>,
    /// Wanted now and granted to the active release.
    pub kept: Vec<Capability>,
    /// Granted to the active release, no longer wanted.
    pub removed: Vec<Capability>,
}

impl Difference {
    pub(in crate::plugins) fn between(active: BTreeSet<Capability>, wanted: BTreeSet<Capability>) -> Self {
        Self {
            added: wanted.difference(&active).cloned().collect(),
            kept: wanted.intersection(&active).cloned().collect(),
            removed: active.difference(&wanted).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_says_what_comes_stays_and_goes() {
        let of = |handles: &[&str]| {
            let capability = |handle: &&str| Capability::new(CapabilityKind::Destination, *handle);
            handles.iter().map(capability).collect::<Vec<_>>()
        };
        let set = |handles: &[&str]| of(handles).into_iter().collect::<BTreeSet<_>>();
        let difference = Difference::between(set(&["api", "old"]), set(&["api", "token"]));
        assert_eq!(
            difference,
            Difference {
                added: of(&["token"]),
                kept: of(&["api"]),
                removed: of(&["old"])
            }
        );
    }

    #[test]
    fn the_same_handle_of_another_kind_is_another_capability() {
        let one = BTreeSet::from([Capability::new(CapabilityKind::Destination, "api")]);
        let other = BTreeSet::from([Capability::new(CapabilityKind::Credential, "api")]);
        assert!(Difference::between(one, other).kept.is_empty());
    }
}
