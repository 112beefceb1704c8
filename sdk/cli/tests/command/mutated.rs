//! Components that something happened to on their way: whatever it was, looking at them ends in a report. `.ci/long` makes
//! ten thousand of them with a seed of its own; a failure says how to make its one again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use std::{env, thread};

use nexusport_inspection::{Local, Outcome, inspect};
use nexusport_plugins::{BRAND_HARBOUR, CARRIER_SIMULATOR, PRICING_BURST, PRICING_COMMITTED, hostile};
use nexusport_sandbox::compile::with_fixtures;
use nexusport_sandbox::{Compiler, Limits, Sandbox, is_clean};

const IN_THE_SUITE: u64 = 500;
/// The child's limits are those of every upload; this is what they and the calls of an inspection come to on a busy machine.
const IN_TIME: Duration = Duration::from_secs(120);

/// Numbers that follow from their seed (SplitMix64, Steele and others 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn originals() -> Vec<Vec<u8>> {
    let recorded = with_fixtures(CARRIER_SIMULATOR, "{}");
    let others = [PRICING_COMMITTED, PRICING_BURST, BRAND_HARBOUR, hostile::SLEEPS];
    let others = others.into_iter().map(<[u8]>::to_vec);
    others.chain([recorded]).collect()
}

/// Where the sections of a component lie, as far as their lengths can be followed.
fn sections(component: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 8);
    while at < component.len() {
        let (mut length, mut shift, mut end) = (0_usize, 0, at + 1);
        while let Some(byte) = component.get(end).filter(|_| shift < 35) {
            length |= usize::from(byte & 0x7f) << shift;
            (shift, end) = (shift + 7, end + 1);
            if byte & 0x80 == 0 {
                break;
            }
        }
        let next = end.saturating_add(length);
        if next > component.len() {
            break;
        }
        found.push(at..next);
        at = next;
    }
    found
}

fn mutated(chance: &mut Chance, originals: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = originals[chance.below(originals.len())].clone();
    let other = &originals[chance.below(originals.len())];
    match chance.below(6) {
        0 => {
            for _ in 0..=chance.below(8) {
                let at = chance.below(bytes.len());
                bytes[at] ^= 1 << chance.below(8);
            }
        }
        1 => bytes.truncate(chance.below(bytes.len())),
        2 => {
            let at = chance.below(bytes.len());
            bytes[at] = [0, 0x7f, 0x80, 0xff][chance.below(4)];
        }
        3 => {
            let (own, theirs) = (sections(&bytes), sections(other));
            let at = own[chance.below(own.len())].start;
            let section = other[theirs[chance.below(theirs.len())].clone()].to_vec();
            bytes.splice(at..at, section);
        }
        4 => {
            let own = sections(&bytes);
            let gone = own[chance.below(own.len())].clone();
            let kept: Vec<u8> = bytes.drain(gone).collect();
            if chance.below(2) == 0 {
                bytes.extend(kept);
            }
        }
        _ => {
            let from = chance.below(other.len());
            let length = chance.below(64).min(other.len() - from);
            let at = chance.below(bytes.len() - length.min(bytes.len() - 1));
            bytes[at..at + length].copy_from_slice(&other[from..from + length]);
        }
    }
    bytes
}

fn place() -> Local {
    let limits = Limits {
        concurrent_calls: 1,
        ..Limits::default()
    };
    let child = env!("CARGO_BIN_EXE_nexusport-plugin");
    let compiler = Compiler::new(child, ["compile-child"], limits.clone());
    Local::new(compiler, Sandbox::new(limits).unwrap())
}

/// The check that failed, or `accepted`; an error says what was wrong with how it was looked at.
fn look(place: &Local, component: &[u8]) -> Result<String, String> {
    let began = Instant::now();
    let inspected = inspect(place, component, &[], &mut |_| {})
        .map_err(|interrupted| format!("it came to no end: {interrupted:?}, {:?}", place.why()))?;
    let failed = inspected.failed();
    if inspected.accepted.is_some() == failed.is_some() {
        return Err(format!("neither accepted nor refused: {:?}", inspected.checks));
    }
    if failed.is_some_and(|check| check.outcome != Outcome::Failed || check.message.is_empty()) {
        return Err(format!("refused without a reason: {failed:?}"));
    }
    if let Some(raw) = inspected
        .checks
        .iter()
        .find(|check| !is_clean(&check.message, 10_000))
    {
        return Err(format!("a message that is not clean: {raw:?}"));
    }
    if began.elapsed() > IN_TIME {
        return Err(format!("it took {:?}", began.elapsed()));
    }
    Ok(failed.map_or_else(|| "accepted".to_owned(), |check| check.name.clone()))
}

#[test]
#[allow(clippy::print_stdout, reason = "whoever reads a failure wants the seed")]
fn whatever_happens_to_a_component_it_ends_in_a_report() {
    let number = |name: &str| env::var(name).ok().map(|given| given.parse::<u64>().unwrap());
    let seed = number("NEXUSPORT_MUTATION_SEED").unwrap_or(1);
    let numbers = match number("NEXUSPORT_MUTATION") {
        Some(only) => only..only + 1,
        None => 0..number("NEXUSPORT_MUTATIONS").unwrap_or(IN_THE_SUITE),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let originals = originals();
    let look_at = |of: u64| {
        let place = place();
        let mut ends = BTreeMap::new();
        for number in numbers.clone().filter(|number| number % threads == of) {
            let component = mutated(&mut Chance(seed ^ number.rotate_left(32)), &originals);
            let looked = catch_unwind(AssertUnwindSafe(|| look(&place, &component)));
            let looked = looked.unwrap_or_else(|_| Err("the parent panicked".to_owned()));
            match looked {
                Ok(end) => *ends.entry(end).or_insert(0_u64) += 1,
                Err(problem) => panic!(
                    "{problem}\nagain: NEXUSPORT_MUTATION_SEED={seed} NEXUSPORT_MUTATION={number} cargo test -p \
                     nexusport-plugin --test command -- mutated"
                ),
            }
        }
        ends
    };
    let ends: Vec<BTreeMap<String, u64>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|of| {
                scope.spawn({
                    let look_at = &look_at;
                    move || look_at(of)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut all = BTreeMap::new();
    for (end, count) in ends.into_iter().flatten() {
        *all.entry(end).or_insert(0) += count;
    }
    println!("seed {seed}: {all:?}");
    let count = numbers.end - numbers.start;
    assert_eq!(all.values().sum::<u64>(), count);
    assert!(
        count < 100 || all.len() > 5 && all.contains_key("accepted"),
        "mutations that always end alike are none: {all:?}"
    );
}

#[test]
fn the_same_seed_makes_the_same_component() {
    let originals = originals();
    let made = |number: u64| mutated(&mut Chance(number), &originals);
    assert_eq!(made(7), made(7));
    assert_ne!(made(7), made(8));
}
