//! The plugins in the sandbox that hosts run them in: that they answer there as they do natively, and what they take.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use nexusport_sandbox::compile::compile_trusted;
use nexusport_sandbox::pricing::{Fact, Interval, Period, Priced, Request};
use nexusport_sandbox::{Limits, Plugin, Run, Sandbox, carrier, pricing};
use wasmparser::{Parser, Payload};

const HOUR: i64 = 3_600_000;

fn plugin(component: &[u8]) -> Plugin {
    let limits = Limits {
        concurrent_calls: 1,
        ..Limits::default()
    };
    let report = compile_trusted(component, &limits);
    let artifact = report
        .artifact
        .as_ref()
        .unwrap_or_else(|| panic!("{:?}", report.refusal()));
    Plugin::load(&Sandbox::new(limits).unwrap(), artifact).unwrap()
}

/// The memory that an instance of the component has before it runs.
fn initial_bytes(component: &[u8]) -> u64 {
    let memory = Parser::new(0)
        .parse_all(component)
        .find_map(|payload| match payload.unwrap() {
            Payload::MemorySection(section) => section.into_iter().next(),
            _ => None,
        });
    memory.unwrap().unwrap().initial * 65_536
}

/// An hour of each interval, the speed going up by the interval.
fn price(plugin: &Plugin, settings: &str, intervals: u32) -> Run<Priced> {
    let interval = |n: u32| {
        let (start, end) = (i64::from(n) * HOUR, i64::from(n + 1) * HOUR);
        Fact::Interval(Interval {
            start,
            end,
            mbps: 1000 + n,
            base_mbps: 1000,
            extras: vec![],
        })
    };
    let request = Request {
        period: Period {
            start: 0,
            end: 1000 * HOUR,
        },
        time_zone: "UTC".into(),
        currency: "EUR".into(),
        settings: settings.as_bytes().to_vec(),
        facts: (0..intervals).map(interval).collect(),
        extras: vec![],
    };
    let budget = plugin.sandbox().limits().pricing(pricing::facts(&request));
    let run = plugin.price(&request, &budget);
    Run {
        result: run.result.map(|answer| answer.unwrap()),
        usage: run.usage,
        log: run.log,
    }
}

#[test]
fn a_thousand_facts_are_priced_within_half_of_their_fuel() {
    let committed = (
        nexusport_plugins::PRICING_COMMITTED,
        r#"{"price_per_mbps": "0.40"}"#,
        1000,
    );
    let burst = r#"{"base_per_mbps": "0.30", "burst_per_mbps_hour": "0.004"}"#;
    for (component, settings, charges) in [committed, (nexusport_plugins::PRICING_BURST, burst, 1999)] {
        let plugin = plugin(component);
        let allowed = plugin.sandbox().limits().pricing(1000).fuel;
        let run = price(&plugin, settings, 1000);
        assert_eq!(run.result.unwrap().charges.len(), charges);
        assert!(run.usage.fuel < allowed / 2, "{} of {allowed}", run.usage.fuel);
    }
}

#[test]
fn a_small_call_never_grows_its_memory() {
    let component = nexusport_plugins::PRICING_COMMITTED;
    let plugin = plugin(component);
    let run = price(&plugin, r#"{"price_per_mbps": "0.40"}"#, 100);
    assert_eq!(run.usage.memory_bytes, initial_bytes(component));
    assert_eq!(run.result.unwrap().charges[0].amount, "0.4");
}

#[test]
fn a_large_call_grows_its_memory_and_stays_whole() {
    let component = nexusport_plugins::PRICING_COMMITTED;
    let run = price(&plugin(component), r#"{"price_per_mbps": "0.40"}"#, 2000);
    assert!(run.usage.memory_bytes > initial_bytes(component));
    let charges = run.result.unwrap().charges;
    let quantities = charges
        .iter()
        .enumerate()
        .map(|(n, charge)| charge.start == i64::try_from(n).unwrap() * HOUR);
    assert_eq!(
        (charges.len(), quantities.filter(|right| *right).count()),
        (2000, 2000)
    );
}

#[test]
fn the_adapter_asks_the_same_again_for_the_same_journal() {
    use carrier::{Answer, Exchange, Operation, Order, Port, Response, Step, Task};
    let plugin = plugin(nexusport_plugins::CARRIER_SIMULATOR);
    let budget = plugin.sandbox().limits().carrier();
    let operation = Operation {
        id: "op-1".into(),
        asked_at: 0,
        settings: b"{}".to_vec(),
        port: Some(Port {
            reference: "p-1".into(),
            carrier_data: vec![],
        }),
        task: Task::ChangeBandwidth(Order {
            mbps: 5000,
            from_mbps: 1000,
            extras: vec![],
        }),
        extras: vec![],
    };
    let next = |journal: &[Exchange]| plugin.carrier_next(&operation, journal, &budget).result.unwrap();
    let Step::Send(request) = next(&[]) else {
        panic!("nothing to send")
    };
    let body = br#"{"id": "o", "port": "p-1", "mbps": 5000, "status": "ACCEPTED"}"#.to_vec();
    let answer = Answer::Answered(Response {
        status: 202,
        headers: vec![],
        body,
    });
    let placed = Exchange {
        request,
        answer,
        at: 1,
        first: 1,
        repeats: 0,
    };
    let Step::Send(poll) = next(std::slice::from_ref(&placed)) else {
        panic!("nothing to poll")
    };
    assert_eq!((&*poll.method, &*poll.target), ("GET", "/v1/orders/o"));

    let mut altered = placed;
    altered.request.body[8] = b'9';
    let Step::Stuck(fault) = next(&[altered]) else {
        panic!("not diverged")
    };
    assert_eq!(
        fault.message,
        "request 1 is not the one in the journal: their bodies differ from byte 8 on"
    );
}
