//! What a reseller waits for while another one does its worst: its own quotes over HTTP, beside a neighbour whose price loops
//! for ever and who uploads bombs and broken components again and again. The host is the program itself, as it is served, in
//! a process of its own; quiet and loud phases take turns, so that whatever disturbs the machine disturbs both.
//!
//! `cargo bench -p nexusport --bench neighbours`; NEXUSPORT_BENCH_ROUNDS and NEXUSPORT_BENCH_SECONDS make it shorter. To hold:
//! in the loud phases the 99th percentile is at most 1.5 times that of the quiet ones, or 25 ms more; nothing is refused.

// Disallowed methods: it is the clock of whoever waits.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

mod host;
mod house;
mod load;
mod loud;

use std::time::Duration;

use host::Host;
use house::House;
use load::Times;
use loud::Loud;
use nexusport_plugins::{PRICING_COMMITTED, hostile};
use serde_json::json;

/// Quotes a second of the one who is measured; each is a price of two months, with and without the change.
const QUOTES_A_SECOND: u32 = 20;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let rounds = setting("ROUNDS", 5);
    let lasting = Duration::from_secs(setting("SECONDS", 30));
    let host = Host::start().await;
    let (own, neighbour) = (
        House::sign_up(&host.url, "northlight").await,
        House::sign_up(&host.url, "harbour").await,
    );
    own.price_by("monthly", PRICING_COMMITTED, json!({ "price_per_mbps": "0.40" }))
        .await;
    neighbour
        .price_by("stumbles", hostile::STUMBLES, json!({ "loop": true }))
        .await;
    let mut loud = Loud::new(neighbour);
    let quotes = async || load::steadily(QUOTES_A_SECOND, lasting, || own.quote()).await;

    quotes().await;
    println!("{rounds} rounds of {lasting:?} quiet and {lasting:?} loud, {QUOTES_A_SECOND} quotes a second");
    println!("resident before: {} MiB", host.resident_mib());
    let (mut in_quiet, mut in_noise) = (Times::default(), Times::default());
    for round in 1..=rounds {
        let quiet = quotes().await;
        let beginning = loud.begin();
        let noisy = quotes().await;
        let did = beginning.end().await;
        println!(
            "round {round}: quiet {quiet}; loud {noisy}; resident {} MiB",
            host.resident_mib()
        );
        println!("         the neighbour meanwhile: {did}");
        in_quiet.join(quiet);
        in_noise.join(noisy);
    }
    println!("quiet: {in_quiet}\nloud:  {in_noise}");
    println!("the neighbour's uploads, and why they were refused: {loud}");
    let quiet = in_quiet.quantile(0.99);
    let most = (quiet * 3 / 2).max(quiet + Duration::from_millis(25));
    assert_eq!(in_quiet.refused() + in_noise.refused(), 0, "somebody was refused");
    let p99 = in_noise.quantile(0.99);
    assert!(
        p99 <= most,
        "{p99:?} beside a loud neighbour, at most {most:?} were to be"
    );
}

fn setting(name: &str, default: u64) -> u64 {
    let given = std::env::var(format!("NEXUSPORT_BENCH_{name}")).ok();
    given.map_or(default, |text| text.parse().unwrap())
}
