//! From observations to intervals, as a plain function: what a read-back closes and opens. Uncertainty goes in the
//! customer's favour, and each end says whose clock it is.

use crate::app::Timestamp;

/// What a read-back showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The speed, in Mbps.
    pub mbps: u32,
    /// Since when, if the carrier told.
    pub since: Option<Timestamp>,
    /// When the carrier answered, by our clock.
    pub observed_at: Timestamp,
}

/// The stretch that is open when something is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// The speed, in Mbps.
    pub mbps: u32,
    /// Since when.
    pub starts_at: Timestamp,
    /// When the speed was last seen.
    pub confirmed_at: Timestamp,
}

/// One end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// When.
    pub at: Timestamp,
    /// Whose clock.
    pub basis: Basis,
}

/// Whose clock an end of an interval is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The carrier's own `since`.
    Carrier,
    /// Our observation.
    Observation,
}

/// What a read-back does to the intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The open interval goes on.
    Confirms,
    /// The first interval, or the first since the last was closed.
    Opens(Edge),
    /// The open interval ends and another one begins, perhaps later.
    Follows {
        /// Where the open one ends.
        end: Edge,
        /// Where the new one begins.
        start: Edge,
    },
}

impl Basis {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::Observation => "observation",
        }
    }
}

/// What `seen` closes and opens. Nothing begins before `not_before`, where the port became ours.
pub fn turn(open: Option<Open>, not_before: Timestamp, seen: Seen) -> Turn {
    // A carrier whose clock is ahead tells a time that is not here yet; what we saw counts from when we saw it.
    let since = seen.since.filter(|since| *since <= seen.observed_at);
    let Some(open) = open else {
        return Turn::Opens(first(since, not_before, seen.observed_at));
    };
    let unknown_between = |start| Turn::Follows {
        end: observed(open.confirmed_at),
        start,
    };
    match since {
        // The speed was seen before it is said to have begun: something else was there in between.
        Some(since) if seen.mbps == open.mbps && since > open.confirmed_at => {
            unknown_between(carriers(since))
        }
        _ if seen.mbps == open.mbps => Turn::Confirms,
        Some(since) if since > open.confirmed_at => at_once(carriers(since)),
        // The carrier says that it began before we saw the other speed. The customer has the lower of the two.
        Some(since) if seen.mbps < open.mbps => at_once(carriers(since.max(open.starts_at))),
        Some(_) => at_once(observed(open.confirmed_at)),
        None => unknown_between(observed(seen.observed_at)),
    }
}

fn first(since: Option<Timestamp>, not_before: Timestamp, observed_at: Timestamp) -> Edge {
    since.map_or(observed(observed_at), |since| carriers(since.max(not_before)))
}

fn at_once(edge: Edge) -> Turn {
    Turn::Follows {
        end: edge,
        start: edge,
    }
}

fn carriers(at: Timestamp) -> Edge {
    Edge {
        at,
        basis: Basis::Carrier,
    }
}

fn observed(at: Timestamp) -> Edge {
    Edge {
        at,
        basis: Basis::Observation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        "2026-06-15T18:00:00Z".parse::<Timestamp>().unwrap() + chrono::TimeDelta::minutes(minute)
    }

    fn open(mbps: u32, starts: i64, confirmed: i64) -> Option<Open> {
        Some(Open {
            mbps,
            starts_at: at(starts),
            confirmed_at: at(confirmed),
        })
    }

    fn seen(mbps: u32, since: Option<i64>, observed: i64) -> Seen {
        Seen {
            mbps,
            since: since.map(at),
            observed_at: at(observed),
        }
    }

    fn check(open: Option<Open>, seen: Seen, expect: Turn) {
        assert_eq!(turn(open, at(-100), seen), expect);
    }

    #[test]
    fn the_first_interval_begins_where_the_carrier_says_but_not_before_the_port_was_ours() {
        check(None, seen(1000, Some(-20), 0), Turn::Opens(carriers(at(-20))));
        check(None, seen(1000, Some(-500), 0), Turn::Opens(carriers(at(-100))));
        check(None, seen(1000, None, 0), Turn::Opens(observed(at(0))));
    }

    #[test]
    fn the_same_speed_seen_again_changes_nothing() {
        check(open(1000, -60, -10), seen(1000, None, 5), Turn::Confirms);
        check(open(1000, -60, -10), seen(1000, Some(-60), 5), Turn::Confirms);
    }

    #[test]
    fn the_same_speed_since_later_was_interrupted() {
        let expect = Turn::Follows {
            end: observed(at(-10)),
            start: carriers(at(2)),
        };
        check(open(1000, -60, -10), seen(1000, Some(2), 5), expect);
    }

    #[test]
    fn another_speed_begins_at_the_carriers_instant() {
        check(
            open(1000, -60, -10),
            seen(5000, Some(2), 5),
            at_once(carriers(at(2))),
        );
    }

    #[test]
    fn without_the_carriers_instant_the_time_between_two_looks_is_nobodys() {
        let expect = Turn::Follows {
            end: observed(at(-10)),
            start: observed(at(5)),
        };
        check(open(1000, -60, -10), seen(5000, None, 5), expect);
    }

    #[test]
    fn a_carriers_clock_behind_ours_costs_the_customer_nothing() {
        // We saw 1000 at -10, the carrier says 5000 since -15: the dearer speed counts from what we saw.
        check(
            open(1000, -60, -10),
            seen(5000, Some(-15), 5),
            at_once(observed(at(-10))),
        );
        // And the cheaper one from what the carrier says, though not before the dearer began.
        check(
            open(5000, -60, -10),
            seen(1000, Some(-15), 5),
            at_once(carriers(at(-15))),
        );
        check(
            open(5000, -60, -10),
            seen(1000, Some(-90), 5),
            at_once(carriers(at(-60))),
        );
    }

    #[test]
    fn a_carriers_clock_ahead_of_ours_counts_as_no_instant() {
        let expect = Turn::Follows {
            end: observed(at(-10)),
            start: observed(at(5)),
        };
        check(open(1000, -60, -10), seen(5000, Some(7), 5), expect);
    }
}
