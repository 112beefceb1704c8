//! How many bandwidth changes a second a host takes through their whole path, with a carrier that carries orders out at once: due, ordered,
//! read back, observed, the interval before it closed and its own opened, verified. In the same run, on the same server, `pgbench` writes as many rows in
//! as many transactions as one change was seen to take. Once with a thousand changes booked for later, once with a million.
//!
//! `cargo bench -p nexusport --bench changes`; NEXUSPORT_BENCH_CHANGES, NEXUSPORT_BENCH_FUTURE and NEXUSPORT_BENCH_SECONDS make it
//! shorter. The carrier answers from the benchmark's own process, on the same processors.

// Disallowed methods: it is the clock of whoever waits.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

#[allow(dead_code)] // each benchmark needs another part of it
#[path = "../queue/ground.rs"]
mod ground;
#[allow(dead_code)]
#[path = "../queue/house.rs"]
mod house;
mod writes;

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use futures::{StreamExt as _, stream};
use ground::{Ground, Port};
use house::House;
use tokio::time::sleep;
use writes::Writes;

/// Houses that share the work, so that what one of them may have under way at once is not what is measured.
const HOUSES: usize = 4;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let (changes, seconds) = (setting("CHANGES", 2_000), setting("SECONDS", 20));
    let ground = Ground::lay().await;
    ground.carrier.control().set_provision_seconds(0);
    let mut houses = Vec::new();
    for n in 0..HOUSES {
        let house = House::sign_up(
            &ground.host,
            &format!("house-{n}"),
            (&ground.carrier.url(), house::client()),
        )
        .await;
        house.price().await;
        houses.push(house);
    }
    let ports = ports(&ground, &houses, changes / HOUSES).await;
    ground
        .waited(&ports.iter().flatten().cloned().collect::<Vec<_>>())
        .await;
    let mut speed = 2_000;
    round(&ground, &houses, &ports, speed).await;
    for future in [1_000, setting("FUTURE", 1_000_000)] {
        ground.book_later(&houses, future as i64).await;
        speed += 1_000;
        let (rate, writes) = round(&ground, &houses, &ports, speed).await;
        let (most, synchronous) = (
            writes.pgbench(&ground, seconds, false),
            writes.pgbench(&ground, seconds, true),
        );
        println!(
            "{future} changes booked for later: {rate:.1} changes a second; {writes}; pgbench {most:.1} a second, {:.2} of it; \
             waiting for the disk at each commit {synchronous:.1}, {:.2} of it",
            rate / most,
            rate / synchronous,
        );
    }
}

/// So many ports of each house.
async fn ports(ground: &Ground, houses: &[House], each: usize) -> Vec<Vec<Port>> {
    let mut all = Vec::new();
    for house in houses {
        let ports = stream::iter(0..each as u32)
            .map(|n| house.port(ground, n))
            .buffered(4);
        all.push(ports.collect().await);
    }
    all
}

/// Books a base change of every port for one instant, and says how many a second were verified from then on.
async fn round(ground: &Ground, houses: &[House], ports: &[Vec<Port>], mbps: u32) -> (f64, Writes) {
    let count: usize = ports.iter().map(Vec::len).sum();
    // Longer than booking takes.
    let due = Utc::now() + TimeDelta::seconds(15 + count as i64 / 50);
    for (house, ports) in houses.iter().zip(ports) {
        let booked = stream::iter(ports)
            .map(|port| house.change(port, mbps, due))
            .buffered(4);
        booked.collect::<Vec<_>>().await;
    }
    assert!(Utc::now() < due, "booking took too long");
    sleep((due - Utc::now()).to_std().unwrap()).await;
    let (before, began) = (Writes::so_far(ground).await, Instant::now());
    while ground.verified(mbps).await < count {
        assert!(began.elapsed() < Duration::from_secs(900), "not all are verified");
        sleep(Duration::from_millis(100)).await;
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    // PostgreSQL tells of writes a second late.
    sleep(Duration::from_secs(3)).await;
    (rate, Writes::so_far(ground).await.since(&before).of_each(count))
}

fn setting(name: &str, default: usize) -> usize {
    let given = std::env::var(format!("NEXUSPORT_BENCH_{name}")).ok();
    given.map_or(default, |text| text.parse().unwrap())
}
