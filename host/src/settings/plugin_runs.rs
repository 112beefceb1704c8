//! How many of the calls that plugins answer are kept with what was asked.

use serde::Deserialize;

/// Which answered calls are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sampling {
    sample_percent: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self::of(1)
    }
}

impl Sampling {
    /// So many of a hundred.
    pub const fn of(sample_percent: u32) -> Self {
        Self { sample_percent }
    }

    /// Whether a call is kept that drew this number, any of which is as likely as any other.
    pub fn takes(self, drawn: u32) -> bool {
        u64::from(drawn) * 100 < u64::from(self.sample_percent) << 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Key;

    #[test]
    fn the_platforms_share_is_that_of_the_schema() {
        assert_eq!(
            Sampling::deserialize(Key::PluginRuns.default()).unwrap(),
            Sampling::default()
        );
    }

    #[test]
    fn none_all_and_half_are_exactly_that() {
        assert!(!Sampling::of(0).takes(0));
        assert!(Sampling::of(100).takes(u32::MAX));
        let half = Sampling::of(50);
        assert!(half.takes((1 << 31) - 1) && !half.takes(1 << 31));
    }
}
