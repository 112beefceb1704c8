//! Whether a price has to be tried over a past month before it serves anybody.

use serde::Deserialize;

/// What comes before a pricing release is activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demand {
    /// A finished shadow of the same release with the same settings.
    pub required: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Key;

    #[test]
    fn the_platforms_demand_is_that_of_the_schema() {
        let written = Demand::deserialize(Key::Shadow.default()).unwrap();
        assert_eq!(written, Demand::default());
    }
}
