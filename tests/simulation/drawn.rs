//! What a seed draws: wishes of an evening, and faults.

use chrono::TimeDelta;
use nexusport::app::Timestamp;
use nexusport_simulator::{Fault, Kind};
use serde_json::{Value, json};

/// Numbers that follow from their seed (SplitMix64, Steele and others 2014).
pub struct Chance(u64);

/// Something to book, in minutes since the evening began.
#[derive(Debug, Clone, Copy)]
pub enum Drawn {
    Window { from: i64, to: i64, mbps: u32 },
    Base { at: i64, mbps: u32 },
}

impl Chance {
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

impl Drawn {
    /// A few wishes: windows on a grid of half hours, so that some touch and some overlap, and bases at any minute.
    pub fn for_a_port(chance: &mut Chance) -> Vec<Self> {
        let windows = 1 + chance.below(4);
        let mut all = Vec::new();
        for _ in 0..windows {
            let from = 30 * (1 + chance.below(20) as i64);
            all.push(Self::Window {
                from,
                to: from + 30 * (1 + chance.below(4) as i64),
                mbps: chance.pick(&[3000, 5000, 7000, 9000]),
            });
        }
        for _ in 0..chance.below(3) {
            all.push(Self::Base {
                at: 30 + chance.below(700) as i64,
                mbps: chance.pick(&[500, 1500, 2000, 4000]),
            });
        }
        all
    }

    pub fn wish(&self, port: &str, begins_at: Timestamp) -> Value {
        let at = |minutes| begins_at + TimeDelta::minutes(minutes);
        match *self {
            Self::Window { from, to, mbps } => json!({
                "port_id": port, "kind": "window", "mbps": mbps, "starts_at": at(from), "ends_at": at(to),
            }),
            Self::Base { at: minutes, mbps } => json!({
                "port_id": port, "kind": "base", "mbps": mbps, "starts_at": at(minutes),
            }),
        }
    }
}

/// What goes wrong in an evening, each once or twice, with orders or with questions. A token that is refused again right after it
/// was renewed is a matter for a person, so that happens once.
pub fn faults(chance: &mut Chance) -> Vec<Fault> {
    let mut all: Vec<_> = (0..chance.below(6)).map(|_| fault(chance)).collect();
    let mut revoked = 0;
    all.retain(|fault| {
        revoked += usize::from(fault.kind == Kind::TokenRevoked);
        fault.kind != Kind::TokenRevoked || revoked == 1
    });
    all
}

fn fault(chance: &mut Chance) -> Fault {
    let kinds = [
        Kind::LostReply,
        Kind::LostRequest,
        Kind::Throttle {
            retry_after_seconds: 3,
        },
        Kind::Error { status: 500 },
        Kind::Error { status: 502 },
        Kind::Error { status: 503 },
        Kind::TokenRevoked,
        Kind::Slow { milliseconds: 20 },
    ];
    let kind = chance.pick(&kinds);
    let times = match kind {
        Kind::TokenRevoked => 1,
        _ => 1 + chance.below(2) as u32,
    };
    let (method, path) = chance.pick(&[
        ("POST", "/v1/ports/"),
        ("GET", "/v1/orders"),
        ("GET", "/v1/ports/"),
    ]);
    Fault::new(kind).times(times).on(method, path)
}
