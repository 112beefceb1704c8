//! A pricing rule that never returns: it trips fuel.

use std::hint::spin_loop;

use nexusport_sdk::pricing::{Description, Priced, Pricing, Refusal, Request};

struct Loops;

impl Pricing for Loops {
    fn describe() -> Description {
        loop {
            spin_loop();
        }
    }

    fn price(_request: Request) -> Result<Priced, Refusal> {
        loop {
            spin_loop();
        }
    }
}

nexusport_sdk::pricing!(Loops);
