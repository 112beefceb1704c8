//! A plugin that imports WASI gets a world in which nothing happens.

use std::time::{Duration, Instant};

use nexusport_plugins::hostile;

use crate::harness::{check, limits_with, month, plugin, price, sandbox, sandbox_with, told};

#[test]
fn an_hours_sleep_is_over_at_once_and_the_clock_stands_still() {
    let began = Instant::now();
    let told = told(&plugin(&sandbox(), hostile::SLEEPS));
    assert!(told.starts_with("0 s 0 ns, 0 s 0 ns, [0], "), "{told}");
    assert!(began.elapsed() < Duration::from_secs(600));
}

#[test]
fn random_numbers_are_the_same_in_every_call() {
    let sleeps = plugin(&sandbox(), hostile::SLEEPS);
    assert_eq!(told(&sleeps), told(&sleeps));
}

#[test]
fn what_a_plugin_prints_is_its_log_cleaned_and_capped() {
    let sleeps = plugin(&sandbox(), hostile::SLEEPS);
    assert_eq!(price(&sleeps, &month(0)).log, "before: 0 s 0 ns\n");
    let sleeps = plugin(&sandbox_with(|limits| limits.log_bytes = 4), hostile::SLEEPS);
    assert_eq!(price(&sleeps, &month(0)).log, "befo");
}

#[test]
fn its_imports_are_listed_in_the_report() {
    let report = check(hostile::SLEEPS, limits_with(|_| {}));
    assert_eq!(report.refusal(), None);
    assert!(
        report
            .imports()
            .iter()
            .any(|name| name == "wasi:clocks/monotonic-clock@0.2.0")
    );
}
