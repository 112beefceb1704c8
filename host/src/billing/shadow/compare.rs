//! How two prices of the same facts differ, line by line. Rules on plain values.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::{money, price::Charge};
use crate::{app::Timestamp, ids::PortId};

/// So many lines of a customer are kept.
pub(super) const LINES_MAX: usize = 200;

/// One stretch of a port, priced differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Which port.
    pub port: PortId,
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// The plugin's own word.
    pub code: String,
    /// What the active release charges, rounded; nothing where it has no such line.
    pub active_amount: Decimal,
    /// What the tried one charges, likewise.
    pub amount: Decimal,
}

impl Line {
    /// The one less the other.
    pub fn difference(&self) -> Decimal {
        self.amount - self.active_amount
    }
}

/// What each port is charged.
pub(super) type Charges = [(PortId, Vec<Charge>)];

/// What an invoice of them would come to.
pub(super) fn total(charges: &Charges, currency: &str) -> Decimal {
    let amounts = charges
        .iter()
        .flat_map(|(_, charges)| charges)
        .map(|charge| charge.amount);
    money::bill(amounts, currency).1
}

/// The lines that differ, the largest differences first. A line is what is charged for one stretch of one port under one word.
pub(super) fn lines(active: &Charges, tried: &Charges, currency: &str) -> Vec<Line> {
    let mut amounts: BTreeMap<_, (Decimal, Decimal)> = BTreeMap::new();
    for (key, charge) in each(active) {
        amounts.entry(key).or_default().0 += money::round(charge.amount, currency);
    }
    for (key, charge) in each(tried) {
        amounts.entry(key).or_default().1 += money::round(charge.amount, currency);
    }
    let line = |((starts_at, ends_at, port, code), (active_amount, amount)): ((_, _, Uuid, &str), _)| Line {
        port: port.into(),
        starts_at,
        ends_at,
        code: code.to_owned(),
        active_amount,
        amount,
    };
    let mut lines: Vec<_> = amounts.into_iter().map(line).collect();
    lines.retain(|line| !line.difference().is_zero());
    lines.sort_by_key(|line| -line.difference().abs());
    lines
}

fn each(charges: &Charges) -> impl Iterator<Item = ((Timestamp, Timestamp, Uuid, &str), &Charge)> {
    charges.iter().flat_map(|(port, charges)| {
        charges.iter().map(|charge| {
            let key = (
                charge.starts_at,
                charge.ends_at,
                port.uuid(),
                charge.code.as_str(),
            );
            (key, charge)
        })
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn charge(hour: i64, code: &str, amount: &str) -> Charge {
        let start: Timestamp = "2026-04-01T00:00:00Z".parse().unwrap();
        Charge {
            starts_at: start + chrono::TimeDelta::hours(hour),
            ends_at: start + chrono::TimeDelta::hours(hour + 1),
            code: code.to_owned(),
            description: String::new(),
            quantity: Decimal::ONE,
            unit: "hour".to_owned(),
            unit_price: Decimal::ONE,
            amount: amount.parse().unwrap(),
            explanation: String::new(),
        }
    }

    fn port(id: u128) -> PortId {
        Uuid::from_u128(id).into()
    }

    #[test]
    fn lines_that_differ_are_told_largest_first_and_their_sum_is_that_of_the_totals() {
        let active = [
            (
                port(1),
                vec![charge(0, "base", "1.00"), charge(1, "base", "2.00")],
            ),
            (port(2), vec![charge(0, "base", "5.00")]),
        ];
        let tried = [
            (
                port(1),
                vec![charge(0, "base", "1.10"), charge(1, "base", "2.00")],
            ),
            (port(2), vec![charge(0, "burst", "4.004")]),
        ];
        let lines = lines(&active, &tried, "EUR");
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.port, line.code.as_str(), line.difference().to_string()))
            .collect();
        let expected = [
            (port(2), "base", "-5.00"),
            (port(2), "burst", "4.00"),
            (port(1), "base", "0.10"),
        ];
        assert_eq!(
            told,
            expected.map(|(port, code, difference)| (port, code, difference.to_owned()))
        );
        let sum: Decimal = lines.iter().map(Line::difference).sum();
        assert_eq!(total(&tried, "EUR") - total(&active, "EUR"), sum);
    }

    #[test]
    fn what_is_charged_twice_for_one_stretch_is_one_line() {
        let active = [(
            port(1),
            vec![charge(0, "base", "1.00"), charge(0, "base", "1.00")],
        )];
        let tried = [(port(1), vec![charge(0, "base", "2.00")])];
        assert_eq!(lines(&active, &tried, "EUR"), []);
    }
}
