//! What one step of a carrier adapter costs, fresh: a store, an instance, the call, its result read, all dropped. The steps are
//! those after the shortest and the longest journal of an adapter's recordings.
//!
//! To hold: under 100 us each.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use nexusport_plugins::{CARRIER_EQUINIX_FABRIC, CARRIER_MEF_SONATA, CARRIER_MEGAPORT, CARRIER_PACKETFABRIC};
use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::fixture::Fixture;
use nexusport_sandbox::{Limits, Next, Plugin, Sandbox};

const ADAPTERS: [(&str, &[u8]); 4] = [
    ("carrier-equinix-fabric", CARRIER_EQUINIX_FABRIC),
    ("carrier-mef-sonata", CARRIER_MEF_SONATA),
    ("carrier-megaport", CARRIER_MEGAPORT),
    ("carrier-packetfabric", CARRIER_PACKETFABRIC),
];

criterion_group!(benches, steps);
criterion_main!(benches);

fn steps(criterion: &mut Criterion) {
    let limits = Limits::default();
    let budget = limits.carrier();
    let sandbox = Sandbox::new(limits.clone()).unwrap();
    for (name, component) in ADAPTERS {
        let artifact = compile_trusted(component, &limits)
            .artifact
            .expect("a good plugin passes");
        let plugin = Plugin::load(&sandbox, &artifact).unwrap();
        let mut recordings = recordings(name);
        recordings.sort_by_key(|(_, next)| next.journal.len());
        let ends = [recordings.remove(0), recordings.pop().unwrap()];
        let mut group = criterion.benchmark_group(format!("a step of {name}"));
        for (recording, Next { operation, journal }) in ends {
            let run = plugin.carrier_next(&operation, &journal, &budget);
            println!("{name}, {} bytes: {recording}, {:?}", component.len(), run.usage);
            group.bench_function(BenchmarkId::new(recording, journal.len()), |bencher| {
                bencher.iter(|| plugin.carrier_next(&operation, &journal, &budget).result.unwrap());
            });
        }
        group.finish();
    }
}

/// The recordings of a plugin, by the names of their files.
fn recordings(plugin: &str) -> Vec<(String, Next)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../plugins/{plugin}/fixtures"));
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let read = |file: &PathBuf| {
        let fixture = Fixture::read(&fs::read(file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fixture.question::<Next>().unwrap())
    };
    files.iter().map(read).collect()
}
