//! Exact decimal money and the one rounding: half away from zero, to the currency's minor unit.

use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero};

/// How many decimals a currency's smallest unit has (ISO 4217). A currency that is not listed has two.
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// The amount in the currency's smallest units, with exactly their decimals.
pub fn round(amount: Decimal, currency: &str) -> Decimal {
    let digits = minor_digits(currency);
    let mut rounded = amount.round_dp_with_strategy(digits, MidpointAwayFromZero);
    rounded.rescale(digits);
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_in_the_currencys_own_units() {
        let cases = [
            ("0.005", "EUR", "0.01"),
            ("-0.005", "EUR", "-0.01"),
            ("0.004999999", "EUR", "0.00"),
            ("2.5", "JPY", "3"),
            ("1.0005", "KWD", "1.001"),
            ("7", "USD", "7.00"),
        ];
        for (amount, currency, expect) in cases {
            assert_eq!(round(amount.parse().unwrap(), currency).to_string(), expect);
        }
    }
}
