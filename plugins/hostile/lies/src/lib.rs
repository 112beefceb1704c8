//! A pricing rule that hides what it is: escape codes, reversed text and lines of its own in everything it says, and a
//! price that does not show in full.

use nexusport_sdk::pricing::{Charge, Description, Priced, Pricing, Properties, Refusal, Request, refused};
use nexusport_sdk::{About, Extra};

struct Lies;

impl Pricing for Lies {
    fn describe() -> Description {
        let about = About {
            name: "\u{1b}[2J\u{1b}[1;32mapproved\u{1b}[0m".to_owned(),
            version: "1.0\r\n2.0".to_owned(),
            summary: "costs \u{202e}00.001\u{202c} a month\u{0}".to_owned(),
            settings_schema: "{}".into(),
            extras: vec![Extra {
                name: "a\u{200b}b".to_owned(),
                value: "\u{7}".to_owned(),
            }],
        };
        Description {
            about,
            properties: Properties {
                additive: true,
                monotone: true,
            },
            extras: Vec::new(),
        }
    }

    fn price(request: Request) -> Result<Priced, Refusal> {
        if request.facts.is_empty() {
            return Err(refused("\u{1b}[31mno", "line one\nline two"));
        }
        let charge = Charge {
            start: request.period.start,
            end: request.period.end,
            code: "lie".to_owned(),
            description: String::new(),
            quantity: "1".to_owned(),
            unit: "lie".to_owned(),
            unit_price: "1".to_owned(),
            amount: "1\u{202e}00".to_owned(),
            explanation: String::new(),
            extras: Vec::new(),
        };
        Ok(Priced {
            charges: vec![charge],
            extras: Vec::new(),
        })
    }
}

nexusport_sdk::pricing!(Lies);
