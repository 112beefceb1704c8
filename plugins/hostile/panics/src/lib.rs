//! A pricing rule that panics.

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request};

struct Panics;

impl Pricing for Panics {
    fn describe() -> Description {
        let about = nexusport_sdk::about!("{}");
        Description {
            about,
            properties: Properties {
                additive: false,
                monotone: false,
            },
            extras: Vec::new(),
        }
    }

    fn price(_request: Request) -> Result<Priced, Refusal> {
        panic!("no price today");
    }
}

nexusport_sdk::pricing!(Panics);
