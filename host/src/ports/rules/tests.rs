//! Each rule with what it refuses.

use super::*;
use crate::ports::speed::Base;

pub(super) fn at(hour: i64) -> Timestamp {
    "2026-06-15T00:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::hours(hour)
}

pub(super) fn rules() -> Rules {
    Rules {
        min_mbps: 100,
        max_mbps: 10_000,
        step_mbps: 100,
        speeds_mbps: Vec::new(),
        may_decrease: true,
        may_go_below_base: true,
        window_step_mbps: 0,
        lock_out: TimeDelta::minutes(30),
        granularity: TimeDelta::hours(1),
    }
}

pub(super) fn plan() -> Plan {
    let window = Window {
        mbps: 3000,
        starts_at: at(10),
        ends_at: at(12),
    };
    let base = Base {
        mbps: 1000,
        effective_at: at(-100),
    };
    Plan::new([base], [window])
}

pub(super) fn wish(from: i64, to: i64, mbps: u32) -> Wish {
    Wish {
        kind: Kind::Window { ends_at: at(to) },
        mbps,
        starts_at: at(from),
    }
}

pub(super) fn base(from: i64, mbps: u32) -> Wish {
    Wish {
        kind: Kind::Base,
        ..wish(from, from, mbps)
    }
}

/// [`super::check`] where the location has no limit.
pub(super) fn check(rules: &Rules, plan: &Plan, wish: &Wish, now: Timestamp) -> Result<()> {
    let room = &Room::default();
    super::check(rules, Taken { plan, room }, wish, now)
}

