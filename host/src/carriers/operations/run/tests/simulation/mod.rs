//! The whole of it by chance: several hosts, several operations and a carrier in one world, in which a seed decides who goes on at
//! every wait, who dies there or is held up until its lease is over, what goes wrong with which request, and when time
//! passes. The order of steps, the rules, the journal and what becomes of a job are the host's own; the tables, the
//! carrier and the clock are this world's. Every seed can be played again, to the same log.
//!
//! `NEXUSPORT_SEEDS=20000` plays more of them; `NEXUSPORT_SEED=17` plays one and says what happened.

mod adapter;
mod attempt;
mod carrier;
mod chance;
mod dice;
mod hands;
mod judge;
mod place;
mod play;
mod requests;
mod seed;
mod tables;
mod trouble;
mod world;

use std::{collections::BTreeMap, io::Write as _, panic};

use place::{Place, Side};
use play::{Played, play};

const SEEDS: u64 = 500;

#[test]
fn no_seed_loses_or_doubles_an_order() {
    if let Some(seed) = number("NEXUSPORT_SEED") {
        return show(seed);
    }
    let seeds = number("NEXUSPORT_SEEDS").unwrap_or(SEEDS);
    let mut met = BTreeMap::new();
    for seed in 0..seeds {
        let played = judged(seed);
        for (what, times) in played.met {
            *met.entry(what).or_default() += times;
        }
    }
    if seeds >= SEEDS {
        check_met(&met);
    }
}

#[test]
fn a_seed_is_played_again_to_the_same_log() {
    let hash = |seed| blake3::hash(play(seed).log.join("\n").as_bytes());
    let logs: Vec<_> = (0..SEEDS).map(hash).collect();
    for (seed, log) in (0..SEEDS).zip(&logs) {
        assert_eq!(hash(seed), *log, "seed {seed}");
    }
    let mut different = logs.iter().map(|log| log.to_string()).collect::<Vec<_>>();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), logs.len(), "two seeds play the same");
}

/// Plays a seed, and fails with how to play it again.
fn judged(seed: u64) -> Played {
    let again = format!("NEXUSPORT_SEED={seed} cargo test -p nexusport --lib -- simulation::no_seed");
    let played = panic::catch_unwind(|| play(seed)).unwrap_or_else(|_| panic!("seed {seed}; again: {again}"));
    let wrongs = played.wrongs.join("\n");
    assert!(played.wrongs.is_empty(), "seed {seed}: {wrongs}\nagain: {again}");
    played
}

/// Plays one seed and says what happened.
fn show(seed: u64) {
    let played = play(seed);
    let mut out = std::io::stdout();
    for line in &played.log {
        writeln!(out, "{line}").unwrap();
    }
    writeln!(out, "{:#?}", played.met).unwrap();
    assert!(
        played.wrongs.is_empty(),
        "seed {seed}: {}",
        played.wrongs.join("\n")
    );
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|number| number.parse().expect("a number"))
}

/// Fails unless everything was met that can happen, so that the seeds have not gone blind.
fn check_met(met: &BTreeMap<String, u64>) {
    let troubles = trouble::NAMES.iter().map(|name| format!("trouble {name}"));
    let places = Place::ALL.into_iter();
    let deaths =
        places.flat_map(|place| [Side::Before, Side::After].map(|side| format!("died {side:?} {place:?}")));
    // Nothing lasts before a claim.
    let deaths = deaths.filter(|death| death != "died Before Claimed");
    let others = [
        "done",
        "extended",
        "given back",
        "given up by hand",
        "given up, diverged",
        "given up, has not happened",
        "given up, may have happened",
        "held up",
        "held up before sending",
        "no answer of the adapter",
        "no answer of the database",
        "no database",
        "not extended",
        "refused without the lease",
        "set aside",
        "taken up as lost",
        "taken up by hand",
        "woken",
    ];
    let all = troubles.chain(deaths).chain(others.map(str::to_owned));
    let missing: Vec<_> = all.filter(|what| !met.contains_key(what)).collect();
    assert!(missing.is_empty(), "never met: {missing:?} of {met:#?}");
}
