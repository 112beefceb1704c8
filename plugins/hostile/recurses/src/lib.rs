//! A pricing rule that calls itself for ever. Asked without facts it does so in registers alone and trips the engine's
//! stack; asked with facts it keeps an array in every frame and runs out of the stack that Rust has in linear memory.

use std::hint::black_box;

use nexusport_sdk::pricing::{Description, Priced, Pricing, Properties, Refusal, Request, refused};

struct Recurses;

impl Pricing for Recurses {
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

    fn price(request: Request) -> Result<Priced, Refusal> {
        let depth = if request.facts.is_empty() {
            in_registers(1)
        } else {
            in_memory(1)
        };
        Err(refused("came_back", depth.to_string()))
    }
}

#[inline(never)]
#[allow(unconditional_recursion)]
fn in_registers(depth: u64) -> u64 {
    in_registers(black_box(depth + 1)).rotate_left(3) ^ depth
}

#[inline(never)]
#[allow(unconditional_recursion)]
fn in_memory(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    in_memory(depth + 1).rotate_left(3) ^ frame[(depth % 64) as usize]
}

nexusport_sdk::pricing!(Recurses);
