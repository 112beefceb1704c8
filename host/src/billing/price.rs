//! The one pricing function: quote, invoice, shadow and replay hand it facts and get charges, and it is never told
//! which of them asks. What a plugin answers is believed only as far as `answer` has checked it.

use chrono_tz::Tz;
use nexusport_sandbox::pricing::{self, Fact, Interval, Request};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{answer, rate::Period};
use crate::{
    app::{App, Timestamp},
    fault::Result,
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

/// A price with what a receipt keeps of it.
#[derive(Debug, Clone)]
pub struct Priced {
    /// What the plugin was asked.
    pub input: Request,
    /// What it answered, its texts cleaned.
    pub output: pricing::Priced,
    /// What of that is believed.
    pub charges: Vec<Charge>,
}

/// What a release charges for the facts. A plugin that refuses is `pricing_refused`, in its own words; one whose answer
/// breaks a rule is `pricing_answer_invalid`, and counts as a failed call.
pub async fn price_facts(app: &App, caller: &Caller, what: &Priceable<'_>) -> Result<Vec<Charge>> {
    Ok(price(app, caller, what).await?.charges)
}

/// The same, with what a receipt keeps of it.
pub async fn price(app: &App, caller: &Caller, what: &Priceable<'_>) -> Result<Priced> {
    let input = request(what)?;
    let output = plugins::price(app, caller, what.release, &input).await?;
    let charges = match answer::charges(&output, what.period, what.facts) {
        Ok(charges) => charges,
        Err(fault) => {
            plugins::reject_answer(app, caller, what.release, &fault.to_string()).await?;
            return Err(fault);
        }
    };
    Ok(Priced {
        input,
        output,
        charges,
    })
}

fn request(what: &Priceable<'_>) -> Result<Request> {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plugin_is_told_the_period_and_the_facts_and_not_what_for() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let facts = [Stretch {
            starts_at: at("2026-06-15T18:00:00Z"),
            ends_at: at("2026-06-15T22:00:00Z"),
            mbps: 5000,
            base_mbps: 1000,
        }];
        let what = Priceable {
            release: uuid::Uuid::nil().into(),
            settings: &json!({ "price_per_mbps": "0.40" }),
            period: Period::month_of(facts[0].starts_at, Tz::UTC),
            time_zone: Tz::UTC,
            currency: "EUR",
            facts: &facts,
        };
        let expect = Request {
            period: pricing::Period {
                start: 1_780_272_000_000,
                end: 1_782_864_000_000,
            },
            time_zone: "UTC".into(),
            currency: "EUR".into(),
            settings: br#"{"price_per_mbps":"0.40"}"#.to_vec(),
            facts: vec![Fact::Interval(Interval {
                start: 1_781_546_400_000,
                end: 1_781_560_800_000,
                mbps: 5000,
                base_mbps: 1000,
                extras: vec![],
            })],
            extras: vec![],
        };
        assert_eq!(request(&what).unwrap(), expect);
    }
}
