//! The plugins of this repository.

use nexusport_inspection::{Check, Outcome, Stage};
use nexusport_plugins::{
    BRAND_HARBOUR, BRAND_NORTHLIGHT, CARRIER_SIMULATOR, PRICING_BURST, PRICING_COMMITTED,
};

use crate::place::look;

#[track_caller]
fn check(component: &[u8], suite: &[&str]) -> Vec<Check> {
    let (inspected, stages) = look(component);
    assert_eq!(inspected.failed(), None, "{:#?}", inspected.checks);
    assert!(inspected.accepted.is_some());
    let all = [Stage::Compile, Stage::Describe, Stage::Trial, Stage::Conformance];
    assert_eq!(stages, all);
    for name in suite {
        let found = inspected.checks.iter().any(|check| check.name == *name);
        assert!(found, "{name} is not among {:#?}", inspected.checks);
    }
    inspected.checks
}

const PRICING: [&str; 6] = [
    "pricing_serves",
    "pricing_deterministic",
    "pricing_charges",
    "pricing_additive",
    "pricing_monotone",
    "pricing_fuel_slope",
];

#[test]
fn a_committed_price_keeps_what_it_declares() {
    let checks = check(PRICING_COMMITTED, &PRICING);
    assert!(checks.iter().all(|check| check.outcome == Outcome::Passed));
}

#[test]
fn a_burst_price_is_not_held_to_what_it_does_not_declare() {
    let checks = check(PRICING_BURST, &PRICING);
    let monotone = checks.iter().find(|check| check.name == "pricing_monotone");
    assert!(monotone.unwrap().message.contains("not declared"));
}

#[test]
fn brands_have_a_text_for_everything_and_let_no_name_into_it() {
    let names = [
        "branding_theme",
        "branding_labels",
        "branding_messages",
        "branding_documents",
        "branding_escapes",
        "branding_deterministic",
    ];
    check(BRAND_NORTHLIGHT, &names);
    check(BRAND_HARBOUR, &names);
}

#[test]
fn the_simulators_adapter_is_ready_for_every_answer() {
    let names = [
        "carrier_deterministic",
        "carrier_replay",
        "carrier_capabilities",
        "carrier_again",
        "carrier_lost",
        "carrier_retry_after",
        "carrier_success",
        "carrier_ends",
        "carrier_answers",
        "carrier_ids",
        "carrier_notified",
        "carrier_scenarios",
    ];
    check(CARRIER_SIMULATOR, &names);
}
