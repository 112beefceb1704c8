//! How often ports are read back that nobody had a reason to look at.

use chrono::TimeDelta;
use serde::Deserialize;

/// When a port is read back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rhythm {
    every_minutes: u32,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { every_minutes: 360 }
    }
}

impl Rhythm {
    /// After this long without being seen; none where it never is.
    pub fn every(self) -> Option<TimeDelta> {
        (self.every_minutes > 0).then(|| TimeDelta::minutes(self.every_minutes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Key;

    #[test]
    fn the_platforms_rhythm_is_that_of_the_schema() {
        let written = Rhythm::deserialize(Key::Reconciliation.default()).unwrap();
        assert_eq!(written, Rhythm::default());
        assert_eq!(written.every(), Some(TimeDelta::hours(6)));
    }

    #[test]
    fn nought_is_never_and_a_quarter_of_an_hour_the_least() {
        let allowed = |minutes: u32| {
            let value = serde_json::json!({ "every_minutes": minutes });
            Key::Reconciliation.known().validator.is_valid(&value)
        };
        assert_eq!(
            [0, 1, 14, 15, 10_080, 10_081].map(allowed),
            [true, false, false, true, true, false]
        );
        assert_eq!(Rhythm { every_minutes: 0 }.every(), None);
    }
}
