//! The versions of the interface that are served at once, each a folder of `wit`. A component is bound as the version that
//! its exports name; what is called behind it is the same for all.

use crate::world::World;

/// A version of the interface package. Component types match exactly, so that each has bindings of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `wit/v0`
    V0,
}

impl Version {
    /// Every version that is served.
    pub(crate) const ALL: [Self; 1] = [Self::V0];

    /// As it stands in the names of exports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V0 => World::VERSION,
        }
    }

    /// The version of that name, if it is served.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == name)
    }

    /// The names of all, for whoever has another one.
    pub(crate) fn served() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}
