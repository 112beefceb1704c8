//! A pricing rule that asks for the time, prints it, sleeps for an hour and asks again. The host waits for nobody: the
//! hour is over at once and the time the same.

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request, refused};

use world::wasi::cli::stderr::get_stderr;
use world::wasi::clocks::{monotonic_clock, wall_clock};
use world::wasi::io::poll::poll;
use world::wasi::random::random::get_random_u64;

const HOUR_NS: u64 = 3_600_000_000_000;

struct Sleeps;

impl Pricing for Sleeps {
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
        let before = now();
        let _ = get_stderr().write(format!("before: {before}\n").as_bytes());
        let hour = monotonic_clock::subscribe_duration(HOUR_NS);
        let ready = poll(&[&hour]);
        Err(refused(
            "awake",
            format!("{before}, {}, {ready:?}, {}", now(), get_random_u64()),
        ))
    }
}

fn now() -> String {
    format!("{} s {} ns", wall_clock::now().seconds, monotonic_clock::now())
}

nexusport_sdk::pricing!(Sleeps);

mod world {
    wit_bindgen::generate!({
        inline: "
            package hostile:sleeps;
            world sleeps {
                import wasi:io/poll@0.2.0;
                import wasi:io/streams@0.2.0;
                import wasi:clocks/monotonic-clock@0.2.0;
                import wasi:clocks/wall-clock@0.2.0;
                import wasi:random/random@0.2.0;
                import wasi:cli/stderr@0.2.0;
            }
            package wasi:io@0.2.0 {
                interface error {
                    resource error;
                }
                interface poll {
                    resource pollable;
                    poll: func(in: list<borrow<pollable>>) -> list<u32>;
                }
                interface streams {
                    use error.{error};
                    variant stream-error { last-operation-failed(error), closed }
                    resource output-stream {
                        write: func(contents: list<u8>) -> result<_, stream-error>;
                    }
                }
            }
            package wasi:clocks@0.2.0 {
                interface monotonic-clock {
                    use wasi:io/poll@0.2.0.{pollable};
                    now: func() -> u64;
                    subscribe-duration: func(when: u64) -> pollable;
                }
                interface wall-clock {
                    record datetime { seconds: u64, nanoseconds: u32 }
                    now: func() -> datetime;
                }
            }
            package wasi:random@0.2.0 {
                interface random {
                    get-random-u64: func() -> u64;
                }
            }
            package wasi:cli@0.2.0 {
                interface stderr {
                    use wasi:io/streams@0.2.0.{output-stream};
                    get-stderr: func() -> output-stream;
                }
            }
        ",
        generate_all,
    });
}
