//! What a seed makes of a world before anything happens in it.

use std::{cell::RefCell, rc::Rc};

use chrono::TimeDelta;

use super::{
    adapter::Adapter,
    carrier::{Carrier, Port},
    dice::Dice,
    place::{Place, Side},
    play::{Host, Play},
    tables::{Row, What},
    world::{Rates, World},
};
use crate::carriers::operations::{Kind, run::tests::world::start};

impl Play {
    /// The world of this seed, and what will happen to its hosts.
    pub fn set(seed: u64) -> Self {
        let mut dice = Dice::of(seed);
        let ports = (0..dice.between(1, 3)).map(|_| Port {
            drifts: vec![(start(), 1000)],
            is_stuck: false,
        });
        let carrier = Carrier {
            keyed: false,
            settle_s: dice.pick(&[0, 5, 20, 60]),
            provisioning: TimeDelta::seconds(dice.pick(&[0, 1, 20, 120])),
            ports: ports.collect(),
            orders: Vec::new(),
        };
        let rates = Rates {
            trouble: dice.pick(&[1, 2, 4, 1000]),
            no_database: dice.pick(&[20, 200, 10_000]),
            // Where it never answers, operations are set aside with their jobs.
            no_adapter: dice.pick(&[
                1, 20, 20, 200, 200, 200, 200, 10_000, 10_000, 10_000, 10_000, 10_000,
            ]),
            push: dice.pick(&[1, 2, 1000]),
        };
        let mut world = World::new(start(), dice, carrier, rates);
        let hosts = world.dice.between(2, 3) as usize;
        world.stopping = vec![false; hosts];
        world.replaced_at = start() + TimeDelta::seconds(world.dice.between(1, 400));
        book(&mut world);
        let dice = &mut world.dice;
        let aims =
            (0..dice.below(6)).map(|_| (dice.pick(&Place::ALL), dice.pick(&[Side::Before, Side::After])));
        Self {
            aims: aims.collect(),
            deaths_left: dice.below(4) as u32,
            stops_left: dice.below(3) as u32,
            stalls_left: dice.below(6) as u32,
            retries_left: dice.below(3) as u32,
            cancels_left: dice.below(6) as u32 / 4,
            attempts: Vec::new(),
            hosts: vec![Host::default(); hosts],
            world: Rc::new(RefCell::new(world)),
        }
    }
}

/// What is asked of the carrier in this world.
fn book(world: &mut World) {
    let adapter = world.dice.pick(&[
        Adapter::Careful,
        Adapter::Careful,
        Adapter::Careful,
        Adapter::Keyed,
        Adapter::Keyed,
        Adapter::Careless,
        Adapter::Careless,
        Adapter::Inventive,
        Adapter::Stubborn,
        Adapter::Replaced,
    ]);
    world.carrier.keyed = adapter == Adapter::Keyed;
    let mut at = start();
    for n in 0..world.dice.between(1, 6) as usize {
        at += TimeDelta::milliseconds(world.dice.between(0, 120_000));
        let what = What {
            n,
            kind: if world.dice.one_in(4) {
                Kind::ReadPort
            } else {
                Kind::ChangeBandwidth
            },
            port: world.dice.below(world.carrier.ports.len()),
            mbps: world.dice.between(1, 90) as u32 * 100,
            adapter,
        };
        world.rows.push(Row::new(what, at));
        let troubles = world.dice.below(9) as u32;
        world.troubles_left.push(troubles);
    }
}
