//! A pricing rule that asks for more and more memory: it trips the memory limit.

use std::hint::black_box;

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request, refused};

const MIB: usize = 1024 * 1024;

struct Hoards;

impl Pricing for Hoards {
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
        let mut hoard = Vec::new();
        // Up to 4 GiB, all that a plugin can address.
        for _ in 0..4096 {
            hoard.push(black_box(Vec::<u8>::with_capacity(MIB)));
        }
        Err(refused("hoarded", format!("{} MiB", hoard.len())))
    }
}

nexusport_sdk::pricing!(Hoards);
