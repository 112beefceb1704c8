//! A pricing rule that counts how often it was called, in a static. It never gets beyond one, since nothing outlives a
//! call.

use std::sync::atomic::{AtomicU64, Ordering};

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request, refused};

static CALLS: AtomicU64 = AtomicU64::new(0);

struct Counts;

impl Pricing for Counts {
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
        let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
        Err(refused("counted", calls.to_string()))
    }
}

nexusport_sdk::pricing!(Counts);
