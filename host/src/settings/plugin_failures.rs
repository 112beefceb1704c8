//! What takes the place of a release that fails, in the worlds where there is a choice.

use serde::Deserialize;

/// What takes a failed release's place, world by world. There is no choice for a carrier's: what is under way there ends on the
/// release it began with, so an operation whose adapter fails is held and somebody is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Failures {
    /// A brand's.
    pub branding: Branding,
    /// A price's.
    pub pricing: Pricing,
}

/// What is shown instead of a failed brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Branding {
    /// The release that served before, and plain words where that one fails as well.
    #[default]
    LastGood,
    /// The platform's plain words.
    Plain,
}

/// What prices instead of a failed price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// Nothing: whoever asks is told, and nothing is billed.
    #[default]
    Refuse,
    /// Nothing, and somebody is called about what was not billed.
    Hold,
    /// The release that served before. Of a bill somebody is told.
    LastGood,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Key;

    #[test]
    fn the_platforms_choice_is_that_of_the_schema() {
        let stated = Failures::deserialize(Key::PluginFailures.default()).unwrap();
        assert_eq!(stated, Failures::default());
    }
}
