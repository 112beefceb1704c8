//! The first time at which something would be allowed that is refused for another time.

use chrono::TimeDelta;

use super::{Rules, Taken, Wish, check};
use crate::{
    app::Timestamp,
    fault::{Fault, Result},
    ports::Kind,
};

/// [`check`], where the refusal names the first time at which the change would be allowed.
pub fn admit(rules: &Rules, taken: Taken<'_>, wish: &Wish, now: Timestamp) -> Result<()> {
    check(rules, taken, wish, now).map_err(|fault| match &fault {
        Fault::Refused(refusal) if OF_TIME.contains(&refusal.code) => {
            fault.possible_at(|| next_possible(rules, taken, wish, now))
        }
        _ => fault,
    })
}

/// Refusals that another time would help.
const OF_TIME: [&str; 4] = [
    "start_passed",
    "window_overlaps",
    "carrier_locked_out",
    "location_full",
];

/// The first instant from the wished one on at which the change could begin, a window with the length it has.
///
/// What stands in the way ends where another change begins or ends, on the port or at its location, or where its lock-out does: only these instants, for
/// the wish's start and for its end, need to be tried.
fn next_possible(rules: &Rules, taken: Taken<'_>, wish: &Wish, now: Timestamp) -> Option<Timestamp> {
    if matches!(wish.kind, Kind::Window { .. }) && !taken.room.is_ever(wish.mbps) {
        return None;
    }
    let length = wish
        .kind
        .ends_at()
        .map_or(TimeDelta::zero(), |end| end - wish.starts_at);
    let from = wish.starts_at.max(now);
    let turns = taken.plan.turns();
    let edges = turns.iter().flat_map(|turn| [*turn, *turn + rules.lock_out]);
    let mut starts: Vec<_> = edges
        .chain(taken.room.turns())
        .flat_map(|edge| [edge, edge - length])
        .chain([from])
        .filter(|start| *start >= from)
        .collect();
    starts.sort();
    let moved = |starts_at| Wish {
        kind: wish.kind.moved(starts_at - wish.starts_at),
        starts_at,
        ..*wish
    };
    starts
        .into_iter()
        .find(|start| check(rules, taken, &moved(*start), now).is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::{
        Room,
        tests::{at, base, check, plan, rules, wish},
    };
    use super::*;
    use crate::ports::speed::{Base, Plan, Window};

    fn admit(rules: &Rules, plan: &Plan, wish: &Wish, now: Timestamp) -> Result<()> {
        let room = &Room::default();
        super::admit(rules, Taken { plan, room }, wish, now)
    }

    /// When the wish could be had, in hours.
    fn possible(rules: &Rules, plan: &Plan, wish: &Wish) -> Option<i64> {
        match admit(rules, plan, wish, at(0)) {
            Err(Fault::Refused(refusal)) => {
                refusal.possible_at.map(|possible| (possible - at(0)).num_hours())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_names_the_next_possible_time() {
        // From 10 to 12 something is booked, and nothing within two hours of its turns but at them.
        let slow = Rules {
            lock_out: TimeDelta::hours(2),
            ..rules()
        };
        assert_eq!(possible(&rules(), &plan(), &wish(9, 11, 5000)), Some(12));
        assert_eq!(possible(&slow, &plan(), &wish(9, 11, 5000)), Some(12));
        assert_eq!(possible(&slow, &plan(), &wish(7, 9, 5000)), Some(8));
        assert_eq!(possible(&slow, &plan(), &wish(13, 16, 5000)), Some(14));
        assert_eq!(possible(&slow, &plan(), &base(11, 2000)), Some(12));
        assert_eq!(possible(&rules(), &plan(), &wish(-3, -1, 5000)), Some(0));
        // Between two windows there is room for a short one alone.
        let second = Window {
            mbps: 3000,
            starts_at: at(15),
            ends_at: at(20),
        };
        let full = plan().with_window(second);
        assert_eq!(possible(&rules(), &full, &wish(11, 14, 5000)), Some(12));
        assert_eq!(possible(&rules(), &full, &wish(11, 15, 5000)), Some(20));
    }

    #[test]
    fn a_full_location_has_room_again_when_others_windows_end() {
        let room = &Room::new(vec![
            (at(0), 8000),
            (at(14), 2000),
            (at(16), 4999),
            (at(20), 8000),
        ]);
        let plan = &plan();
        let possible = |wish| match super::admit(&rules(), Taken { plan, room }, &wish, at(0)) {
            Err(Fault::Refused(refusal)) if refusal.code == "location_full" => {
                refusal.possible_at.map(|possible| (possible - at(0)).num_hours())
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(possible(wish(13, 15, 5000)), Some(20));
        assert_eq!(possible(wish(13, 15, 3000)), Some(16));
        assert_eq!(possible(wish(15, 17, 8100)), None);
        assert!(super::admit(&rules(), Taken { plan, room }, &wish(12, 14, 5000), at(0)).is_ok());
    }

    #[test]
    fn no_time_is_named_where_none_would_help() {
        assert_eq!(possible(&rules(), &plan(), &wish(18, 22, 5050)), None);
        assert_eq!(possible(&rules(), &plan(), &wish(9, 11, 1000)), None);
    }

    #[test]
    fn no_earlier_time_than_the_named_one_is_possible() {
        let slow = Rules {
            lock_out: TimeDelta::minutes(50),
            ..rules()
        };
        let mut windows = vec![];
        for hour in [10, 14, 17, 23] {
            windows.push(Window {
                mbps: 3000,
                starts_at: at(hour) + TimeDelta::minutes(hour * 7),
                ends_at: at(hour + 3),
            });
        }
        let base = Base {
            mbps: 1000,
            effective_at: at(-100),
        };
        let plan = Plan::new([base], windows);
        for minutes in 0..24 * 60 {
            let wish = Wish {
                starts_at: at(5) + TimeDelta::minutes(minutes),
                kind: Kind::Window {
                    ends_at: at(6) + TimeDelta::minutes(minutes + minutes % 90),
                },
                mbps: 5000,
            };
            let Err(Fault::Refused(refusal)) = admit(&slow, &plan, &wish, at(0)) else {
                continue;
            };
            let possible = refusal.possible_at.expect("the plan ends");
            let moved = |by: TimeDelta| Wish {
                starts_at: wish.starts_at + by,
                kind: wish.kind.moved(by),
                ..wish
            };
            let mut by = TimeDelta::zero();
            while check(&slow, &plan, &moved(by), at(0)).is_err() {
                by += TimeDelta::minutes(1);
            }
            assert_eq!(possible, wish.starts_at + by, "{wish:?}");
        }
    }
}
