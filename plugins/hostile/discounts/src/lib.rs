//! A pricing rule that declares what does not hold: a call costs a fee whatever it covers, so two parts cost more than the
//! whole, and from 2 Gbps on everything is free.

use nexusport_sdk::about;
use nexusport_sdk::pricing::{Decimal, Description, Priced, Pricing, Properties, Refusal, Request};

struct Discounts;

nexusport_sdk::pricing!(Discounts);

const SCHEMA: &str = r#"{
  "type": "object",
  "properties": { "fee": { "type": "boolean", "default": true } }
}"#;

impl Pricing for Discounts {
    fn describe() -> Description {
        Description {
            about: about!(SCHEMA),
            properties: Properties {
                additive: true,
                monotone: true,
            },
            extras: Vec::new(),
        }
    }

    fn price(request: Request) -> Result<Priced, Refusal> {
        let intervals = request.intervals()?;
        let first = intervals.first().map(|first| {
            let amount = if first.mbps < 2_000 {
                Decimal::from(100)
            } else {
                Decimal::from(0)
            };
            first.charge("fee", amount, "the fee")
        });
        Ok(Priced {
            charges: first.into_iter().collect(),
            extras: Vec::new(),
        })
    }
}
