//! Exact decimals: how they are read from JSON, which many parsers turn into binary fractions, and how they are written in the
//! one form that the interfaces allow.

use std::borrow::Cow;
use std::str::FromStr;

use rust_decimal::RoundingStrategy;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub use rust_decimal::Decimal;

/// The most decimals a price or an amount may have.
pub const PLACES: u32 = 9;

/// The canonical string: at most 9 decimals, rounded half away from zero, without trailing zeros or an exponent.
pub fn canonical(value: Decimal) -> String {
    let rounded = value
        .round_dp_with_strategy(PLACES, RoundingStrategy::MidpointAwayFromZero)
        .normalize();
    if rounded.is_zero() {
        "0".to_owned()
    } else {
        rounded.to_string()
    }
}

/// Reads a JSON string or number exactly, digit by digit: `#[serde(deserialize_with = "decimal::exact")]`. For types
/// that serde_json reads from text directly, not through a `Value`, an untagged enum or a flattened field.
pub fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = match raw.get() {
        quoted if quoted.starts_with('"') => {
            serde_json::from_str::<Cow<'_, str>>(quoted).map_err(D::Error::custom)?
        }
        number => Cow::Borrowed(number),
    };
    let read = if text.contains(['e', 'E']) {
        Decimal::from_scientific(&text)
    } else {
        Decimal::from_str(&text)
    };
    read.map_err(|e| D::Error::custom(format!("{text} is no decimal: {e}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Price {
        #[serde(deserialize_with = "exact")]
        price: Decimal,
    }

    fn read(json: &str) -> Result<String, serde_json::Error> {
        serde_json::from_str::<Price>(json).map(|read| canonical(read.price))
    }

    #[test]
    fn numbers_and_strings_are_read_digit_by_digit() {
        for written in ["0.1", "\"0.1\"", "1e-1", "0.100"] {
            assert_eq!(
                read(&format!("{{\"price\": {written}}}")).unwrap(),
                "0.1",
                "{written}"
            );
        }
        // As a binary fraction this would come out as …456792.
        assert_eq!(
            read("{\"price\": 12345678901.123456789}").unwrap(),
            "12345678901.123456789"
        );
        assert!(read("{\"price\": \"a lot\"}").is_err());
        assert!(read("{\"price\": null}").is_err());
    }

    #[test]
    fn the_canonical_form_has_nine_decimals_at_most_and_no_negative_zero() {
        let check = |value: &str, expected: &str| assert_eq!(canonical(value.parse().unwrap()), expected);
        check("2.2222222225", "2.222222223");
        check("-2.2222222225", "-2.222222223");
        check("100.00", "100");
        check("-0.0000000001", "0");
        check("0.40", "0.4");
    }
}
