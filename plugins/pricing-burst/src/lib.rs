//! A base rate with a burst premium: the port's permanent speed is charged over time like a committed rate; whatever is
//! delivered above it is charged by the hour, to the exact part of an hour.

#[cfg(test)]
mod tests;

use nexusport_sdk::about;
use nexusport_sdk::decimal::{Decimal, canonical, exact};
use nexusport_sdk::pricing::{
    Charge, Description, Interval, Priced, Pricing, Properties, Refusal, Request, hourly, hours, share, times,
};
use serde::Deserialize;

const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "required": ["base_per_mbps", "burst_per_mbps_hour"],
  "examples": [{ "base_per_mbps": "0.30", "burst_per_mbps_hour": "0.004" }],
  "properties": {
    "base_per_mbps": {
      "type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,9})?$",
      "description": "The price of one Mbps of base speed for a whole billing period, such as 0.30"
    },
    "burst_per_mbps_hour": {
      "type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,9})?$",
      "description": "The price of one Mbps above the base speed for an hour, such as 0.004"
    }
  }
}"#;

struct Burst;

nexusport_sdk::pricing!(Burst);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(deserialize_with = "exact")]
    base_per_mbps: Decimal,
    #[serde(deserialize_with = "exact")]
    burst_per_mbps_hour: Decimal,
}

impl Pricing for Burst {
    fn describe() -> Description {
        Description {
            about: about!(SETTINGS_SCHEMA),
            // Additive up to the rounding of each charge to 9 decimals. Not monotone: the same speed can cost less on a
            // higher base, which turns burst into base.
            properties: Properties {
                additive: true,
                monotone: false,
            },
            extras: Vec::new(),
        }
    }

    fn price(request: Request) -> Result<Priced, Refusal> {
        let settings: Settings = request.settings()?;
        let mut charges = Vec::new();
        for interval in request.intervals()? {
            charges.push(base(interval, &request, settings.base_per_mbps)?);
            if interval.mbps > interval.base_mbps {
                charges.push(burst(interval, &request, settings.burst_per_mbps_hour)?);
            }
        }
        Ok(Priced {
            charges,
            extras: Vec::new(),
        })
    }
}

fn base(interval: &Interval, request: &Request, price: Decimal) -> Result<Charge, Refusal> {
    let mbps = Decimal::from(interval.base_mbps);
    Ok(Charge {
        start: interval.start,
        end: interval.end,
        code: "base".to_owned(),
        description: format!("Base bandwidth, {mbps} Mbps"),
        quantity: canonical(share(mbps, interval, &request.period)?),
        unit: "Mbps period".to_owned(),
        unit_price: canonical(price),
        amount: canonical(share(
            times(price, interval.base_mbps)?,
            interval,
            &request.period,
        )?),
        explanation: format!(
            "{mbps} Mbps of base speed at {} {} per Mbps and billing period, for {} of the period's {} hours",
            canonical(price),
            request.currency,
            canonical(hours(interval.millis())),
            canonical(hours(request.period.millis())),
        ),
        extras: Vec::new(),
    })
}

fn burst(interval: &Interval, request: &Request, price: Decimal) -> Result<Charge, Refusal> {
    let above = interval.mbps.saturating_sub(interval.base_mbps);
    let mbps = Decimal::from(above);
    Ok(Charge {
        start: interval.start,
        end: interval.end,
        code: "burst".to_owned(),
        description: format!("Burst, {above} Mbps above base"),
        quantity: canonical(hourly(mbps, interval)?),
        unit: "Mbps hour".to_owned(),
        unit_price: canonical(price),
        amount: canonical(hourly(times(price, above)?, interval)?),
        explanation: format!(
            "{above} Mbps above the base speed of {} Mbps at {} {} per Mbps and hour, for {} hours",
            interval.base_mbps,
            canonical(price),
            request.currency,
            canonical(hours(interval.millis())),
        ),
        extras: Vec::new(),
    })
}
