//! Reading what a pricing plugin answered, strictly, since money follows from it: how many charges there may be, where
//! in time they may lie, and what a number is. The currency is never the plugin's to say.

use nexusport_sandbox::{clean_lines, pricing};
use rust_decimal::Decimal;

use super::{price::Charge, rate::Period};
use crate::{
    app::Timestamp,
    fault::{Fault, Result},
    ports::speed::Stretch,
};

/// Charges of one port in one period: a change of speed every five minutes for a month has fewer.
const CHARGES_MAX: usize = 10_000;
/// Digits before the point, so that a thousand of the largest amounts still fit the database's fifteen.
const WHOLE_DIGITS_MAX: usize = 12;
/// What the interface allows and the database keeps.
const DECIMALS_MAX: usize = 9;
/// Characters of an explanation that are kept: it is printed on an invoice.
const EXPLANATION_MAX: usize = 2_000;

/// The charges of an answer. One that breaks a rule is refused as `pricing_answer_invalid`, and all of them with it.
pub(super) fn charges(answer: &pricing::Priced, period: Period, facts: &[Stretch]) -> Result<Vec<Charge>> {
    let count = answer.charges.len();
    if count > CHARGES_MAX {
        let message = format!("the price has {count} charges, the limit is {CHARGES_MAX}");
        return Err(invalid(message));
    }
    let span = span(period, facts);
    answer.charges.iter().map(|given| charge(given, span)).collect()
}

/// From the first fact to the last, within the period; none where there are no facts.
fn span(period: Period, facts: &[Stretch]) -> Option<Period> {
    Some(Period {
        start: facts.first()?.starts_at.max(period.start),
        end: facts.last()?.ends_at.min(period.end),
    })
}

fn charge(given: &pricing::Charge, span: Option<Period>) -> Result<Charge> {
    let (starts_at, ends_at) = (instant("start", given.start)?, instant("end", given.end)?);
    if starts_at > ends_at {
        return Err(invalid(format!("a charge ends at {ends_at}, before it starts")));
    }
    let Some(span) = span else {
        return Err(invalid("there is a charge where nothing was delivered".into()));
    };
    if starts_at < span.start || span.end < ends_at {
        let Period { start, end } = span;
        let message = format!(
            "a charge is from {starts_at} to {ends_at}, the facts of the period are from {start} to {end}"
        );
        return Err(invalid(message));
    }
    if given.code.is_empty() {
        return Err(invalid("a charge has no code".into()));
    }
    Ok(Charge {
        starts_at,
        ends_at,
        code: given.code.clone(),
        description: given.description.clone(),
        quantity: decimal("quantity", &given.quantity)?,
        unit: given.unit.clone(),
        unit_price: decimal("unit price", &given.unit_price)?,
        amount: decimal("amount", &given.amount)?,
        explanation: clean_lines(&given.explanation, EXPLANATION_MAX),
    })
}

fn instant(what: &str, millis: i64) -> Result<Timestamp> {
    Timestamp::from_timestamp_millis(millis)
        .ok_or_else(|| invalid(format!("the {what} of a charge is {millis} ms, which is no time")))
}

/// A canonical decimal of `wit/v0/types.wit`: an optional minus, digits without leading zeros, at most 9 decimals,
/// never an exponent.
fn decimal(what: &str, text: &str) -> Result<Decimal> {
    let refused = |rule: &str| invalid(format!("the {what} of a charge {rule}"));
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !number(whole) || !number(decimals) {
        return Err(refused("is not a decimal such as -12.50"));
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Err(refused("has leading zeros"));
    }
    for (part, length, limit) in [
        ("digits before the point", whole.len(), WHOLE_DIGITS_MAX),
        ("decimals", decimals.len(), DECIMALS_MAX),
    ] {
        if length > limit {
            return Err(refused(&format!("has {length} {part}, the limit is {limit}")));
        }
    }
    Decimal::from_str_exact(text).map_err(|_| refused("is not a decimal such as -12.50"))
}

