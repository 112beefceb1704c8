//! `GET /v1/ports/{id}` over HTTP against the same query through axum and sqlx with no tenancy at all, on a million ports
//! of a thousand tenants. All run in one process on one machine, in turns, so that whatever disturbs one disturbs all.
//!
//! `cargo bench -p nexusport --bench ports`; NEXUSPORT_BENCH_ROWS and NEXUSPORT_BENCH_ROUNDS make it smaller.

// Disallowed methods: the rival has no clock to ask.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

mod bare;
mod client;
mod ground;

use std::time::Duration;

use client::{Load, Question};
use ground::{Ground, Known};

const TURN: Duration = Duration::from_millis(1_000);
/// How many requests are under way at a time: one by itself, and as many as keep the machine busy.
const AT_ONCE: [usize; 2] = [1, 8];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    let (rows, rounds) = (setting("ROWS", 1_000_000), setting("ROUNDS", 15));
    let ground = Ground::lay(rows).await;
    println!("{rows} ports");
    let questions = ground.questions(4_000).await;
    for at_once in AT_ONCE {
        compare(&ground, &questions, at_once, rounds).await;
    }
}

async fn compare(ground: &Ground, questions: &[Known], at_once: usize, rounds: i64) {
    let mut loads: Vec<Load> = Vec::new();
    for (name, address, questions) in [
        (
            "bare: one query",
            ground.bare,
            ask(questions, |q| (q.bare(), None)),
        ),
        (
            "bare: and the key by its hash",
            ground.bare,
            ask(questions, |q| (q.keyed(), Some(q.token()))),
        ),
        (
            "bare: and all that is answered",
            ground.bare,
            ask(questions, |q| (q.whole(), Some(q.token()))),
        ),
        (
            "ours: a reseller's key",
            ground.ours,
            ask(questions, |q| (q.ours(), Some(q.reseller_token()))),
        ),
        (
            "ours: customers' keys",
            ground.ours,
            ask(questions, |q| (q.ours(), Some(q.token()))),
        ),
        ("ours: both in turns", ground.ours, mixed(questions)),
    ] {
        loads.push(Load::new(name, address, questions, at_once).await);
    }
    for round in 0..=rounds {
        for load in &mut loads {
            // The first round warms what all of them keep.
            load.turn(TURN, round > 0).await;
        }
    }
    println!("{at_once} at a time, {rounds} rounds of {TURN:?}");
    println!(
        "{:<32} {:>10} {:>9} {:>9} {:>12} {:>12} {:>12}",
        "", "requests/s", "p50 us", "p99 us", "of one query", "of keyed", "of all"
    );
    for load in &loads {
        let against = |other: &Load| load.ratio(other);
        println!(
            "{:<32} {:>10.0} {:>9} {:>9} {:>12.2} {:>12.2} {:>12.2}",
            load.name,
            load.rate(),
            load.quantile(0.5),
            load.quantile(0.99),
            against(&loads[0]),
            against(&loads[1]),
            against(&loads[2]),
        );
    }
}

fn ask<'a>(questions: &'a [Known], of: impl Fn(&'a Known) -> (String, Option<&'a str>)) -> Vec<Question> {
    questions
        .iter()
        .map(|known| {
            let (path, token) = of(known);
            Question::get(&path, token)
        })
        .collect()
}

fn mixed(questions: &[Known]) -> Vec<Question> {
    let in_turns = questions.iter().enumerate();
    in_turns
        .map(|(n, q)| {
            Question::get(
                &q.ours(),
                Some(if n % 2 == 0 { q.token() } else { q.reseller_token() }),
            )
        })
        .collect()
}

fn setting(name: &str, default: i64) -> i64 {
    let given = std::env::var(format!("NEXUSPORT_BENCH_{name}")).ok();
    given.map_or(default, |text| text.parse().unwrap())
}
