//! A pricing rule that returns a gigabyte: 32 charges, each explained by the same 32 MiB of text, since its own memory
//! is smaller than what it wants to make the host allocate. It trips the limit on results.

use nexusport_sdk::pricing::{Charge, Description, Priced, Pricing, Properties, Refusal, Request};

const MIB: usize = 1024 * 1024;

struct Floods;

impl Pricing for Floods {
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

    #[allow(clippy::uninit_vec, reason = "a guest's fresh memory is not uninitialised")]
    fn price(request: Request) -> Result<Priced, Refusal> {
        let mut text = Vec::<u8>::with_capacity(32 * MIB);
        // SAFETY: fresh linear memory is all zeros, which is text; writing it would only use up fuel.
        unsafe { text.set_len(32 * MIB) };
        let text = text.leak();
        let mut charge = || Charge {
            start: request.period.start,
            end: request.period.end,
            code: "flood".to_owned(),
            description: String::new(),
            quantity: "1".to_owned(),
            unit: "flood".to_owned(),
            unit_price: "1".to_owned(),
            amount: "1".to_owned(),
            // SAFETY: none of these strings is changed, and the SDK's allocator frees nothing within a call, so that it
            // does not matter that all of them are the same memory.
            explanation: unsafe { String::from_raw_parts(text.as_mut_ptr(), text.len(), text.len()) },
            extras: Vec::new(),
        };
        Ok(Priced {
            charges: (0..32).map(|_| charge()).collect(),
            extras: Vec::new(),
        })
    }
}

nexusport_sdk::pricing!(Floods);
