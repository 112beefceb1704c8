//! The three things a plugin can be, and how a component shows which.

use serde::{Deserialize, Serialize};

/// What calls run in: the engine's version and the interface's. A test holds the first against the lock file.
pub const BUILD: &str = "wasmtime 48.0.8, interface 0.1.0";

/// What a component exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Says what to ask of a network provider.
    Carrier,
    /// Prices verified bandwidth.
    Pricing,
    /// Dresses what a customer sees.
    Branding,
}

impl World {
    /// Every world.
    pub const ALL: [World; 3] = [World::Carrier, World::Pricing, World::Branding];
    /// The version of the interface package that this crate serves; component types match exactly.
    pub const VERSION: &str = "0.1.0";

    /// The word used in code, SQL and the API.
    pub fn name(self) -> &'static str {
        match self {
            World::Carrier => "carrier",
            World::Pricing => "pricing",
            World::Branding => "branding",
        }
    }

    /// The name under which a component exports its interface, without the version.
    pub fn interface(self) -> &'static str {
        match self {
            World::Carrier => "nexusport:plugin/carrier",
            World::Pricing => "nexusport:plugin/pricing",
            World::Branding => "nexusport:plugin/branding",
        }
    }
}

impl std::fmt::Display for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_is_the_one_that_is_linked() {
        let lock = include_str!("../../../Cargo.lock");
        let (_, after) = lock.split_once("name = \"wasmtime\"\nversion = \"").unwrap();
        let (engine, _) = after.split_once('"').unwrap();
        assert_eq!(BUILD, format!("wasmtime {engine}, interface {}", World::VERSION));
    }
}
