//! Small files that would cost seconds or gigabytes, one and more for each limit of an upload. Each is refused by the check
//! that it was made for, with its figure and its limit, and nothing of it is compiled where its structure told.

use std::time::{Duration, Instant};

use nexusport_plugins::PRICING_COMMITTED;
use nexusport_sandbox::compile::with_fixtures;
use nexusport_sandbox::{Limits, Report, is_clean};

use crate::bytes::{bags, functions, imports, jumps, loops, module, named_pricing, wat};
use crate::harness::{check, limits_with};

/// What a bomb is, and what becomes of it.
struct Bomb {
    what: &'static str,
    bytes: Vec<u8>,
    check: &'static str,
    /// What is told of it; none where it ended the child, or is no number.
    figure: Option<u64>,
    limit: Option<u64>,
}

/// One whose structure gives it away.
fn counted(what: &'static str, check: &'static str, bytes: Vec<u8>, figure: u64, limit: u64) -> Bomb {
    let (figure, limit) = (Some(figure), Some(limit));
    Bomb {
        what,
        bytes,
        check,
        figure,
        limit,
    }
}

/// One of a kind that is refused whatever its size.
fn refused(what: &'static str, check: &'static str, bytes: Vec<u8>) -> Bomb {
    Bomb {
        what,
        bytes,
        check,
        figure: None,
        limit: None,
    }
}

/// At the limits that every host has. A limit that is new is a variable that nothing here uses.
fn bombs() -> Vec<Bomb> {
    let Limits {
        component_bytes,
        functions: functions_max,
        locals,
        core_instances,
        tables,
        table_elements,
        fixtures_bytes,
        memory_bytes,
        // What compiling takes has bombs of its own below: at these limits each would take half a minute.
        compiled_bytes: _,
        compile_cpu_s: _,
        compile_wall_s: _,
        compile_memory_bytes: _,
        // What calls take is nothing that a file shows: `limits` has a guest for each.
        result_bytes: _,
        stack_bytes: _,
        handles: _,
        log_bytes: _,
        concurrent_calls: _,
        carrier_fuel: _,
        carrier_wall_ms: _,
        journal_exchanges: _,
        journal_bytes: _,
        request_bytes: _,
        carrier_data_bytes: _,
        destinations: _,
        pricing_fuel: _,
        pricing_fuel_per_fact: _,
        pricing_wall_ms: _,
        pricing_wall_us_per_fact: _,
        branding_fuel: _,
        branding_wall_ms: _,
    } = Limits::default();
    let (core_instances, tables) = (u64::from(core_instances), u64::from(tables));
    let table_elements = u64::from(table_elements);
    let long = with_fixtures(PRICING_COMMITTED, &" ".repeat(fixtures_bytes as usize + 1));
    let deep = "(component ".repeat(50) + &")".repeat(50);
    vec![
        counted(
            "zeros",
            "component_bytes",
            vec![0; component_bytes as usize + 1],
            component_bytes + 1,
            component_bytes,
        ),
        counted(
            "many functions",
            "functions",
            functions(100_000, 0),
            100_000,
            functions_max,
        ),
        counted(
            "many locals",
            "locals",
            functions(20_000, 50_000),
            1_000_000_000,
            locals,
        ),
        counted("instances", "core_instances", module("", 17), 17, core_instances),
        counted(
            "a memory",
            "memory_bytes",
            module("(memory 1025)", 1),
            (64 << 20) + (64 << 10),
            memory_bytes,
        ),
        counted(
            "all memory",
            "memory_bytes",
            module("(memory 65536)", 1),
            4 << 30,
            memory_bytes,
        ),
        counted("memories", "memories", module("(memory 0)", 2), 2, 1),
        counted(
            "memories of one",
            "memories",
            module("(memory 0) (memory 0)", 1),
            2,
            1,
        ),
        counted("tables", "tables", module("(table 0 funcref)", 5), 5, tables),
        counted(
            "a table",
            "table_elements",
            module("(table 20001 funcref)", 1),
            20_001,
            table_elements,
        ),
        counted(
            "gigabytes of table",
            "table_elements",
            module("(table 0xffffffff funcref)", 1),
            0xffff_ffff,
            table_elements,
        ),
        counted(
            "recordings",
            "fixtures_bytes",
            long,
            fixtures_bytes + 1,
            fixtures_bytes,
        ),
        refused("nested components", "nesting", wat(&deep)),
        refused("many long imports", "imports", imports(2_000)),
        refused(
            "a section longer than the file",
            "component",
            b"\0asm\x0d\0\x01\0\x00\xff\xff\xff\x7f".to_vec(),
        ),
        refused(
            "a million sections",
            "world",
            [&b"\0asm\x0d\0\x01\0"[..], &[0, 1, 0].repeat(1_000_000)].concat(),
        ),
    ]
}

#[test]
fn every_bomb_that_can_be_counted_is_refused_before_anything_is_compiled() {
    for Bomb {
        what,
        bytes,
        check: name,
        figure,
        limit,
    } in bombs()
    {
        let began = Instant::now();
        let report = check(&bytes, Limits::default());
        let failed = report.refusal().unwrap_or_else(|| panic!("{what} passed"));
        assert_eq!(
            (&*failed.name, failed.figure, failed.limit),
            (name, figure, limit),
            "{what}"
        );
        assert!(
            report.checks().iter().all(|check| check.name != "code"),
            "{what} was compiled"
        );
        in_words(what, &report);
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{what} took {:?}",
            began.elapsed()
        );
    }
}

#[test]
fn every_bomb_that_cannot_be_counted_ends_by_a_limit_of_the_child() {
    const MEMORY: u64 = 512 << 20;
    let little_time = || limits_with(|limits| limits.compile_cpu_s = 2);
    let little_memory = || limits_with(|limits| limits.compile_memory_bytes = MEMORY);
    let memory = ("compile_memory_bytes", Some(MEMORY));
    let bombs = [
        ("bags of bags", bags(18, 2), little_memory(), memory),
        ("jumps over results", jumps(1_000, 1_000), little_memory(), memory),
        (
            "loops of locals",
            loops(2_000, 2_000),
            little_time(),
            ("compile_cpu_s", Some(2)),
        ),
        (
            "a chain that the parser panics at",
            bags(200, 1),
            Limits::default(),
            ("code", None),
        ),
    ];
    for (what, bytes, limits, end) in bombs {
        assert!(bytes.len() < 200_000, "{what} has {} bytes", bytes.len());
        let report = check(&bytes, limits);
        let failed = report.refusal().unwrap_or_else(|| panic!("{what} passed"));
        assert_eq!((&*failed.name, failed.limit), end, "{what}: {}", failed.message);
        in_words(what, &report);
    }
}

#[test]
fn code_that_grows_when_it_is_compiled_is_refused_by_its_size() {
    let limit = 256 << 10;
    let report = check(
        &named_pricing(&code(), "$i"),
        limits_with(|limits| limits.compiled_bytes = limit),
    );
    let failed = report.refusal().unwrap();
    assert_eq!((&*failed.name, failed.limit), ("compiled_bytes", Some(limit)));
    assert!(failed.figure.unwrap() > limit);
    assert_eq!(report.artifact, None);
}

/// Functions that are three bytes each, and some hundred when they are compiled.
fn code() -> String {
    format!("(core module {}) (instance $i)", "(func)".repeat(5_000))
}

/// What was found is told in words that can be shown.
fn in_words(what: &str, report: &Report) {
    for check in report.checks() {
        assert!(is_clean(&check.message, 4_000), "{what}: {:?}", check.message);
    }
}
