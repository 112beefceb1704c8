//! The one pricing function: quote, invoice, shadow and replay hand it facts and get charges, and it is never told
//! which of them asks. It reads a plugin's answer strictly, since money follows from it.

use chrono_tz::Tz;
use nexusport_sandbox::pricing::{self, Fact, Interval, Request};
use rust_decimal::Decimal;
use serde_json::Value;

use super::rate::Period;
use crate::{
    app::{App, Timestamp},
    fault::{Fault, Result},
    identity::Caller,
    ids::ReleaseId,
    plugins,
    ports::speed::Stretch,
};

/// What is to be priced, and by what.
#[derive(Debug, Clone)]
pub struct Priceable<'a> {
    /// The pricing plugin's release.
    pub release: ReleaseId,
    /// Its settings.
    pub settings: &'a Value,
    /// The billing period: what a monthly price is shared over.
    pub period: Period,
    /// Whose days the plugin reckons with.
    pub time_zone: Tz,
    /// ISO 4217.
    pub currency: &'a str,
    /// Within the period, in order of time, not overlapping.
    pub facts: &'a [Stretch],
}

/// A priced stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// A stable word of the plugin's own.
    pub code: String,
    /// For whoever pays.
    pub description: String,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// What is counted.
    pub unit: String,
    /// For one of the unit.
    pub unit_price: Decimal,
    /// Not rounded: up to 9 decimals.
    pub amount: Decimal,
    /// How the amount comes about.
    pub explanation: String,
}

/// What a release charges for the facts. A plugin that refuses is `pricing_refused`, in its own words; one whose answer
/// is no charge is `pricing_answer_invalid`.
pub async fn price_facts(app: &App, caller: &Caller, what: &Priceable<'_>) -> Result<Vec<Charge>> {
    let priced = plugins::price(app, caller, what.release, &request(what)?).await?;
    charges(priced)
}

/// What the plugin is asked.
pub fn request(what: &Priceable<'_>) -> Result<Request> {
    let fact = |stretch: &Stretch| {
        Fact::Interval(Interval {
            start: stretch.starts_at.timestamp_millis(),
            end: stretch.ends_at.timestamp_millis(),
            mbps: stretch.mbps,
            base_mbps: stretch.base_mbps,
            extras: Vec::new(),
        })
    };
    Ok(Request {
        period: pricing::Period {
            start: what.period.start.timestamp_millis(),
            end: what.period.end.timestamp_millis(),
        },
        time_zone: what.time_zone.name().to_owned(),
        currency: what.currency.to_owned(),
        settings: serde_json::to_vec(what.settings)?,
        facts: what.facts.iter().map(fact).collect(),
        extras: Vec::new(),
    })
}

/// What the plugin answered.
pub fn charges(priced: pricing::Priced) -> Result<Vec<Charge>> {
    priced.charges.into_iter().map(charge).collect()
}

fn charge(charge: pricing::Charge) -> Result<Charge> {
    let (starts_at, ends_at) = (instant("start", charge.start)?, instant("end", charge.end)?);
    Ok(Charge {
        starts_at,
        ends_at,
        quantity: decimal("quantity", &charge.quantity)?,
        unit_price: decimal("unit price", &charge.unit_price)?,
        amount: decimal("amount", &charge.amount)?,
        code: charge.code,
        description: charge.description,
        unit: charge.unit,
        explanation: charge.explanation,
    })
}

fn instant(what: &str, millis: i64) -> Result<Timestamp> {
    Timestamp::from_timestamp_millis(millis)
        .ok_or_else(|| invalid(format!("the {what} of a charge is {millis} ms, which is no time")))
}

/// Canonical decimals only (wit/v0/types.wit), and at most 15 digits before the point, as many as the database keeps.
fn decimal(what: &str, text: &str) -> Result<Decimal> {
    let parsed = Decimal::from_str_exact(text).ok().filter(|decimal| {
        let integer = decimal.trunc().abs();
        decimal.scale() <= 9
            && integer < Decimal::from(10_u64.pow(15))
            && !text.contains(['+', '_', 'e', 'E'])
    });
    parsed.ok_or_else(|| {
        invalid(format!(
            "the {what} of a charge is no decimal of at most 15 digits and 9 decimals"
        ))
    })
}

fn invalid(message: String) -> Fault {
    Fault::invalid("pricing_answer_invalid", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn priced(amount: &str) -> pricing::Priced {
        pricing::Priced {
            charges: vec![pricing::Charge {
                start: 0,
                end: 3_600_000,
                code: "burst".into(),
                description: "Burst".into(),
                quantity: "1".into(),
                unit: "hour".into(),
                unit_price: "0.1".into(),
                amount: amount.into(),
                explanation: String::new(),
                extras: Vec::new(),
            }],
            extras: Vec::new(),
        }
    }

    #[test]
    fn an_exact_amount_is_read_as_it_is() {
        let read = charges(priced("-123456789012345.123456789")).unwrap();
        assert_eq!(read[0].amount.to_string(), "-123456789012345.123456789");
    }

    #[test]
    fn an_amount_that_is_no_decimal_is_refused() {
        for amount in [
            "",
            "ten",
            "1e3",
            "+1",
            "1_000",
            "0.0000000001",
            "1000000000000000",
        ] {
            let Err(Fault::Refused(refusal)) = charges(priced(amount)) else {
                panic!("{amount} was taken")
            };
            assert_eq!(refusal.code, "pricing_answer_invalid");
        }
    }
}
