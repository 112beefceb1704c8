//! What a change costs, as plain functions: the price of a period with it less the price without it.

use rust_decimal::Decimal;

use super::Line;
use crate::billing::{price::Charge, rate::Period};

/// The lines by which `with` differs from `without`, which come out negative. What both have is in neither.
pub(super) fn difference(period: Period, with: Vec<Charge>, mut without: Vec<Charge>) -> Vec<Line> {
    let mut added = Vec::new();
    for charge in with {
        match without.iter().position(|other| *other == charge) {
            Some(same) => drop(without.swap_remove(same)),
            None => added.push(Line { period, charge }),
        }
    }
    let gone = without.into_iter().map(|charge| Line {
        period,
        charge: Charge {
            quantity: -charge.quantity,
            amount: -charge.amount,
            ..charge
        },
    });
    let mut lines: Vec<_> = added.into_iter().chain(gone).collect();
    lines.sort_by_key(|line| (line.charge.starts_at, line.charge.amount < Decimal::ZERO));
    lines
}

/// The lines that say where the money is: without those that only cut a charge in other places and come to nothing
/// together, but for what the plugin rounds of each.
pub(super) fn telling(lines: Vec<Line>) -> Vec<Line> {
    let same = |one: &Line, other: &Line| {
        let (a, b) = (&one.charge, &other.charge);
        (one.period, &a.code, &a.description, a.unit_price)
            == (other.period, &b.code, &b.description, b.unit_price)
    };
    let nothing = Decimal::new(1, 6);
    let comes_to = |line: &Line| -> Decimal {
        let alike = lines.iter().filter(|other| same(line, other));
        alike.map(|other| other.charge.amount).sum()
    };
    lines
        .iter()
        .filter(|line| comes_to(line).abs() >= nothing)
        .cloned()
        .collect()
}

/// What lines come to; not rounded.
pub(super) fn sum(lines: &[Line]) -> Decimal {
    lines.iter().map(|line| line.charge.amount).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Timestamp;

    fn at(hour: i64) -> Timestamp {
        "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap() + chrono::TimeDelta::hours(hour)
    }

    fn charge(from: i64, to: i64, amount: i64) -> Charge {
        Charge {
            starts_at: at(from),
            ends_at: at(to),
            code: "base".into(),
            description: "Base".into(),
            quantity: Decimal::ONE,
            unit: "hour".into(),
            unit_price: Decimal::ONE,
            amount: amount.into(),
            explanation: String::new(),
        }
    }

    #[test]
    fn what_is_the_same_with_and_without_is_no_line() {
        let period = Period {
            start: at(0),
            end: at(720),
        };
        let with = vec![charge(0, 18, 18), charge(18, 22, 20), charge(22, 30, 8)];
        let without = vec![charge(0, 18, 18), charge(18, 30, 12)];
        let lines = difference(period, with, without);
        let amounts: Vec<_> = lines.iter().map(|line| line.charge.amount).collect();
        assert_eq!(amounts, [20, -12, 8].map(Decimal::from));
        assert_eq!(sum(&lines), Decimal::from(16));
    }

    #[test]
    fn a_charge_that_is_only_cut_elsewhere_tells_nothing() {
        let period = Period {
            start: at(0),
            end: at(720),
        };
        let burst = Charge {
            code: "burst".into(),
            ..charge(18, 22, 20)
        };
        let with = vec![
            charge(0, 18, 18),
            charge(18, 22, 4),
            burst.clone(),
            charge(22, 30, 8),
        ];
        let lines = telling(difference(period, with, vec![charge(0, 30, 30)]));
        assert_eq!(
            lines,
            [Line {
                period,
                charge: burst
            }]
        );
    }

    #[test]
    fn equal_charges_cancel_one_for_one() {
        let period = Period {
            start: at(0),
            end: at(720),
        };
        let lines = difference(
            period,
            vec![charge(0, 1, 5), charge(0, 1, 5)],
            vec![charge(0, 1, 5)],
        );
        assert_eq!(sum(&lines), Decimal::from(5));
        assert_eq!(lines.len(), 1);
    }
}
