//! What the rule charges, by hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use nexusport_sdk::pricing::{Fact, Period, Samples};

use super::*;

const HOUR: i64 = 3_600_000;
const MONTH: Period = Period {
    start: 0,
    end: 720 * HOUR,
};

fn interval(start: i64, end: i64, mbps: u32) -> Interval {
    Interval {
        start,
        end,
        mbps,
        base_mbps: 1000,
        extras: vec![],
    }
}

fn request(facts: Vec<Fact>) -> Request {
    Request {
        period: MONTH,
        time_zone: "Europe/Vienna".into(),
        currency: "EUR".into(),
        settings: br#"{"base_per_mbps": "0.30", "burst_per_mbps_hour": "0.004"}"#.to_vec(),
        facts,
        extras: vec![],
    }
}

/// Code and amount of each charge.
fn charges(intervals: &[Interval]) -> Vec<(String, String)> {
    let facts = intervals.iter().cloned().map(Fact::Interval).collect();
    let priced = Burst::price(request(facts)).unwrap();
    priced
        .charges
        .into_iter()
        .map(|charge| (charge.code, charge.amount))
        .collect()
}

fn charge(code: &str, amount: &str) -> (String, String) {
    (code.to_owned(), amount.to_owned())
}

#[test]
fn a_period_at_base_speed_has_no_premium() {
    assert_eq!(charges(&[interval(0, MONTH.end, 1000)]), [charge("base", "300")]);
}

#[test]
fn what_is_above_base_is_charged_by_the_exact_hour() {
    // 4000 Mbps x 0.004 x 1.5 h = 24, beside 1000 Mbps x 0.30 x 1.5 / 720.
    let day = charges(&[interval(0, 3 * HOUR / 2, 5000)]);
    assert_eq!(day, [charge("base", "0.625"), charge("burst", "24")]);
}

#[test]
fn a_window_below_base_still_pays_the_base() {
    assert_eq!(charges(&[interval(0, 72 * HOUR, 500)]), [charge("base", "30")]);
}

#[test]
fn both_charges_explain_themselves() {
    let priced = Burst::price(request(vec![Fact::Interval(interval(0, 4 * HOUR, 5000))])).unwrap();
    let explanations: Vec<_> = priced.charges.iter().map(|charge| &*charge.explanation).collect();
    assert_eq!(
        explanations,
        [
            "1000 Mbps of base speed at 0.3 EUR per Mbps and billing period, for 4 of the period's 720 hours",
            "4000 Mbps above the base speed of 1000 Mbps at 0.004 EUR per Mbps and hour, for 4 hours",
        ]
    );
}

#[test]
fn the_same_speed_can_cost_less_on_a_higher_base() {
    let total = |base_mbps| {
        let interval = Interval {
            base_mbps,
            ..interval(0, HOUR, 5000)
        };
        charges(&[interval])
            .into_iter()
            .map(|(_, amount)| amount.parse::<Decimal>().unwrap())
            .sum::<Decimal>()
    };
    assert!(total(5000) < total(1000));
    assert!(!Burst::describe().properties.monotone);
}

#[test]
fn other_facts_are_refused() {
    let samples = Samples {
        start: 0,
        step_seconds: 300,
        mbps: vec![1],
    };
    assert_eq!(
        Burst::price(request(vec![Fact::Samples(samples)]))
            .unwrap_err()
            .code,
        "unsupported_fact"
    );
}
