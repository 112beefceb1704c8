//! How long a reseller's work waits from when it is due until its carrier is asked, beside a neighbour with a hundred thousand due
//! operations at a carrier that takes every connection and never answers. The host is the program itself, in a process of its own
//! with a database of its own; what is due comes at fixed times, whether or not what came before was sent. Both carriers'
//! clocks and the host's are the machine's.
//!
//! `cargo bench -p nexusport --bench queue`; NEXUSPORT_BENCH_DUE, NEXUSPORT_BENCH_ROUNDS and NEXUSPORT_BENCH_SECONDS make it
//! shorter. To hold: the 99th percentile beside the neighbour is at most 1.5 times that of the quiet phases, or 25 ms more,
//! and everything was sent.

// Disallowed methods: it is the clock of whoever waits.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

#[allow(dead_code)] // each benchmark needs another part of it
mod ground;
#[allow(dead_code)]
mod house;

use std::time::{Duration, Instant};

use ground::Ground;
use house::House;
use tokio::time::sleep;

/// Ports a second of the one who is measured: each is read from its carrier as soon as it is there.
const PORTS_A_SECOND: u32 = 10;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let (rounds, due) = (setting("ROUNDS", 3), setting("DUE", 100_000));
    let lasting = Duration::from_secs(setting("SECONDS", 30));
    let ground = Ground::lay().await;
    let own = House::sign_up(
        &ground.host,
        "northlight",
        (&ground.carrier.url(), house::client()),
    )
    .await;
    let neighbour = House::sign_up(&ground.host, "harbour", (&ground.hangs, house::token())).await;
    neighbour.port(&ground, 0).await;
    let mut numbers = 0..;
    measure(&ground, &own, lasting, &mut numbers).await;
    println!(
        "{rounds} rounds of {lasting:?} quiet and {lasting:?} beside {due} due operations at a carrier that hangs"
    );
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        quiet.push(measure(&ground, &own, lasting, &mut numbers).await);
        ground.flood(&neighbour, due).await;
        beside.push(measure(&ground, &own, lasting, &mut numbers).await);
        println!(
            "round {round}: quiet {}; beside {}; of the neighbour's {}",
            shown(quiet.last().unwrap()),
            shown(beside.last().unwrap()),
            ground.calm(&neighbour).await,
        );
    }
    let (quiet, beside) = (quiet.concat(), beside.concat());
    println!("quiet:  {}\nbeside: {}", shown(&quiet), shown(&beside));
    let (p99, base) = (quantile(&beside, 0.99), quantile(&quiet, 0.99));
    let most = (base * 3 / 2).max(base + Duration::from_millis(25));
    assert!(
        p99 <= most,
        "{p99:?} beside the neighbour, at most {most:?} were to be"
    );
}

/// Adds ports at fixed times and gives, for each, the time from when its reading was due until its carrier was asked.
async fn measure(
    ground: &Ground,
    own: &House,
    lasting: Duration,
    numbers: &mut impl Iterator<Item = u32>,
) -> Vec<Duration> {
    let (began, between) = (Instant::now(), Duration::from_secs(1) / PORTS_A_SECOND);
    let mut asked = Vec::new();
    for (n, number) in (0..).zip(numbers) {
        let at = between * n;
        if at >= lasting {
            break;
        }
        sleep(at.saturating_sub(began.elapsed())).await;
        let (ground, own) = (ground.clone(), own.clone());
        asked.push(tokio::spawn(async move { own.port(&ground, number).await }));
    }
    let mut ports = Vec::new();
    for port in asked {
        ports.push(port.await.unwrap());
    }
    ground.waited(&ports).await
}

fn quantile(times: &[Duration], part: f64) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[((times.len() - 1) as f64 * part) as usize]
}

fn shown(times: &[Duration]) -> String {
    let [p50, p99, most] = [0.5, 0.99, 1.0].map(|part| quantile(times, part).as_millis());
    format!("p50 {p50} ms, p99 {p99} ms, most {most} ms of {}", times.len())
}

fn setting(name: &str, default: u64) -> u64 {
    let given = std::env::var(format!("NEXUSPORT_BENCH_{name}")).ok();
    given.map_or(default, |text| text.parse().unwrap())
}
