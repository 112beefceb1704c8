//! What charges must be so that an invoice can carry them: what billing asks of every answer, asked before anybody is billed.

use nexusport_sandbox::pricing::{Charge, Fact};
use rust_decimal::Decimal;

use super::cases::Case;

/// Digits before the point, so that a thousand of the largest amounts still fit fifteen.
const WHOLE_DIGITS_MAX: usize = 12;
/// What the interface allows.
const DECIMALS_MAX: usize = 9;
/// Charges of one answer.
const CHARGES_MAX: usize = 10_000;

/// Whether the charges can be billed for the case's facts; an error says what cannot.
pub(super) fn is_sound(charges: &[Charge], case: &Case) -> Result<(), String> {
    if charges.len() > CHARGES_MAX {
        return Err(format!(
            "the price has {} charges, the limit is {CHARGES_MAX}",
            charges.len()
        ));
    }
    let starts = case.facts.iter().map(|fact| bounds(fact).0);
    let ends = case.facts.iter().map(|fact| bounds(fact).1);
    let span = starts.min().zip(ends.max());
    charges.iter().try_for_each(|charge| one(charge, span))
}

fn one(charge: &Charge, span: Option<(i64, i64)>) -> Result<(), String> {
    let Charge { start, end, .. } = charge;
    let Some((first, last)) = span else {
        return Err("there is a charge where there are no facts".to_owned());
    };
    if start > end {
        return Err(format!(
            "a charge ends at {end} ms, before its start at {start} ms"
        ));
    }
    if *start < first || last < *end {
        return Err(format!(
            "a charge is from {start} to {end} ms, its facts are from {first} to {last} ms"
        ));
    }
    if charge.code.is_empty() {
        return Err("a charge has no code".to_owned());
    }
    for (what, text) in [
        ("quantity", &charge.quantity),
        ("unit price", &charge.unit_price),
        ("amount", &charge.amount),
    ] {
        decimal(text).map_err(|rule| format!("the {what} of a charge {rule}"))?;
    }
    Ok(())
}

/// From when to when a fact is.
pub(super) fn bounds(fact: &Fact) -> (i64, i64) {
    match fact {
        Fact::Interval(interval) => (interval.start, interval.end),
        Fact::Samples(samples) => {
            let seconds = i64::from(samples.step_seconds) * samples.mbps.len() as i64;
            (samples.start, samples.start + 1_000 * seconds)
        }
        Fact::Event(event) => (event.at, event.at),
        Fact::Other(_) => (i64::MIN, i64::MAX),
    }
}

/// The sum of sound charges.
pub(super) fn total(charges: &[Charge]) -> Decimal {
    let amounts = charges
        .iter()
        .map(|charge| decimal(&charge.amount).unwrap_or_default());
    amounts.sum()
}

/// A canonical decimal: an optional minus, digits without leading zeros, at most 9 decimals and 12 digits before them, never
/// an exponent. An error says which of it does not hold, as in `has leading zeros`.
pub fn decimal(text: &str) -> Result<Decimal, String> {
    let none = || "is not a decimal such as -12.50".to_owned();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !number(whole) || !number(decimals) {
        return Err(none());
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Err("has leading zeros".to_owned());
    }
    for (part, length, limit) in [
        ("digits before the point", whole.len(), WHOLE_DIGITS_MAX),
        ("decimals", decimals.len(), DECIMALS_MAX),
    ] {
        if length > limit {
            return Err(format!("has {length} {part}, the limit is {limit}"));
        }
    }
    Decimal::from_str_exact(text).map_err(|_| none())
}
