//! What an upload is told.

use nexusport_plugins::{PRICING_COMMITTED, hostile};
use nexusport_sandbox::{Compiler, Limits, Plugin, World};

use crate::bytes::{bags, named_pricing, pricing, wat};
use crate::harness::{check, limits_with, month, price, refusal, sandbox};

fn check_default(component: &[u8]) -> nexusport_sandbox::Report {
    check(component, Limits::default())
}

#[test]
fn a_good_component_passes_every_check_and_runs() {
    let report = check_default(PRICING_COMMITTED);
    assert_eq!(report.refusal(), None);
    assert_eq!(report.world(), Some(World::Pricing));
    assert_eq!(report.imports(), [""; 0]);
    assert_eq!(report.digest.len(), 64);
    let names: Vec<&str> = report.checks().iter().map(|check| check.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "component_bytes",
            "component",
            "nesting",
            "functions",
            "locals",
            "core_instances",
            "memories",
            "memory_bytes",
            "tables",
            "table_elements",
            "imports",
            "world",
            "code",
            "compiled_bytes",
            "interface",
        ]
    );
    let plugin = Plugin::load(&sandbox(), &report.artifact.unwrap()).unwrap();
    assert_eq!(plugin.digest(), report.digest);
    price(&plugin, &month(1)).result.unwrap().unwrap();
}

#[test]
fn every_world_of_this_repository_passes() {
    let carrier = check_default(nexusport_plugins::CARRIER_SIMULATOR);
    assert_eq!((carrier.world(), carrier.refusal()), (Some(World::Carrier), None));
    let branding = check_default(nexusport_plugins::BRAND_HARBOUR);
    assert_eq!(
        (branding.world(), branding.refusal()),
        (Some(World::Branding), None)
    );
}

#[test]
fn bytes_that_are_no_component_are_refused_as_such() {
    for garbage in [
        &b""[..],
        b"hello",
        b"\0asm",
        b"\0asm\x0d\0\x01\0\xff\xff",
        &[0xff; 4096],
    ] {
        let report = check_default(garbage);
        let (name, _, _, message) = refusal(&report);
        assert_eq!(name, "component");
        assert!(message.starts_with("this is not a component"), "{message}");
        assert_eq!(report.artifact, None);
    }
}

#[test]
fn a_cut_off_component_is_refused() {
    let report = check_default(&PRICING_COMMITTED[..PRICING_COMMITTED.len() / 2]);
    assert_eq!(refusal(&report).0, "component");
}

#[test]
fn a_core_module_is_told_what_it_lacks() {
    let report = check_default(&wat("(module)"));
    let (name, _, _, message) = refusal(&report);
    assert_eq!(
        (name, message),
        (
            "component",
            "this is a core module; it has to be made into a component first"
        )
    );
}

#[test]
fn compiled_code_is_not_taken_for_a_component() {
    let report = check_default(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    assert_eq!(refusal(&report).0, "component");
}

#[test]
fn a_component_without_a_world_is_told_the_worlds() {
    let report = check_default(&wat("(component)"));
    let (name, _, _, message) = refusal(&report);
    assert_eq!(name, "world");
    assert!(
        message.contains("nexusport:plugin/carrier") && message.contains("nexusport:plugin/branding"),
        "{message}"
    );
}

#[test]
fn another_version_of_the_interface_is_told_which_one_is_served() {
    let other = wat(r#"(component (instance $i) (export "nexusport:plugin/carrier@9.9.9" (instance $i)))"#);
    let report = check_default(&other);
    let (name, _, _, message) = refusal(&report);
    assert_eq!(name, "world");
    assert!(
        message.contains("carrier@9.9.9") && message.contains("0.1.0"),
        "{message}"
    );
}

#[test]
fn an_interface_of_other_types_is_refused() {
    let report = check_default(&named_pricing("(instance $i)", "$i"));
    let (name, _, _, message) = refusal(&report);
    assert_eq!(name, "interface");
    assert!(message.contains("describe"), "{message}");
}

#[test]
fn files_and_sockets_are_refused_by_the_name_of_the_import() {
    for (component, import) in [
        (hostile::OPENS_FILES, "wasi:filesystem/preopens@0.2.0"),
        (hostile::OPENS_SOCKETS, "wasi:sockets/instance-network@0.2.0"),
    ] {
        let report = check_default(component);
        let (name, _, _, message) = refusal(&report);
        assert_eq!(name, "imports");
        assert!(message.contains(import), "{message}");
        assert!(report.imports().iter().any(|name| name == import));
    }
}

#[test]
fn names_in_a_report_are_cleaned() {
    let report = check_default(&wat(
        r#"(component (import "evil:\u{1b}[2J\u{202e}name/x" (instance)))"#,
    ));
    for check in report.checks() {
        assert!(
            nexusport_sandbox::is_clean(&check.message, 2_000),
            "{:?}",
            check.message
        );
    }
    assert!(report.refusal().is_some());
}

#[test]
fn a_component_inside_a_component_is_refused_by_structure() {
    let code = named_pricing(
        "(component $inner (core module)) (instance $i (instantiate $inner))",
        "$i",
    );
    let deeper = named_pricing(
        "(component $inner (component)) (instance $i (instantiate $inner))",
        "$i",
    );
    let made = named_pricing(
        "(component $inner (instance)) (instance $i (instantiate $inner))",
        "$i",
    );
    for nested in [code, deeper, made] {
        assert_eq!(refusal(&check_default(&nested)).0, "nesting");
    }
}

#[test]
fn a_component_that_makes_the_parser_panic_is_a_failed_check() {
    let report = check_default(&bags(200, 1));
    let (name, _, _, message) = refusal(&report);
    assert_eq!(name, "code");
    assert!(message.contains("panicked"), "{message}");
}

#[test]
fn a_small_component_that_unfolds_into_gigabytes_ends_at_the_memory_limit() {
    let report = check(
        &bags(18, 2),
        limits_with(|limits| limits.compile_memory_bytes = 512 << 20),
    );
    assert_eq!(
        refusal(&report),
        (
            "compile_memory_bytes",
            None,
            Some(512 << 20),
            "compiling it takes more than 536870912 bytes of memory",
        )
    );
}

#[test]
fn more_than_one_memory_is_refused() {
    let second = pricing("", "unreachable");
    assert_eq!(check_default(&second).refusal(), None);
    let two = wat(
        "(component (core module $m (memory 1)) (core instance (instantiate $m)) (core instance (instantiate $m)))",
    );
    assert_eq!(refusal(&check_default(&two)).0, "memories");
}

#[test]
fn the_child_is_given_no_environment() {
    let told = "env >&2; exit 1";
    let report = Compiler::new("/bin/sh", ["-c", told], Limits::default())
        .check(b"")
        .unwrap();
    let (name, _, _, message) = refusal(&report);
    assert_eq!(name, "code");
    assert!(
        message.contains("PWD=") && !message.contains("CARGO"),
        "{message}"
    );
}

#[test]
fn a_compiler_that_cannot_be_started_is_no_statement_about_the_component() {
    let none: [&str; 0] = [];
    let compiler = Compiler::new("/nowhere/nexusport", none, Limits::default());
    assert_eq!(
        compiler.check(PRICING_COMMITTED).unwrap_err().kind(),
        std::io::ErrorKind::NotFound
    );
}

#[test]
fn a_compiler_that_talks_nonsense_is_a_failed_check() {
    let report = Compiler::new("/bin/echo", ["nonsense nonsense"], Limits::default())
        .check(b"")
        .unwrap();
    assert_eq!(refusal(&report).0, "code");
}
