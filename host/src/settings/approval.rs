//! Which bandwidth changes somebody must approve before they are ordered, as plain functions.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::calendar::{Calendar, open_at};
use crate::app::Timestamp;

/// What needs a yes, and whose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    mbps_above: Option<u32>,
    price_above: Option<Price>,
    base_changes: Need,
    outside_business_hours: Need,
    /// Whether whoever booked may not approve.
    pub four_eyes: bool,
    /// Whose yes counts.
    pub approvers: Approvers,
    /// How long it waits at most, in business hours.
    pub expires_after_business_minutes: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    amount: Decimal,
    currency: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Need {
    Allow,
    Require,
}

/// Whose yes counts, of those with the permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approvers {
    /// The customer's people and the reseller's.
    Anyone,
    /// The reseller's people alone.
    Reseller,
}

/// A change as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// In Mbps.
    pub mbps: u32,
    /// What it was quoted at.
    pub price: Decimal,
    /// ISO 4217.
    pub currency: &'a str,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When a window ends; none for a base change.
    pub ends_at: Option<Timestamp>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            mbps_above: None,
            price_above: None,
            base_changes: Need::Allow,
            outside_business_hours: Need::Allow,
            four_eyes: true,
            approvers: Approvers::Anyone,
            expires_after_business_minutes: 1440,
        }
    }
}

impl Approvers {
    /// The word in settings, in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Reseller => "reseller",
        }
    }

    /// The word's meaning.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Anyone, Self::Reseller]
            .into_iter()
            .find(|who| who.name() == name)
    }
}

impl Rules {
    /// Why the change needs a yes: the names of the rules it meets. None of them: it needs none.
    pub fn because(&self, asked: &Asked<'_>, calendar: &Calendar) -> Vec<&'static str> {
        let dear = |limit: &Price| limit.currency != asked.currency || asked.price > limit.amount;
        [
            (
                "mbps_above",
                self.mbps_above.is_some_and(|limit| asked.mbps > limit),
            ),
            ("price_above", self.price_above.as_ref().is_some_and(dear)),
            (
                "base_changes",
                self.base_changes == Need::Require && asked.ends_at.is_none(),
            ),
            (
                "outside_business_hours",
                self.outside_business_hours == Need::Require && !open_at(calendar, asked.starts_at),
            ),
        ]
        .into_iter()
        .filter_map(|(rule, met)| met.then_some(rule))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::settings::{calendar::Hours, key::Key};

    /// Mondays from nine to five, UTC.
    fn calendar() -> Calendar {
        let hours = json!({ "time_zone": "UTC", "week": { "monday": [{ "from": "09:00", "to": "17:00" }] } });
        Calendar::new(Hours::deserialize(hours).unwrap(), Default::default())
    }

    /// A Monday.
    fn asked(ends_at: Option<&str>, starts_at: &str) -> Asked<'static> {
        Asked {
            mbps: 5000,
            price: Decimal::new(10_000, 2),
            currency: "EUR",
            starts_at: starts_at.parse().unwrap(),
            ends_at: ends_at.map(|at| at.parse().unwrap()),
        }
    }

    fn because(rules: Value, asked: &Asked<'_>) -> Vec<&'static str> {
        Rules::deserialize(rules).unwrap().because(asked, &calendar())
    }

    #[test]
    fn each_rule_is_met_beyond_its_limit_and_not_at_it() {
        let window = asked(Some("2026-03-02T12:00:00Z"), "2026-03-02T10:00:00Z");
        assert_eq!(because(json!({ "mbps_above": 5000 }), &window), [""; 0]);
        assert_eq!(because(json!({ "mbps_above": 4999 }), &window), ["mbps_above"]);
        let price = |amount, currency| json!({ "price_above": { "amount": amount, "currency": currency } });
        assert_eq!(because(price("100", "EUR"), &window), [""; 0]);
        assert_eq!(because(price("99.99", "EUR"), &window), ["price_above"]);
        assert_eq!(because(price("1000", "USD"), &window), ["price_above"]);
        assert_eq!(because(json!({ "base_changes": "require" }), &window), [""; 0]);
        let base = asked(None, "2026-03-02T10:00:00Z");
        assert_eq!(
            because(json!({ "base_changes": "require" }), &base),
            ["base_changes"]
        );
    }

    #[test]
    fn what_begins_outside_of_business_hours_can_need_a_yes() {
        let rules = json!({ "outside_business_hours": "require" });
        let at = |starts_at| because(rules.clone(), &asked(Some("2026-03-03T12:00:00Z"), starts_at));
        assert_eq!(at("2026-03-02T16:59:59Z"), [""; 0]);
        assert_eq!(at("2026-03-02T17:00:00Z"), ["outside_business_hours"]);
    }

    #[test]
    fn the_platforms_rules_are_the_ones_that_its_schema_states() {
        let stated = Rules::deserialize(Key::Approval.default()).unwrap();
        assert_eq!(format!("{stated:?}"), format!("{:?}", Rules::default()));
    }
}
