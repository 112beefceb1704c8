//! What the adapter for the simulated carrier and the committed rule are asked and answer, kept as fixtures in
//! `sdk/fixtures`: their twins in other languages are asked the same, and answer the same to the byte. The adapter's own tests
//! write its fixtures, these the rule's; `NEXUSPORT_WRITE_FIXTURES=1` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::fixture::{Fixture, Verdict};
use nexusport_sandbox::pricing::{Event, Fact, Interval, Period, Request};
use nexusport_sandbox::{Limits, Plugin, Sandbox};

use crate::keep_in;

const AT: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;

fn plugin(component: &[u8]) -> Plugin {
    let limits = Limits {
        concurrent_calls: 1,
        ..Limits::default()
    };
    let artifact = compile_trusted(component, &limits).artifact.unwrap();
    Plugin::load(&Sandbox::new(limits).unwrap(), &artifact).unwrap()
}

fn folder(plugin: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(plugin)
}

#[test]
fn the_adapters_component_answers_as_it_is_kept() {
    let plugin = plugin(nexusport_plugins::CARRIER_SIMULATOR);
    let mut kept = 0;
    for entry in fs::read_dir(folder("carrier-simulator")).unwrap() {
        let file = entry.unwrap().path();
        let fixture = Fixture::read(&fs::read(&file).unwrap()).unwrap();
        let verdict = fixture.replay(&plugin).unwrap().verdict;
        assert_eq!(verdict, Verdict::Same, "{}", file.display());
        kept += 1;
    }
    assert!(kept > 0);
}

#[test]
fn the_rule_answers_as_it_is_kept() {
    let plugin = plugin(nexusport_plugins::PRICING_COMMITTED);
    let interval = |start, end, mbps| {
        Fact::Interval(Interval {
            start,
            end,
            mbps,
            base_mbps: 1000,
            extras: vec![],
        })
    };
    let request = |price: &str, facts| Request {
        period: Period {
            start: AT,
            end: AT + 744 * HOUR,
        },
        time_zone: "Europe/Vienna".into(),
        currency: "EUR".into(),
        settings: format!(r#"{{"price_per_mbps": "{price}"}}"#).into_bytes(),
        facts,
        extras: vec![],
    };
    let folder = folder("pricing-committed");
    let keep = |name: &str, request: Request| {
        drop(keep_in(&folder, &plugin, &name.replace(' ', "-"), &request));
    };
    keep("nothing", request("0.40", vec![]));
    keep(
        "a whole period",
        request("0.40", vec![interval(AT, AT + 744 * HOUR, 1000)]),
    );
    let odd = vec![
        interval(AT, AT + 1, 1),
        interval(AT + 1, AT + 12_345_678, 5000),
        interval(AT + HOUR * 7, AT + HOUR * 11, 399_999),
    ];
    keep("odd lengths", request("0.123456789", odd.clone()));
    keep("a large price", request("999999999.999999999", odd));
    keep("free", request("0", vec![interval(AT, AT + HOUR, 1000)]));
    let event = Event {
        at: AT,
        name: "setup".into(),
        quantity: "1".into(),
        extras: vec![],
    };
    keep("an event", request("0.40", vec![Fact::Event(event)]));
    let empty = Period { start: AT, end: AT };
    keep(
        "an empty period",
        Request {
            period: empty,
            ..request("0.40", vec![interval(AT, AT + 1, 1)])
        },
    );
    keep("an empty interval", request("0.40", vec![interval(AT, AT, 1)]));
    keep(
        "too large a price",
        request("79228162514264337593543950335", vec![interval(AT, AT + HOUR, 1)]),
    );
}