fn invalid(message: String) -> Fault {
    Fault::invalid("pricing_answer_invalid", message)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(hour: i64) -> Timestamp {
        "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::hours(hour)
    }

    fn june() -> Period {
        Period {
            start: at(0),
            end: at(720),
        }
    }

    fn stretch(from: i64, to: i64) -> Stretch {
        Stretch {
            starts_at: at(from),
            ends_at: at(to),
            mbps: 1000,
            base_mbps: 1000,
        }
    }

    fn given(from: i64, to: i64) -> pricing::Charge {
        pricing::Charge {
            start: at(from).timestamp_millis(),
            end: at(to).timestamp_millis(),
            code: "burst".into(),
            description: "Burst".into(),
            quantity: "1".into(),
            unit: "hour".into(),
            unit_price: "0.1".into(),
            amount: "0.1".into(),
            explanation: String::new(),
            extras: Vec::new(),
        }
    }

    fn read(charges: Vec<pricing::Charge>, facts: &[Stretch]) -> Result<Vec<Charge>> {
        let extras = Vec::new();
        super::charges(&pricing::Priced { charges, extras }, june(), facts)
    }

    #[track_caller]
    fn refused(charges: Vec<pricing::Charge>, facts: &[Stretch], word: &str) {
        match read(charges, facts) {
            Err(Fault::Refused(refusal)) => {
                assert_eq!(refusal.code, "pricing_answer_invalid");
                assert!(refusal.message.contains(word), "{}", refusal.message);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_charge_lies_between_the_first_and_the_last_fact() {
        let facts = [stretch(100, 110), stretch(120, 130)];
        assert_eq!(read(vec![given(100, 130)], &facts).unwrap().len(), 1);
        refused(vec![given(99, 130)], &facts, "the facts of the period");
        refused(vec![given(100, 131)], &facts, "the facts of the period");
        refused(vec![given(105, 104)], &facts, "before it starts");
        refused(vec![given(0, 0)], &[], "nothing was delivered");
    }

    #[test]
    fn a_charge_lies_in_the_period_even_if_a_fact_does_not() {
        refused(vec![given(-1, 3)], &[stretch(-5, 5)], "the facts of the period");
        refused(
            vec![given(700, 721)],
            &[stretch(700, 730)],
            "the facts of the period",
        );
    }

    #[test]
    fn a_time_out_of_the_calendar_is_refused() {
        let end = i64::MAX;
        refused(
            vec![pricing::Charge { end, ..given(0, 1) }],
            &[stretch(0, 1)],
            "no time",
        );
    }

    #[test]
    fn more_charges_than_the_limit_are_refused() {
        let facts = [stretch(0, 1)];
        assert_eq!(
            read(vec![given(0, 1); CHARGES_MAX], &facts).unwrap().len(),
            CHARGES_MAX
        );
        refused(vec![given(0, 1); CHARGES_MAX + 1], &facts, "10001 charges");
    }

    #[test]
    fn an_exact_amount_is_read_as_it_is() {
        for amount in ["0", "-0.000000001", "-123456789012.123456789", "1.50"] {
            assert_eq!(decimal("amount", amount).unwrap().to_string(), amount);
        }
    }

    #[test]
    fn what_is_no_canonical_decimal_is_refused_by_name() {
        let cases = [
            ("", "is not a decimal"),
            ("-", "is not a decimal"),
            ("ten", "is not a decimal"),
            ("1e3", "is not a decimal"),
            ("+1", "is not a decimal"),
            ("1_000", "is not a decimal"),
            ("1,5", "is not a decimal"),
            (".5", "is not a decimal"),
            ("5.", "is not a decimal"),
            ("--1", "is not a decimal"),
            ("١", "is not a decimal"),
            ("01", "leading zeros"),
            ("0.0000000001", "10 decimals, the limit is 9"),
            ("1000000000000", "13 digits before the point, the limit is 12"),
        ];
        for (amount, rule) in cases {
            let amount = amount.to_owned();
            refused(
                vec![pricing::Charge {
                    amount,
                    ..given(0, 1)
                }],
                &[stretch(0, 1)],
                rule,
            );
        }
    }

    #[test]
    fn a_charge_without_a_code_is_refused_and_a_long_explanation_is_cut() {
        let code = String::new();
        refused(
            vec![pricing::Charge { code, ..given(0, 1) }],
            &[stretch(0, 1)],
            "no code",
        );
        let explanation = "x".repeat(EXPLANATION_MAX + 1);
        let read = read(
            vec![pricing::Charge {
                explanation,
                ..given(0, 1)
            }],
            &[stretch(0, 1)],
        );
        assert_eq!(read.unwrap()[0].explanation.chars().count(), EXPLANATION_MAX);
    }
}
