//! What one step of a carrier adapter costs, fresh: a store, an instance, the call, its result read, all dropped. The steps are
//! those of an adapter's recordings, whose journals are as long as they get.
//!
//! To hold: under 100 us each.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use nexusport_plugins::CARRIER_EQUINIX_FABRIC;
use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::fixture::Fixture;
use nexusport_sandbox::{Limits, Next, Plugin, Sandbox};

const RECORDINGS: [&str; 3] = ["throttled", "unknown-after-crash", "polled-success.sent-again"];

criterion_group!(benches, steps);
criterion_main!(benches);

fn steps(criterion: &mut Criterion) {
    let limits = Limits::default();
    let budget = limits.carrier();
    let artifact = compile_trusted(CARRIER_EQUINIX_FABRIC, &limits)
        .artifact
        .expect("a good plugin passes");
    let plugin = Plugin::load(&Sandbox::new(limits).unwrap(), &artifact).unwrap();
    let mut group = criterion.benchmark_group("a step of carrier-equinix-fabric");
    for name in RECORDINGS {
        let Next { operation, journal } = recording("carrier-equinix-fabric", name);
        let run = plugin.carrier_next(&operation, &journal, &budget);
        println!("{name}: {} exchanges, {:?}", journal.len(), run.usage);
        group.bench_function(BenchmarkId::new(name, journal.len()), |bencher| {
            bencher.iter(|| plugin.carrier_next(&operation, &journal, &budget).result.unwrap());
        });
    }
    group.finish();
}

fn recording(plugin: &str, name: &str) -> Next {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let document = fs::read(plugins.join(format!("{plugin}/fixtures/{name}.json"))).unwrap();
    Fixture::read(&document).unwrap().question::<Next>().unwrap()
}
