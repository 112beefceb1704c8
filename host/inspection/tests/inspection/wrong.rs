//! Guests that are wrong in one way each.

use nexusport_inspection::{Check, Outcome};
use nexusport_plugins::hostile;

use crate::place::look;

#[track_caller]
fn refused(component: &[u8], name: &str, words: &str) -> Check {
    let (inspected, _) = look(component);
    let failed = inspected.failed().expect("a check fails");
    assert_eq!(failed.name, name, "{failed:?}");
    assert!(failed.message.contains(words), "{failed:?}");
    assert!(inspected.accepted.is_none());
    let last = inspected.checks.last().unwrap();
    assert_eq!(
        (last, last.outcome),
        (failed, Outcome::Failed),
        "nothing follows it"
    );
    failed.clone()
}

#[test]
fn a_price_that_is_not_the_sum_of_its_parts_is_not_additive() {
    refused(
        hostile::DISCOUNTS,
        "pricing_additive",
        "costs 100 as a whole and 200 in two parts",
    );
}

#[test]
fn fuel_by_the_square_of_the_facts_is_a_slope() {
    let check = refused(hostile::COMPARES, "pricing_fuel_slope", "among a thousand");
    assert_eq!(check.limit, Some(200));
    assert!(check.figure.unwrap() > 500, "{check:?}");
}

#[test]
fn an_order_that_may_have_arrived_is_not_sent_again() {
    refused(hostile::REPEATS, "carrier_lost", "POST /orders");
}

#[test]
fn a_gateways_page_is_no_success() {
    refused(hostile::BELIEVES, "carrier_success", "it reports applied");
}

#[test]
fn a_name_does_not_become_a_link() {
    refused(
        hostile::ECHOES,
        "branding_escapes",
        "a value stands in the markup",
    );
}
