//! A pricing rule that takes handles and never lets go: it trips the limit on handles.

use std::mem::forget;

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request, refused};

use world::wasi::clocks::monotonic_clock::subscribe_duration;

struct Grips;

impl Pricing for Grips {
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
        for _ in 0..100_000 {
            forget(subscribe_duration(1));
        }
        Err(refused("gripped", "100000 handles"))
    }
}

nexusport_sdk::pricing!(Grips);

mod world {
    wit_bindgen::generate!({
        inline: "
            package hostile:grips;
            world grips {
                import wasi:clocks/monotonic-clock@0.2.0;
            }
            package wasi:io@0.2.0 {
                interface poll {
                    resource pollable;
                }
            }
            package wasi:clocks@0.2.0 {
                interface monotonic-clock {
                    use wasi:io/poll@0.2.0.{pollable};
                    subscribe-duration: func(when: u64) -> pollable;
                }
            }
        ",
        generate_all,
    });
}
