//! What is bought while a burst is there, or between one and the next.

use nexusport_sdk::carrier::{Answer, Outcome, Step};

use super::{
    BUY_TWO, after_burst, check,
    fabric::{Fabric, no},
    to,
};

#[test]
fn a_base_raised_inside_a_window_is_bought_once_the_burst_is_off() {
    let bursting = Fabric::bursting(200);
    check(
        bursting,
        &after_burst(to(2000, 2000), 200),
        &["DELETE burst", BUY_TWO],
        Ok(2000),
    );
    let somebody_took_it = Fabric::answering(vec![
        (Answer::json(200, "{}"), true),
        (no(400, "no burst"), false),
    ]);
    check(
        somebody_took_it,
        &after_burst(to(2000, 2000), 200),
        &["DELETE burst", BUY_TWO],
        Ok(2000),
    );
}

#[test]
fn a_base_raised_inside_a_window_is_bought_before_the_burst_of_the_window_that_follows() {
    let larger = r#"POST burst {"speed":"4Gbps"}"#;
    check(
        Fabric::bursting(4000),
        &after_burst(to(6000, 2000), 4000),
        &["DELETE burst", BUY_TWO, larger],
        Ok(6000),
    );
    // The same speed stays, and the burst is what it was.
    let same = check(
        Fabric::bursting(4000),
        &after_burst(to(5000, 2000), 4000),
        &[],
        Ok(5000),
    );
    assert!(
        matches!(&same.end, Step::Done(Outcome::Applied(state)) if state.carrier_data == br#"{"burst_mbps":4000}"#)
    );
}

#[test]
fn what_is_more_than_should_be_bought_is_looked_into_before_a_burst_is_put_on_it() {
    // Somebody bought more: the burst is what is missing to the order, and no more.
    let bought = Fabric {
        bought_mbps: 3000,
        ..Fabric::answering(vec![
            (Answer::json(200, "{}"), true),
            (no(400, "no burst"), false),
        ])
    };
    let two = r#"POST burst {"speed":"2Gbps"}"#;
    check(bought, &to(5000, 1000), &["DELETE burst", two], Ok(5000));
    // Somebody put a burst on it.
    let four = r#"POST burst {"speed":"4Gbps"}"#;
    check(
        Fabric::bursting(2000),
        &to(5000, 1000),
        &["DELETE burst", four],
        Ok(5000),
    );
}
