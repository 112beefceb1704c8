//! Pricing rules: a rule is told the facts of one contract within one billing period and returns charges. It is not told
//! whether it makes a quote, an invoice or a replay.

pub use crate::About;
pub use crate::bindings::exports::nexusport::plugin::pricing::{
    Charge, Description, Event, Fact, Guest as Pricing, Interval, Period, Priced, Properties, Refusal,
    Request, Samples,
};
pub use crate::decimal::{self, Decimal, canonical};

/// Milliseconds.
const HOUR: u32 = 3_600_000;

/// A refusal with a stable code of the rule's own and a text for people.
pub fn refused(code: &str, message: impl Into<String>) -> Refusal {
    Refusal {
        code: code.to_owned(),
        message: message.into(),
    }
}

/// The price of so many Mbps. Refused as `amount_too_large` past 28 digits.
pub fn times(price: Decimal, mbps: u32) -> Result<Decimal, Refusal> {
    price.checked_mul(Decimal::from(mbps)).ok_or_else(too_large)
}

/// The interval's share of what costs this much for the whole period. Refused as `bad_period` or `bad_interval`
/// where one of them is empty, and as `amount_too_large` past 28 digits.
pub fn share(whole: Decimal, interval: &Interval, period: &Period) -> Result<Decimal, Refusal> {
    match period.millis() {
        0 => Err(refused("bad_period", "the billing period is empty")),
        millis => part(whole, interval, millis),
    }
}

/// What costs this much an hour, for the exact length of the interval. Refused like [`share`].
pub fn hourly(an_hour: Decimal, interval: &Interval) -> Result<Decimal, Refusal> {
    part(an_hour, interval, u64::from(HOUR))
}

/// Milliseconds in hours, for an explanation.
pub fn hours(millis: u64) -> Decimal {
    Decimal::from(millis) / Decimal::from(HOUR)
}

impl Request {
    /// The settings of the activation; a refusal `bad_settings` where they do not fit `T`.
    pub fn settings<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        crate::settings(&self.settings).map_err(|problem| refused("bad_settings", problem))
    }

    /// The intervals, for a rule that prices nothing else: refused as `unsupported_fact` where there is another fact, since
    /// nothing that was delivered may go unpriced unnoticed.
    pub fn intervals(&self) -> Result<Vec<&Interval>, Refusal> {
        let facts = self.facts.iter();
        facts
            .map(|fact| match fact {
                Fact::Interval(interval) => Ok(interval),
                _ => Err(refused("unsupported_fact", "this rule prices intervals only")),
            })
            .collect()
    }
}

impl Period {
    /// Its length; 0 where it ends before it starts.
    pub fn millis(&self) -> u64 {
        millis(self.start, self.end)
    }
}

impl Interval {
    /// Its length; 0 where it ends before it starts.
    pub fn millis(&self) -> u64 {
        millis(self.start, self.end)
    }

    /// A charge for it as a whole: one piece at the amount.
    pub fn charge(&self, code: &str, amount: Decimal, explanation: impl Into<String>) -> Charge {
        let amount = canonical(amount);
        Charge {
            start: self.start,
            end: self.end,
            code: code.to_owned(),
            description: format!("{} Mbps", self.mbps),
            quantity: "1".to_owned(),
            unit: "interval".to_owned(),
            unit_price: amount.clone(),
            amount,
            explanation: explanation.into(),
            extras: Vec::new(),
        }
    }
}

/// Multiplies first, so that the one division is the only inexact step.
fn part(whole: Decimal, interval: &Interval, of_millis: u64) -> Result<Decimal, Refusal> {
    if interval.millis() == 0 {
        return Err(refused("bad_interval", "an interval is empty"));
    }
    whole
        .checked_mul(Decimal::from(interval.millis()))
        .and_then(|product| product.checked_div(Decimal::from(of_millis)))
        .ok_or_else(too_large)
}

fn too_large() -> Refusal {
    refused("amount_too_large", "an amount has more than 28 digits")
}

fn millis(start: i64, end: i64) -> u64 {
    u64::try_from(end.saturating_sub(start)).unwrap_or(0)
}
