//! Plugins that pass every check and then misbehave: each failure says which limit it was, and whoever comes next is served.

use nexusport_plugins::hostile;
use nexusport_sandbox::{Blame, Failure, World};

use crate::bytes::pricing;
use crate::harness::{PATIENCE, failure, month, plugin, price, sandbox, serves_others, told};

#[test]
fn a_panic_is_named_and_the_next_call_is_served() {
    let sandbox = sandbox();
    assert_eq!(
        failure(&plugin(&sandbox, hostile::PANICS), &month(1)),
        Failure::Panicked
    );
    serves_others(&sandbox);
}

#[test]
fn recursion_in_the_plugins_own_stack_is_out_of_bounds() {
    let sandbox = sandbox();
    assert_eq!(
        failure(&plugin(&sandbox, hostile::RECURSES), &month(1)),
        Failure::OutOfBounds
    );
    serves_others(&sandbox);
}

#[test]
fn other_traps_are_told_in_the_engines_words() {
    let divides = pricing("", "(i32.div_u (i32.const 1) (i32.const 0))");
    let message = "wasm trap: integer divide by zero".to_owned();
    assert_eq!(
        failure(&plugin(&sandbox(), &divides), &month(0)),
        Failure::Trapped { message }
    );
}

#[test]
fn a_result_that_lies_outside_of_its_memory_cannot_be_read() {
    let points_nowhere = pricing("", "i32.const -8");
    let failure = failure(&plugin(&sandbox(), &points_nowhere), &month(0));
    assert_eq!(failure.blame(), Blame::Plugin);
    assert!(!matches!(failure, Failure::Broken { .. }), "{failure:?}");
}

#[test]
fn a_missed_deadline_is_told_apart_from_used_up_fuel() {
    let sandbox = sandbox();
    let loops = plugin(&sandbox, hostile::LOOPS);
    let little = sandbox.limits().pricing(0);
    let short = nexusport_sandbox::Budget {
        fuel: u64::MAX >> 1,
        wall_ms: 20,
        ..little
    };

    let run = loops.price(&month(0), &short);
    let failure = run.result.unwrap_err();
    assert_eq!(failure, Failure::DeadlineExceeded { limit_ms: 20 });
    assert_eq!(failure.blame(), Blame::Unclear);
    assert!(run.usage.wall.as_millis() >= 20);

    let run = loops.price(&month(0), &little.more_time(1_000));
    let failure = run.result.unwrap_err();
    assert_eq!(failure, Failure::FuelExhausted { limit: 5_000_000 });
    assert_eq!(failure.blame(), Blame::Plugin);
    assert_eq!(run.usage.fuel, 5_000_000);
    serves_others(&sandbox);
}

#[test]
fn nothing_outlives_a_call() {
    let sandbox = sandbox();
    let (mine, yours) = (
        plugin(&sandbox, hostile::COUNTS),
        plugin(&sandbox, hostile::COUNTS),
    );
    for _ in 0..50 {
        assert_eq!(told(&mine), "1");
        assert_eq!(told(&yours), "1");
    }
}

#[test]
fn a_call_leaves_nothing_in_the_memory_that_the_next_plugin_gets() {
    let sandbox = sandbox();
    let writes = pricing(
        "",
        "(memory.fill (i32.const 0) (i32.const 255) (i32.const 65536)) unreachable",
    );
    // Divides by zero, unless it finds something.
    let looks = pricing("", "(i32.div_u (i32.const 1) (i32.load (i32.const 60000)))");
    let (writes, looks) = (plugin(&sandbox, &writes), plugin(&sandbox, &looks));
    for _ in 0..100 {
        assert_eq!(failure(&writes, &month(0)), Failure::Panicked);
        assert!(matches!(failure(&looks, &month(0)), Failure::Trapped { .. }));
    }
}

#[test]
fn what_a_plugin_says_is_cleaned_and_what_it_computes_is_refused_rather_than_repaired() {
    let lies = plugin(&sandbox(), hostile::LIES);
    let about = lies
        .pricing_describe(&lies.sandbox().limits().pricing(0).more_time(PATIENCE))
        .result
        .unwrap()
        .about;
    assert_eq!((&*about.name, &*about.version), ("approved", "1.0 2.0"));
    assert_eq!(about.summary, "costs 00.001 a month");
    assert_eq!((&*about.extras[0].name, &*about.extras[0].value), ("ab", ""));

    let refused = price(&lies, &month(0)).result.unwrap().unwrap_err();
    assert_eq!((&*refused.code, &*refused.message), ("no", "line one line two"));

    let field = "the amount of a charge";
    assert_eq!(
        failure(&lies, &month(1)),
        Failure::BadText { field, limit: 8_192 }
    );
}

#[test]
fn a_request_with_a_line_break_in_its_target_is_refused() {
    let sandbox = sandbox();
    let overdoes = plugin(&sandbox, hostile::OVERDOES);
    let probe = crate::harness::operation(nexusport_sandbox::carrier::Task::Probe);
    let failure = overdoes
        .carrier_next(&probe, &[], &sandbox.limits().carrier().more_time(PATIENCE))
        .result
        .unwrap_err();
    assert_eq!(
        failure,
        Failure::BadText {
            field: "the target of the request",
            limit: 8_192
        }
    );
}

#[test]
fn a_call_of_another_world_is_refused() {
    let sandbox = sandbox();
    let counts = plugin(&sandbox, hostile::COUNTS);
    let failure = counts
        .branding_theme(b"{}", &sandbox.limits().branding())
        .result
        .unwrap_err();
    assert_eq!(
        failure,
        Failure::WrongWorld {
            wanted: World::Branding,
            has: World::Pricing
        }
    );
}

#[test]
fn the_same_call_has_the_same_answer_and_takes_the_same_fuel() {
    let committed = plugin(&sandbox(), nexusport_plugins::PRICING_COMMITTED);
    let (first, second) = (price(&committed, &month(10)), price(&committed, &month(10)));
    assert_eq!(first.result, second.result);
    assert_eq!(
        (first.usage.fuel, first.usage.memory_bytes),
        (second.usage.fuel, second.usage.memory_bytes)
    );
    assert!(first.usage.fuel > 0 && first.usage.memory_bytes > 0);
}

#[test]
fn a_budget_beyond_the_sandboxs_memory_is_held_to_it() {
    let sandbox = sandbox();
    let plenty = nexusport_sandbox::Budget {
        memory_bytes: 1 << 40,
        ..sandbox.limits().pricing(0).more_time(PATIENCE)
    };
    let run = plugin(&sandbox, hostile::HOARDS).price(&month(0), &plenty);
    let Err(Failure::MemoryExceeded { limit, .. }) = run.result else {
        panic!("{:?}", run.result)
    };
    assert_eq!(limit, 64 << 20);
}
