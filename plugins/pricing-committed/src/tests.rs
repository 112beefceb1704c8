//! What the rule charges, by hand and for many intervals.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use nexusport_sdk::pricing::{Event, Fact, Period};

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

fn request(price: &str, intervals: &[Interval]) -> Request {
    Request {
        period: MONTH,
        time_zone: "Europe/Vienna".into(),
        currency: "EUR".into(),
        settings: format!(r#"{{"price_per_mbps": "{price}"}}"#).into_bytes(),
        facts: intervals.iter().cloned().map(Fact::Interval).collect(),
        extras: vec![],
    }
}

fn amounts(price: &str, intervals: &[Interval]) -> Vec<Decimal> {
    let priced = Committed::price(request(price, intervals)).unwrap();
    priced
        .charges
        .iter()
        .map(|charge| charge.amount.parse().unwrap())
        .collect()
}

fn total(price: &str, intervals: &[Interval]) -> Decimal {
    amounts(price, intervals).into_iter().sum()
}

#[test]
fn a_whole_period_costs_the_price() {
    assert_eq!(total("0.40", &[interval(0, MONTH.end, 1000)]).to_string(), "400");
}

#[test]
fn four_hours_cost_their_share_and_say_so() {
    let priced = Committed::price(request("0.40", &[interval(18 * HOUR, 22 * HOUR, 5000)])).unwrap();
    let charge = &priced.charges[0];
    assert_eq!(
        (&*charge.amount, &*charge.quantity, &*charge.unit_price),
        ("11.111111111", "27.777777778", "0.4")
    );
    assert_eq!(
        charge.explanation,
        "5000 Mbps at 0.4 EUR per Mbps and billing period, for 4 of the period's 720 hours"
    );
}

#[test]
fn parts_cost_what_the_whole_costs_up_to_the_ninth_decimal_of_each() {
    let mut seed = 1_u64;
    let mut draw = |below: i64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..1000 {
        let (a, b) = (draw(MONTH.end), draw(MONTH.end));
        let (start, end) = (a.min(b), a.max(b) + 2);
        let middle = start + 1 + draw(end - start - 1);
        let mbps = u32::try_from(draw(400_000)).unwrap();
        let whole = total("0.40", &[interval(start, end, mbps)]);
        let parts = total(
            "0.40",
            &[interval(start, middle, mbps), interval(middle, end, mbps)],
        );
        assert!(
            (whole - parts).abs() <= Decimal::new(2, 9),
            "{start} {middle} {end} {mbps}: {whole} {parts}"
        );
        assert!(total("0.40", &[interval(start, end, mbps + 1)]) >= whole);
    }
}

#[test]
fn what_cannot_be_priced_is_refused_by_a_code() {
    let check = |request: Request, code: &str| assert_eq!(Committed::price(request).unwrap_err().code, code);
    let event = Event {
        at: 0,
        name: "setup".into(),
        quantity: "1".into(),
        extras: vec![],
    };
    check(
        Request {
            facts: vec![Fact::Event(event)],
            ..request("0.40", &[])
        },
        "unsupported_fact",
    );
    check(
        Request {
            settings: b"{}".to_vec(),
            ..request("0.40", &[])
        },
        "bad_settings",
    );
    check(
        Request {
            period: Period { start: 5, end: 5 },
            ..request("0.40", &[interval(0, 1, 1)])
        },
        "bad_period",
    );
    check(
        request("79228162514264337593543950335", &[interval(0, MONTH.end, 1)]),
        "amount_too_large",
    );
}
