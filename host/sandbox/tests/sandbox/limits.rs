//! Every limit there is, each with something that goes beyond it. The table is complete or the last test fails.

use std::collections::BTreeSet;

use nexusport_plugins::{CARRIER_SIMULATOR, PRICING_COMMITTED, hostile};
use nexusport_sandbox::carrier::{Order, Task};
use nexusport_sandbox::compile::with_fixtures;
use nexusport_sandbox::{Budget, Compiler, Failure, Limits, Sandbox};

use crate::bytes::{bags, loops, pricing};
use crate::harness::{
    PATIENCE, check, exchange, failure, limits_with, month, operation, plugin, price, refusal, sandbox,
    sandbox_with, serves_others,
};

/// A test for each limit, named like it.
macro_rules! limits {
    ($($limit:ident => $trip:block)*) => {
        $(#[test] fn $limit() $trip)*

        #[test]
        fn every_limit_has_something_that_goes_beyond_it() {
            let tested = BTreeSet::from([$(stringify!($limit).to_owned()),*]);
            let limits = serde_json::to_value(Limits::default()).unwrap();
            let all: BTreeSet<String> = limits.as_object().unwrap().keys().cloned().collect();
            assert_eq!(tested, all);
        }
    };
}

limits! {
    component_bytes => { refuses("component_bytes", |limits| &mut limits.component_bytes, 1_000) }
    functions => { refuses("functions", |limits| &mut limits.functions, 5) }
    locals => { refuses("locals", |limits| &mut limits.locals, 5) }
    compiled_bytes => { refuses("compiled_bytes", |limits| &mut limits.compiled_bytes, 1_000) }
    core_instances => {
        let report = check(PRICING_COMMITTED, limits_with(|limits| limits.core_instances = 0));
        assert_eq!(refusal(&report), ("core_instances", Some(1), Some(0), "core instances: 1, the limit is 0"));
    }
    tables => {
        let report = check(&pricing("(table 1 funcref)", "unreachable"), limits_with(|limits| limits.tables = 0));
        assert_eq!(refusal(&report), ("tables", Some(1), Some(0), "tables: 1, the limit is 0"));
    }
    table_elements => {
        let at_start = check(&pricing("(table 20001 funcref)", "unreachable"), Limits::default());
        let message = "table elements: 20001, the limit is 20000";
        assert_eq!(refusal(&at_start), ("table_elements", Some(20_001), Some(20_000), message));

        let sandbox = sandbox();
        let grow = "(drop (table.grow 0 (ref.null func) (i32.const 19990))) unreachable";
        let grows = plugin(&sandbox, &pricing("(table 11 funcref)", grow));
        assert_eq!(failure(&grows, &month(0)), Failure::TableExceeded { limit: 20_000, asked: 20_001 });
        serves_others(&sandbox);
    }
    fixtures_bytes => {
        let text = " ".repeat(256 << 10);
        let report = check(&with_fixtures(PRICING_COMMITTED, &text), Limits::default());
        assert_eq!(report.refusal(), None);
        let report = check(&with_fixtures(PRICING_COMMITTED, &(text + " ")), Limits::default());
        let message = "fixtures bytes: 262145, the limit is 262144";
        assert_eq!(refusal(&report), ("fixtures_bytes", Some((256 << 10) + 1), Some(256 << 10), message));
    }
    compile_cpu_s => {
        let report = check(&loops(2_000, 2_000), limits_with(|limits| limits.compile_cpu_s = 1));
        let message = "compiling it takes more than 1 s of processor time";
        assert_eq!(refusal(&report), ("compile_cpu_s", None, Some(1), message));
    }
    compile_wall_s => {
        let limits = limits_with(|limits| limits.compile_wall_s = 1);
        let report = Compiler::new("/bin/sleep", ["600"], limits).check(PRICING_COMMITTED).unwrap();
        assert_eq!(refusal(&report), ("compile_wall_s", None, Some(1), "compiling it takes longer than 1 s"));
    }
    compile_memory_bytes => {
        let report = check(&bags(18, 2), limits_with(|limits| limits.compile_memory_bytes = 256 << 20));
        let message = "compiling it takes more than 268435456 bytes of memory";
        assert_eq!(refusal(&report), ("compile_memory_bytes", None, Some(256 << 20), message));
    }

    memory_bytes => {
        let at_start = check(&pricing("", "unreachable"), limits_with(|limits| limits.memory_bytes = 0));
        assert_eq!(refusal(&at_start).0, "memory_bytes");

        let sandbox = sandbox();
        let hoards = plugin(&sandbox, hostile::HOARDS);
        let run = price(&hoards, &month(0));
        let Err(Failure::MemoryExceeded { limit, asked }) = run.result else { panic!("{:?}", run.result) };
        assert_eq!(limit, 64 << 20);
        assert!(asked > limit);
        assert!(run.usage.memory_bytes <= limit);
        serves_others(&sandbox);
    }
    result_bytes => {
        let sandbox = sandbox();
        let floods = plugin(&sandbox, hostile::FLOODS);
        assert_eq!(failure(&floods, &month(0)), Failure::ResultTooLarge { limit: 4 << 20 });
        serves_others(&sandbox);
    }
    stack_bytes => {
        let sandbox = sandbox();
        let recurses = plugin(&sandbox, hostile::RECURSES);
        assert_eq!(failure(&recurses, &month(0)), Failure::StackExhausted { limit: 512 << 10 });
        serves_others(&sandbox);
    }
    handles => {
        let sandbox = sandbox();
        let grips = plugin(&sandbox, hostile::GRIPS);
        assert_eq!(failure(&grips, &month(0)), Failure::TooManyHandles { limit: 1_000 });
        serves_others(&sandbox);
    }
    log_bytes => {
        let sandbox = sandbox_with(|limits| limits.log_bytes = 3);
        assert_eq!(price(&plugin(&sandbox, hostile::SLEEPS), &month(0)).log, "bef");
    }
    concurrent_calls => { a_second_call_finds_the_pool_full() }

    carrier_fuel => {
        let sandbox = sandbox_with(|limits| limits.carrier_fuel = 10);
        let adapter = plugin(&sandbox, CARRIER_SIMULATOR);
        let failure = adapter.carrier_describe(&sandbox.limits().carrier().more_time(PATIENCE)).result.unwrap_err();
        assert_eq!(failure, Failure::FuelExhausted { limit: 10 });
    }
    carrier_wall_ms => {
        let change = |limits: &mut Limits| (limits.carrier_wall_ms, limits.carrier_fuel) = (10, u64::MAX >> 1);
        waits_at_most(10, sandbox_with(change), Limits::carrier)
    }
    journal_exchanges => {
        let journal = vec![exchange(0); 65];
        let what = "exchanges in the journal";
        assert_eq!(next_failure(Task::ReadPort, &journal), Failure::TooLarge { what, limit: 64, asked: 65 });
    }
    journal_bytes => {
        let journal = vec![exchange(1 << 20); 4];
        let (what, asked) = ("bytes in the journal", (4 << 20) + 4 * "GETapi".len() as u64);
        assert_eq!(next_failure(Task::ReadPort, &journal), Failure::TooLarge { what, limit: 4 << 20, asked });
    }
    request_bytes => {
        let order = Order { mbps: 2, from_mbps: 1, extras: Vec::new() };
        let failure = next_failure(Task::ChangeBandwidth(order), &[]);
        let Failure::TooLarge { what: "bytes in the request", limit, asked } = failure else { panic!("{failure:?}") };
        assert_eq!(limit, 256 << 10);
        assert!(asked > 1 << 20);
    }
    carrier_data_bytes => {
        let what = "bytes of carrier data";
        assert_eq!(next_failure(Task::ReadPort, &[]), Failure::TooLarge { what, limit: 16 << 10, asked: 1 << 20 });
    }
    destinations => {
        let sandbox = sandbox();
        let overdoes = plugin(&sandbox, hostile::OVERDOES);
        let failure = overdoes.carrier_describe(&sandbox.limits().carrier().more_time(PATIENCE)).result.unwrap_err();
        assert_eq!(failure, Failure::TooLarge { what: "destinations asked for", limit: 8, asked: 1_000 });
    }

    pricing_fuel => {
        let failure = failure(&plugin(&sandbox(), hostile::LOOPS), &month(0));
        assert_eq!(failure, Failure::FuelExhausted { limit: 5_000_000 });
    }
    pricing_fuel_per_fact => {
        let failure = failure(&plugin(&sandbox(), hostile::LOOPS), &month(3));
        assert_eq!(failure, Failure::FuelExhausted { limit: 5_300_000 });
    }
    pricing_wall_ms => {
        let change = |limits: &mut Limits| (limits.pricing_wall_ms, limits.pricing_fuel) = (10, u64::MAX >> 1);
        waits_at_most(10, sandbox_with(change), |limits| limits.pricing(0))
    }
    pricing_wall_us_per_fact => {
        let change = |limits: &mut Limits| {
            (limits.pricing_wall_ms, limits.pricing_wall_us_per_fact) = (5, 10_000);
            limits.pricing_fuel = u64::MAX >> 1;
        };
        waits_at_most(35, sandbox_with(change), |limits| limits.pricing(3))
    }
    branding_fuel => {
        let sandbox = sandbox_with(|limits| limits.branding_fuel = 20);
        let run = plugin(&sandbox, hostile::LOOPS).price(&month(0), &sandbox.limits().branding().more_time(PATIENCE));
        assert_eq!(run.result, Err(Failure::FuelExhausted { limit: 20 }));
    }
    branding_wall_ms => {
        let change = |limits: &mut Limits| (limits.branding_wall_ms, limits.branding_fuel) = (10, u64::MAX >> 1);
        waits_at_most(10, sandbox_with(change), Limits::branding)
    }
}

/// A good component is refused once the limit is lower than what it needs.
fn refuses(name: &str, field: fn(&mut Limits) -> &mut u64, limit: u64) {
    let report = check(PRICING_COMMITTED, limits_with(|limits| *field(limits) = limit));
    let (refused, figure, allowed, message) = refusal(&report);
    assert_eq!((refused, allowed), (name, Some(limit)));
    let figure = figure.expect("the figure is known");
    assert!(figure > limit);
    assert_eq!(
        message,
        format!("{}: {figure}, the limit is {limit}", name.replace('_', " "))
    );
    assert_eq!(report.artifact, None);
}

fn waits_at_most(limit_ms: u64, sandbox: Sandbox, budget: fn(&Limits) -> Budget) {
    let run = plugin(&sandbox, hostile::LOOPS).price(&month(0), &budget(sandbox.limits()));
    assert_eq!(run.result, Err(Failure::DeadlineExceeded { limit_ms }));
    serves_others(&Sandbox::new(Limits::default()).unwrap());
}

fn next_failure(task: Task, journal: &[nexusport_sandbox::carrier::Exchange]) -> Failure {
    let sandbox = sandbox();
    let overdoes = plugin(&sandbox, hostile::OVERDOES);
    overdoes
        .carrier_next(
            &operation(task),
            journal,
            &sandbox.limits().carrier().more_time(PATIENCE),
        )
        .result
        .unwrap_err()
}

fn a_second_call_finds_the_pool_full() {
    let sandbox = sandbox_with(|limits| limits.concurrent_calls = 1);
    let loops = plugin(&sandbox, hostile::LOOPS);
    let good = plugin(&sandbox, PRICING_COMMITTED);
    let long = Budget {
        fuel: u64::MAX >> 1,
        wall_ms: 500,
        ..sandbox.limits().pricing(0)
    };
    let full = Failure::PoolFull { limit: 1 };
    let found_full = std::thread::scope(|scope| {
        // The good plugin's calls may be what this one meets at first.
        let looping = scope.spawn(|| while loops.price(&month(0), &long).result == Err(full.clone()) {});
        let mut found_full = false;
        while !looping.is_finished() {
            found_full |= price(&good, &month(1)).result == Err(full.clone());
        }
        found_full
    });
    assert!(found_full);
    assert!(price(&good, &month(1)).result.is_ok());
}
