//! Ten thousand tenants on one host, each with a release of its own: what a tenant's loaded code takes of memory, how long
//! loading it from the cache's files takes, and what a call costs of a release that is loaded, and of one that is not.
//!
//! `cargo bench -p nexusport-sandbox --bench tenants`; NEXUSPORT_BENCH_TENANTS makes it smaller. Compiling them takes
//! minutes: those in the folder NEXUSPORT_BENCH_FOLDER are not compiled again. To hold: loading takes at most 1 ms at the
//! median.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use nexusport_plugins::PRICING_COMMITTED;
use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::pricing::{self, Fact, Interval, Period, Request};
use nexusport_sandbox::{Limits, Plugin, Sandbox, open_artifact, seal_artifact};
use sha2::{Digest as _, Sha256};

const KEY: [u8; 32] = [7; 32];
const CALLS: usize = 20_000;
const THREADS: usize = 2;
/// Steps through all tenants in an order without neighbours: odd and not a divisor of their number.
const STRIDE: usize = 7_919;

fn main() {
    let setting = std::env::var("NEXUSPORT_BENCH_TENANTS").ok();
    let tenants: usize = setting.map_or(10_000, |text| text.parse().unwrap());
    let host = Host::new(tenants);

    let before = resident_kib();
    let mut loads = Vec::new();
    let plugins: Vec<Plugin> = (0..tenants)
        .map(|tenant| timed(&mut loads, || host.load(tenant)))
        .collect();
    let loaded = resident_kib() - before;
    report("load from the cache", &mut loads);

    let mut cold = Vec::new();
    for tenant in order(tenants).take(tenants.min(2_000)) {
        timed(&mut cold, || host.price(&host.load(tenant)));
    }
    report("load and first call", &mut cold);

    let mut first = Vec::new();
    for plugin in &plugins {
        timed(&mut first, || host.price(plugin));
    }
    report("first call after loading", &mut first);
    let called = resident_kib() - before;

    let mut warm = Vec::new();
    for tenant in order(tenants).take(CALLS) {
        timed(&mut warm, || host.price(&plugins[tenant]));
    }
    report("call, another tenant each time", &mut warm);

    let mut one = Vec::new();
    for _ in 0..CALLS {
        timed(&mut one, || host.price(&plugins[0]));
    }
    report("call, the same tenant each time", &mut one);

    let alone = host.calls_a_second(&plugins, 1);
    let both = host.calls_a_second(&plugins, THREADS);
    println!(
        "{alone:.0} calls a second of all tenants on one thread, {both:.0} on {THREADS}: {:.2}x",
        both / alone
    );
    let each = |kib: i64| kib as f64 / tenants as f64;
    println!(
        "{tenants} tenants: {:.0} KiB each when loaded, {:.0} KiB when called; {:.0} KiB a file",
        each(loaded),
        each(called),
        host.file_bytes as f64 / 1024.0
    );
}

/// A sandbox, and a folder with every tenant's compiled release.
struct Host {
    sandbox: Sandbox,
    folder: PathBuf,
    _gone_at_the_end: tempfile::TempDir,
    digests: Vec<String>,
    request: Request,
    file_bytes: u64,
}

impl Host {
    fn new(tenants: usize) -> Self {
        let sandbox = Sandbox::new(Limits::default()).unwrap();
        let gone_at_the_end = tempfile::tempdir().unwrap();
        let given = std::env::var_os("NEXUSPORT_BENCH_FOLDER").map(PathBuf::from);
        let folder = given.unwrap_or_else(|| gone_at_the_end.path().to_owned());
        let began = Instant::now();
        let digests: Vec<String> = (0..tenants)
            .map(|tenant| hex::encode(Sha256::digest(component(tenant))))
            .collect();
        thread::scope(|scope| {
            for first in 0..THREADS {
                let (sandbox, folder, digests) = (&sandbox, &folder, &digests);
                scope.spawn(move || {
                    for tenant in (first..tenants).step_by(THREADS) {
                        let file = folder.join(&digests[tenant]);
                        if file.exists() {
                            continue;
                        }
                        let report = compile_trusted(&component(tenant), sandbox.limits());
                        let sealed = seal_artifact(sandbox, &KEY, &report.artifact.unwrap());
                        fs::write(file, sealed).unwrap();
                    }
                });
            }
        });
        println!("{tenants} releases compiled in {:.0?}", began.elapsed());
        let file_bytes = fs::metadata(folder.join(&digests[0])).unwrap().len();
        let request = Request {
            period: Period {
                start: 0,
                end: 30 * 86_400_000,
            },
            time_zone: "Europe/Vienna".into(),
            currency: "EUR".into(),
            settings: br#"{"price_per_mbps":"0.40"}"#.to_vec(),
            facts: vec![Fact::Interval(Interval {
                start: 0,
                end: 86_400_000,
                mbps: 1_000,
                base_mbps: 1_000,
                extras: Vec::new(),
            })],
            extras: Vec::new(),
        };
        Self {
            sandbox,
            folder,
            _gone_at_the_end: gone_at_the_end,
            digests,
            request,
            file_bytes,
        }
    }

    /// As a host does whose memory does not have it.
    fn load(&self, tenant: usize) -> Plugin {
        let digest = &self.digests[tenant];
        let file: PathBuf = self.folder.join(digest);
        let artifact = open_artifact(&self.sandbox, &KEY, digest, fs::read(file).unwrap()).unwrap();
        Plugin::load(&self.sandbox, &artifact).unwrap()
    }

    fn price(&self, plugin: &Plugin) {
        let budget = self.sandbox.limits().pricing(pricing::facts(&self.request));
        black_box(plugin.price(&self.request, &budget).result.unwrap().unwrap());
    }

    fn calls_a_second(&self, plugins: &[Plugin], threads: usize) -> f64 {
        let began = Instant::now();
        thread::scope(|scope| {
            for first in 0..threads {
                scope.spawn(move || {
                    for tenant in order(plugins.len()).skip(first * CALLS / threads).take(CALLS) {
                        self.price(&plugins[tenant]);
                    }
                });
            }
        });
        (CALLS * threads) as f64 / began.elapsed().as_secs_f64()
    }
}

/// A release that differs from every other tenant's: a custom section names its tenant.
fn component(tenant: usize) -> Vec<u8> {
    let section = format!("\x06tenant{tenant:05}");
    let mut component = PRICING_COMMITTED.to_vec();
    component.extend([0, u8::try_from(section.len()).unwrap()]);
    component.extend(section.as_bytes());
    component
}

/// Every tenant in turn, again and again, never one beside the one before.
fn order(tenants: usize) -> impl Iterator<Item = usize> {
    (0..).map(move |n: usize| n.wrapping_mul(STRIDE) % tenants)
}

fn timed<T>(times: &mut Vec<Duration>, call: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = call();
    times.push(began.elapsed());
    result
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{what:<32} p50 {:>10.1?}  p99 {:>10.1?}", at(0.5), at(0.99));
}

fn resident_kib() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
