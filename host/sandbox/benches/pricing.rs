//! What one pricing call costs, with everything that the sandbox adds, against the bare engine doing the same: a fresh
//! store, an instance, the call, its result read, all dropped. The bare engine has no fuel, no deadline, no limiter and
//! cleans nothing; once with its stock pool and once with ours. Then how many fresh calls a second one and two threads
//! make.
//!
//! To hold: ours at most 1.25 times the bare engine with our pool, and more calls with the second thread.
#![allow(missing_docs, clippy::unwrap_used)]

use std::thread;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nexusport_plugins::PRICING_COMMITTED;
use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::{Limits, Plugin, Sandbox, pool, pricing};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Store};

mod bare {
    wasmtime::component::bindgen!({ path: "../../wit/v0", world: "pricing-plugin" });
    pub use exports::nexusport::plugin::pricing::{Fact, Interval, Period, Request};
}

const PERIOD_MS: i64 = 30 * 86_400_000;
const SETTINGS: &[u8] = br#"{"price_per_mbps":"0.40"}"#;

criterion_group!(benches, one_call, calls_a_second);
criterion_main!(benches);

fn one_call(criterion: &mut Criterion) {
    let ours = ours();
    let limits = Limits::default();
    let mut tuned = Config::new();
    tuned
        .allocation_strategy(pool(&limits))
        .concurrency_support(false)
        .cranelift_nan_canonicalization(true);
    let mut stock = Config::new();
    stock.allocation_strategy(InstanceAllocationStrategy::pooling());
    let bare = [
        ("bare, stock pool", Bare::new(&stock)),
        ("bare, our pool", Bare::new(&tuned)),
    ];

    let mut group = criterion.benchmark_group("one pricing call");
    for facts in [1, 10, 1_000] {
        let request = our_request(facts);
        let budget = limits.pricing(pricing::facts(&request));
        group.bench_function(BenchmarkId::new("ours", facts), |bencher| {
            bencher.iter(|| ours.price(&request, &budget).result.unwrap().unwrap());
        });
        let request = bare_request(facts);
        for (name, bare) in &bare {
            group.bench_function(BenchmarkId::new(*name, facts), |bencher| {
                bencher.iter(|| bare.price(&request))
            });
        }
    }
    group.finish();
}

fn calls_a_second(criterion: &mut Criterion) {
    let ours = ours();
    let request = our_request(1);
    let budget = Limits::default().pricing(1);
    let call =
        |times: u64| (0..times).for_each(|_| drop(ours.price(&request, &budget).result.unwrap().unwrap()));

    let mut group = criterion.benchmark_group("fresh calls");
    group.throughput(Throughput::Elements(1));
    for threads in [1, 2] {
        group.bench_function(BenchmarkId::new("threads", threads), |bencher| {
            bencher.iter_custom(|calls| {
                let began = Instant::now();
                thread::scope(|scope| {
                    for thread in 0..threads {
                        let share = calls / threads + u64::from(thread < calls % threads);
                        scope.spawn(move || call(share));
                    }
                });
                began.elapsed()
            });
        });
    }
    group.finish();
}

fn ours() -> Plugin {
    let limits = Limits::default();
    let artifact = compile_trusted(PRICING_COMMITTED, &limits)
        .artifact
        .expect("a good plugin passes");
    Plugin::load(&Sandbox::new(limits).unwrap(), &artifact).unwrap()
}

/// The engine without a sandbox around it.
struct Bare {
    engine: Engine,
    ready: bare::PricingPluginPre<()>,
}

impl Bare {
    fn new(settings: &Config) -> Self {
        let engine = Engine::new(settings).unwrap();
        let component = Component::new(&engine, PRICING_COMMITTED).unwrap();
        let ready = Linker::new(&engine).instantiate_pre(&component).unwrap();
        Self {
            engine,
            ready: bare::PricingPluginPre::new(ready).unwrap(),
        }
    }

    fn price(&self, request: &bare::Request) -> usize {
        let mut store = Store::new(&self.engine, ());
        let plugin = self.ready.instantiate(&mut store).unwrap();
        let priced = plugin
            .nexusport_plugin_pricing()
            .call_price(&mut store, request)
            .unwrap()
            .unwrap();
        priced.charges.len()
    }
}

fn our_request(facts: i64) -> pricing::Request {
    let fact = |number| {
        pricing::Fact::Interval(pricing::Interval {
            start: number * PERIOD_MS / facts,
            end: (number + 1) * PERIOD_MS / facts,
            mbps: 1_000,
            base_mbps: 1_000,
            extras: Vec::new(),
        })
    };
    pricing::Request {
        period: pricing::Period {
            start: 0,
            end: PERIOD_MS,
        },
        time_zone: "Europe/Vienna".to_owned(),
        currency: "EUR".to_owned(),
        settings: SETTINGS.to_vec(),
        facts: (0..facts).map(fact).collect(),
        extras: Vec::new(),
    }
}

fn bare_request(facts: i64) -> bare::Request {
    let fact = |number| {
        bare::Fact::Interval(bare::Interval {
            start: number * PERIOD_MS / facts,
            end: (number + 1) * PERIOD_MS / facts,
            mbps: 1_000,
            base_mbps: 1_000,
            extras: Vec::new(),
        })
    };
    bare::Request {
        period: bare::Period {
            start: 0,
            end: PERIOD_MS,
        },
        time_zone: "Europe/Vienna".to_owned(),
        currency: "EUR".to_owned(),
        settings: SETTINGS.to_vec(),
        facts: (0..facts).map(fact).collect(),
        extras: Vec::new(),
    }
}
