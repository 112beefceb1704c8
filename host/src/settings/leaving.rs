//! How long a departure can be taken back, and how long a seller keeps what it issued to a customer that is gone.

use chrono::{Months, TimeDelta};
use serde::Deserialize;

use crate::app::Timestamp;

/// The terms of a departure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    grace_days: u32,
    documents_years: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            grace_days: 30,
            documents_years: 10,
        }
    }
}

impl Terms {
    /// When a departure that is asked for at this time ends.
    pub fn ends_at(self, asked_at: Timestamp) -> Timestamp {
        asked_at + TimeDelta::days(self.grace_days.into())
    }

    /// Until when the documents of a customer are kept that is gone at this time.
    pub fn documents_until(self, gone_at: Timestamp) -> Timestamp {
        gone_at + Months::new(12 * self.documents_years)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Key;

    #[test]
    fn the_platforms_terms_are_those_of_the_schema() {
        let written = Terms::deserialize(Key::Leaving.default()).unwrap();
        assert_eq!(written, Terms::default());
    }

    #[test]
    fn years_are_counted_on_the_calendar() {
        let gone_at: Timestamp = "2028-02-29T12:00:00Z".parse().unwrap();
        let terms = Terms {
            grace_days: 7,
            documents_years: 1,
        };
        assert_eq!(
            (terms.ends_at(gone_at), terms.documents_until(gone_at)),
            (
                "2028-03-07T12:00:00Z".parse().unwrap(),
                "2029-02-28T12:00:00Z".parse().unwrap()
            )
        );
    }
}
