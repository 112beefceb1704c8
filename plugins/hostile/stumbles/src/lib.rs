//! A pricing rule that panics, or never ends, as soon as its settings tell it to, and prices every stretch at 1 otherwise: no
//! trial finds it out. It prints how much it is asked.

use nexusport_sdk::pricing::{
    Charge, Description, Fact, Interval, Priced, Pricing, Properties, Refusal, Request,
};

use world::wasi::cli::stderr::get_stderr;

struct Stumbles;

impl Pricing for Stumbles {
    fn describe() -> Description {
        let about = nexusport_sdk::about!("{}");
        Description {
            about,
            properties: Properties {
                additive: false,
                monotone: true,
            },
            extras: Vec::new(),
        }
    }

    fn price(request: Request) -> Result<Priced, Refusal> {
        let _ = get_stderr().write(format!("asked for {} facts\n", request.facts.len()).as_bytes());
        let is_told = |word: &[u8]| request.settings.windows(word.len()).any(|part| part == word);
        assert!(!is_told(b"stumble"), "it falls over");
        while is_told(b"loop") {}
        let intervals = request.facts.iter().filter_map(|fact| match fact {
            Fact::Interval(interval) => Some(interval),
            _ => None,
        });
        Ok(Priced {
            charges: intervals.map(charge).collect(),
            extras: Vec::new(),
        })
    }
}

fn charge(interval: &Interval) -> Charge {
    Charge {
        start: interval.start,
        end: interval.end,
        code: "stretch".to_owned(),
        description: "A stretch".to_owned(),
        quantity: "1".to_owned(),
        unit: "stretch".to_owned(),
        unit_price: "1".to_owned(),
        amount: "1".to_owned(),
        explanation: String::new(),
        extras: Vec::new(),
    }
}

nexusport_sdk::pricing!(Stumbles);

mod world {
    wit_bindgen::generate!({
        inline: "
            package hostile:stumbles;
            world stumbles {
                import wasi:io/streams@0.2.0;
                import wasi:cli/stderr@0.2.0;
            }
            package wasi:io@0.2.0 {
                interface error {
                    resource error;
                }
                interface streams {
                    use error.{error};
                    variant stream-error { last-operation-failed(error), closed }
                    resource output-stream {
                        write: func(contents: list<u8>) -> result<_, stream-error>;
                    }
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
