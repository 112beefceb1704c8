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

/// Amounts as a document shows them: each rounded once, and their total, which is the sum of what is shown.
pub fn bill(exact: impl IntoIterator<Item = Decimal>, currency: &str) -> (Vec<Decimal>, Decimal) {
    let lines: Vec<_> = exact.into_iter().map(|amount| round(amount, currency)).collect();
    let total = lines
        .iter()
        .fold(round(Decimal::ZERO, currency), |total, line| total + line);
    (lines, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random and are the same in every run (Knuth's multiplier).
    struct Draws(u64);

    impl Draws {
        fn below(&mut self, limit: i64) -> i64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(self.0 >> 33).unwrap() % limit
        }

        /// Up to 2 million units, at any of the scales that plugins may use, and often exactly half a minor unit.
        fn amount(&mut self) -> Decimal {
            let scale = u32::try_from(self.below(10)).unwrap();
            let amount = Decimal::new(self.below(1 << 31) * (1 - 2 * self.below(2)), scale);
            match self.below(4) {
                0 => amount.trunc() + Decimal::new(5, u32::try_from(self.below(5)).unwrap() + 1),
                _ => amount,
            }
        }
    }

    #[test]
    fn a_million_lines_sum_to_their_totals_in_every_currency() {
        let (mut draws, mut seen) = (Draws(1), 0);
        for case in 0.. {
            if seen >= 1_000_000 {
                break;
            }
            let currency = ["EUR", "JPY", "KWD", "CLF"][case % 4];
            let digits = minor_digits(currency);
            let exact: Vec<_> = (0..draws.below(12)).map(|_| draws.amount()).collect();
            let (lines, total) = bill(exact.iter().copied(), currency);
            assert_eq!(lines.len(), exact.len());
            seen += lines.len();
            assert_eq!(lines.iter().sum::<Decimal>(), total, "{currency} {exact:?}");
            assert_eq!(total.scale(), digits);
            let half = Decimal::new(5, digits + 1);
            for (line, exact) in lines.iter().zip(&exact) {
                let off = *line - exact;
                assert!(
                    off.abs() <= half && line.scale() == digits,
                    "{exact} became {line}"
                );
                // A half goes away from zero, never towards it.
                assert!(
                    off.abs() < half || line.abs() > exact.abs(),
                    "{exact} became {line}"
                );
            }
        }
    }

    #[test]
    fn the_total_is_that_of_the_lines_and_not_of_the_exact_amounts() {
        let exact = ["0.005", "0.005", "0.004"].map(|amount| amount.parse().unwrap());
        let (lines, total) = bill(exact, "EUR");
        assert_eq!(
            lines.iter().map(Decimal::to_string).collect::<Vec<_>>(),
            ["0.01", "0.01", "0.00"]
        );
        assert_eq!(total.to_string(), "0.02");
        assert_eq!(bill([], "JPY").1.to_string(), "0");
    }

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
