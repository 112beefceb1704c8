//! A committed rate: so much per Mbps for a whole billing period, shared over time. What was delivered for a quarter of
//! the period costs a quarter.

#[cfg(test)]
mod tests;

use nexusport_sdk::about;
use nexusport_sdk::decimal::{Decimal, canonical, exact};
use nexusport_sdk::pricing::{
    Charge, Description, Interval, Priced, Pricing, Properties, Refusal, Request, hours, share, times,
};
use serde::Deserialize;

const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["price_per_mbps"],
  "examples": [{ "price_per_mbps": "0.40" }],
  "properties": {
    "price_per_mbps": {
      "type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,9})?$",
      "description": "The price of one Mbps for a whole billing period, such as 0.40"
    }
  }
}"#;

struct Committed;

nexusport_sdk::pricing!(Committed);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(deserialize_with = "exact")]
    price_per_mbps: Decimal,
}

impl Pricing for Committed {
    fn describe() -> Description {
        Description {
            about: about!(SETTINGS_SCHEMA),
            // Additive up to the rounding of each charge to 9 decimals.
            properties: Properties {
                additive: true,
                monotone: true,
            },
            extras: Vec::new(),
        }
    }

    fn price(request: Request) -> Result<Priced, Refusal> {
        let settings: Settings = request.settings()?;
        let intervals = request.intervals()?.into_iter();
        let charges = intervals.map(|interval| charge(interval, &request, settings.price_per_mbps));
        Ok(Priced {
            charges: charges.collect::<Result<_, _>>()?,
            extras: Vec::new(),
        })
    }
}

fn charge(interval: &Interval, request: &Request, price: Decimal) -> Result<Charge, Refusal> {
    let amount = share(times(price, interval.mbps)?, interval, &request.period)?;
    Ok(Charge {
        start: interval.start,
        end: interval.end,
        code: "bandwidth".to_owned(),
        description: format!("Bandwidth, {} Mbps", interval.mbps),
        quantity: canonical(share(Decimal::from(interval.mbps), interval, &request.period)?),
        unit: "Mbps period".to_owned(),
        unit_price: canonical(price),
        amount: canonical(amount),
        explanation: format!(
            "{} Mbps at {} {} per Mbps and billing period, for {} of the period's {} hours",
            interval.mbps,
            canonical(price),
            request.currency,
            canonical(hours(interval.millis())),
            canonical(hours(request.period.millis())),
        ),
        extras: Vec::new(),
    })
}
