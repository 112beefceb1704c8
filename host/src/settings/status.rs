//! What a tenant calls the states that its bandwidth changes, ports and invoices are in. Programs go by the stable word,
//! people read the tenant's.
//!
//! A tenant's own words win over the labels of its reseller's brand, which pages alone use, and those over the built-in
//! words.

use std::collections::HashMap;

use serde::Deserialize;

/// Words by language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    language: String,
    words: HashMap<String, Words>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Words {
    bandwidth_change: HashMap<String, String>,
    port: HashMap<String, String>,
    invoice: HashMap<String, String>,
}

/// What has a state that people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A change of a port's speed.
    BandwidthChange,
    /// A port.
    Port,
    /// An invoice.
    Invoice,
}

impl Names {
    /// What the tenant calls the state; the built-in English word where it has none of its own.
    pub fn of(&self, thing: Thing, state: &str) -> String {
        let words = self.words.get(&self.language).map(|words| match thing {
            Thing::BandwidthChange => &words.bandwidth_change,
            Thing::Port => &words.port,
            Thing::Invoice => &words.invoice,
        });
        let own = words.and_then(|words| words.get(state));
        own.cloned().unwrap_or_else(|| built_in(state))
    }
}

/// `awaiting_approval` reads `Awaiting approval`.
fn built_in(state: &str) -> String {
    let spaced = state.replace('_', " ");
    let mut letters = spaced.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_state_has_the_tenants_word_in_its_language_or_else_the_built_in_one() {
        let names = Names::deserialize(json!({
            "language": "de",
            "words": {
                "de": { "port": { "active": "In Betrieb" } },
                "en": { "port": { "active": "Live", "closed": "Gone" } }
            }
        }))
        .unwrap();
        assert_eq!(names.of(Thing::Port, "active"), "In Betrieb");
        assert_eq!(names.of(Thing::Port, "closed"), "Closed");
        assert_eq!(
            names.of(Thing::BandwidthChange, "awaiting_approval"),
            "Awaiting approval"
        );
    }
}