fn code(result: Result<()>) -> &'static str {
    match result {
        Ok(()) => "allowed",
        Err(Fault::Refused(refusal)) => refusal.code,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn each_rule_refuses_by_its_own_code() {
    let minutes = |wish: Wish, minutes| Wish {
        starts_at: wish.starts_at + TimeDelta::minutes(minutes),
        ..wish
    };
    let cases = [
        (wish(18, 22, 5000), "allowed"),
        (wish(-1, 22, 5000), "start_passed"),
        (wish(9000, 9001, 5000), "start_too_far"),
        (wish(18, 22, 0), "speed_out_of_range"),
        (wish(18, 22, 10_100), "speed_out_of_range"),
        (wish(18, 22, 5050), "speed_off_step"),
        (wish(18, 22, 1000), "speed_unchanged"),
        (wish(18, 18, 5000), "window_ends_early"),
        (minutes(wish(18, 19, 5000), 1), "window_too_short"),
        (wish(18, 18 + 93 * 24, 5000), "window_too_long"),
        (wish(11, 13, 5000), "window_overlaps"),
        (wish(12, 14, 5000), "allowed"),
        (minutes(wish(12, 14, 5000), 29), "carrier_locked_out"),
        (minutes(wish(12, 14, 5000), 30), "allowed"),
        (base(11, 2000), "allowed"),
        (minutes(base(11, 2000), 45), "carrier_locked_out"),
    ];
    for (wish, expected) in cases {
        assert_eq!(code(check(&rules(), &plan(), &wish, at(0))), expected, "{wish:?}");
    }
}

#[test]
fn a_carrier_that_sells_some_speeds_is_asked_for_no_other() {
    let rules = Rules {
        speeds_mbps: vec![1000, 2000, 5000],
        ..rules()
    };
    assert_eq!(code(check(&rules, &plan(), &base(20, 2000), at(0))), "allowed");
    assert_eq!(
        code(check(&rules, &plan(), &base(20, 3000), at(0))),
        "speed_not_sold"
    );
}

#[test]
fn a_carrier_that_never_goes_down_has_no_windows() {
    let rules = Rules {
        may_decrease: false,
        ..rules()
    };
    assert_eq!(code(check(&rules, &plan(), &base(20, 2000), at(0))), "allowed");
    assert_eq!(
        code(check(&rules, &plan(), &base(20, 900), at(0))),
        "decrease_not_allowed"
    );
    assert_eq!(
        code(check(&rules, &plan(), &wish(18, 22, 5000), at(0))),
        "decrease_not_allowed"
    );
}

#[test]
fn a_carrier_that_lowers_nothing_bought_ends_windows_all_the_same() {
    let rules = Rules {
        may_go_below_base: false,
        ..rules()
    };
    for (wish, expected) in [
        (base(20, 2000), "allowed"),
        (base(20, 900), "decrease_not_allowed"),
        (wish(18, 22, 5000), "allowed"),
        (wish(18, 22, 900), "decrease_not_allowed"),
    ] {
        assert_eq!(code(check(&rules, &plan(), &wish, at(0))), expected, "{wish:?}");
    }
}

/// One whose windows are in steps of 300 Mbps on top of what stays, which is in steps of 100.
fn stepping() -> Rules {
    Rules {
        window_step_mbps: 300,
        ..rules()
    }
}

#[test]
fn a_windows_step_is_counted_from_the_ports_own_speed() {
    let later = plan().with_base(Base {
        mbps: 2000,
        effective_at: at(15),
    });
    for (plan, wish, expected) in [
        (&plan(), wish(18, 22, 1300), "allowed"),
        (&plan(), wish(18, 22, 1400), "window_off_step"),
        (&plan(), wish(18, 22, 700), "allowed"),
        (&plan(), wish(18, 22, 800), "window_off_step"),
        (&later, wish(18, 22, 1400), "allowed"),
        (&later, wish(18, 22, 1300), "window_off_step"),
        (&later, wish(13, 18, 1300), "allowed"),
        (&plan(), base(20, 1400), "allowed"),
    ] {
        assert_eq!(code(check(&stepping(), plan, &wish, at(0))), expected, "{wish:?}");
    }
}

#[test]
fn a_base_is_not_changed_under_a_window_that_would_then_be_refused() {
    let plan = Plan::new(
        [Base {
            mbps: 1000,
            effective_at: at(-100),
        }],
        [Window {
            mbps: 2500,
            starts_at: at(10),
            ends_at: at(12),
        }],
    );
    for (rules, wish, expected) in [
        (stepping(), base(5, 1300), "allowed"),
        (stepping(), base(5, 1400), "window_off_step"),
        (stepping(), base(10, 1400), "window_off_step"),
        // It has begun by then.
        (stepping(), base(11, 1400), "allowed"),
        (rules(), base(5, 1400), "allowed"),
    ] {
        assert_eq!(code(check(&rules, &plan, &wish, at(0))), expected, "{wish:?}");
    }
    // Another base is in force by the time the window begins.
    let again = plan.with_base(Base {
        mbps: 1300,
        effective_at: at(8),
    });
    assert_eq!(code(check(&stepping(), &again, &base(5, 1400), at(0))), "allowed");

    let lowers_nothing = Rules {
        may_go_below_base: false,
        ..rules()
    };
    for (wish, expected) in [
        (base(5, 2400), "allowed"),
        (base(5, 2600), "window_below_base"),
        (base(11, 2600), "allowed"),
    ] {
        assert_eq!(
            code(check(&lowers_nothing, &plan, &wish, at(0))),
            expected,
            "{wish:?}"
        );
    }
}

#[test]
fn what_a_description_adds_to_the_rules_is_read() {
    let described = |extras: &[(&str, &str)]| carrier::Rules {
        min_mbps: 50,
        max_mbps: 1000,
        step_mbps: 50,
        speeds_mbps: Vec::new(),
        may_decrease: true,
        lock_out_seconds: 0,
        changes_in_flight: 1,
        settle_seconds: 60,
        billing_granularity_seconds: 60,
        has_idempotency_keys: false,
        has_lookup_by_reference: false,
        extras: extras
            .iter()
            .map(|(name, value)| carrier::Extra {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect(),
    };
    let read = |extras| {
        let rules = Rules::from(&described(extras));
        (rules.may_go_below_base, rules.window_step_mbps)
    };
    assert_eq!(read(&[]), (true, 0));
    let both = [("window_step_mbps", "100"), ("may_go_below_base", "false")];
    assert_eq!(read(&both), (false, 100));
    assert_eq!(read(&[("window_step_mbps", "many")]), (true, 0));
}

#[test]
fn a_port_nobody_has_read_cannot_be_changed() {
    let unread = check(&rules(), &Plan::default(), &base(20, 2000), at(0));
    assert_eq!(code(unread), "port_not_read");
}
