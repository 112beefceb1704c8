//! What a look at a port says of its drift, as plain functions on plain values: whether one begins, goes on, turns into
//! another or is over, and since when that is so.

use chrono::TimeDelta;

use crate::{
    app::Timestamp,
    ports::{
        speed::Plan,
        verified::{Basis, Edge},
    },
};

/// The shortest time that the database tells apart.
const INSTANT: TimeDelta = TimeDelta::microseconds(1);

/// What is meant and what was seen, in Mbps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speeds {
    /// The speed that the port is meant to have.
    pub intended: u32,
    /// The speed that it was seen with.
    pub observed: u32,
}

/// Who says since when it is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Whose clock tells when the speed seen began.
    Seen(Basis),
    /// The plan: the port had the speed already when another was meant.
    Plan,
}

/// How a port stands at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand {
    pub speeds: Speeds,
    /// Since when both speeds are so.
    pub since: Timestamp,
    pub basis: Since,
    /// When the port was last seen with the speed.
    pub seen_at: Timestamp,
}

/// What follows for the drift that is open, if one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Stays,
    /// One begins.
    Opens,
    /// It is over, and another begins.
    Turns,
    /// It is over.
    Ends,
}

impl Since {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen(basis) => basis.name(),
            Self::Plan => "plan",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Seen(Basis::Carrier),
            Self::Seen(Basis::Observation),
            Self::Plan,
        ]
        .into_iter()
        .find(|since| since.name() == name)
    }
}

/// How a port stands that has shown `observed` from `start` on and last at `seen_at`. None where no speed is meant yet, and
/// where nobody looked since this one is: what was seen before says nothing of it.
pub(super) fn stand(
    plan: &Plan,
    now: Timestamp,
    (observed, start): (u32, Edge),
    seen_at: Timestamp,
) -> Option<Stand> {
    let intended = plan.intended_mbps(now)?;
    let meant_since = meant_since(plan, now);
    if meant_since.is_some_and(|meant| seen_at < meant) {
        return None;
    }
    let (since, basis) = match meant_since {
        Some(meant) if meant > start.at => (meant, Since::Plan),
        _ => (start.at, Since::Seen(start.basis)),
    };
    Some(Stand {
        speeds: Speeds { intended, observed },
        since,
        basis,
        seen_at,
    })
}

/// Since when the speed is meant that is meant at `at`; none where it always was.
fn meant_since(plan: &Plan, at: Timestamp) -> Option<Timestamp> {
    let turns = plan.turns();
    let before = turns.into_iter().rev().filter(|turn| *turn <= at);
    let mut real = before.filter(|turn| plan.intended_mbps(*turn - INSTANT) != plan.intended_mbps(*turn));
    real.next()
}

/// What follows. `explained`: something is under way that the port's speed may be due to.
pub(super) fn judge(open: Option<Speeds>, seen: Speeds, explained: bool) -> Verdict {
    match open {
        Some(_) if seen.intended == seen.observed => Verdict::Ends,
        None if seen.intended == seen.observed => Verdict::Stays,
        _ if explained => Verdict::Stays,
        None => Verdict::Opens,
        Some(open) if open == seen => Verdict::Stays,
        Some(_) => Verdict::Turns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::speed::{Base, Window};

    fn at(hour: i64) -> Timestamp {
        "2026-06-15T00:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::hours(hour)
    }

    /// 1000 Mbps, and 5000 from 18 to 22 o'clock.
    fn plan() -> Plan {
        let base = Base {
            mbps: 1000,
            effective_at: at(0),
        };
        let window = Window {
            mbps: 5000,
            starts_at: at(18),
            ends_at: at(22),
        };
        Plan::new([base], [window])
    }

    fn speeds(intended: u32, observed: u32) -> Speeds {
        Speeds { intended, observed }
    }

    /// Seen with `mbps` from the hour `from` on by the carrier's clock, last at `seen`, looked at at `now`.
    fn check(now: i64, (mbps, from, seen): (u32, i64, i64), expect: Option<(Speeds, i64, Since)>) {
        let start = Edge {
            at: at(from),
            basis: Basis::Carrier,
        };
        let stand = stand(&plan(), at(now), (mbps, start), at(seen));
        assert_eq!(
            stand.map(|stand| (stand.speeds, stand.since, stand.basis)),
            expect.map(|(speeds, since, basis)| (speeds, at(since), basis))
        );
    }

    const CARRIER: Since = Since::Seen(Basis::Carrier);

    #[test]
    fn what_the_carrier_changed_counts_from_when_it_says() {
        check(12, (3000, 9, 12), Some((speeds(1000, 3000), 9, CARRIER)));
    }

    #[test]
    fn what_stayed_when_another_speed_was_meant_counts_from_then() {
        check(23, (5000, 18, 23), Some((speeds(1000, 5000), 22, Since::Plan)));
        check(19, (1000, 0, 19), Some((speeds(5000, 1000), 18, Since::Plan)));
    }

    #[test]
    fn what_was_seen_before_the_speed_was_meant_says_nothing() {
        check(23, (5000, 18, 21), None);
        assert_eq!(
            stand(
                &Plan::default(),
                at(1),
                (
                    1000,
                    Edge {
                        at: at(0),
                        basis: Basis::Observation
                    }
                ),
                at(1)
            ),
            None
        );
    }

    #[test]
    fn a_turn_to_the_same_speed_is_no_other_meaning() {
        let next = Window {
            mbps: 5000,
            starts_at: at(22),
            ends_at: at(24),
        };
        assert_eq!(meant_since(&plan().with_window(next), at(23)), Some(at(18)));
        assert_eq!(meant_since(&plan(), at(17)), None);
    }

    #[test]
    fn a_difference_opens_a_drift_unless_something_explains_it() {
        assert_eq!(judge(None, speeds(1000, 3000), false), Verdict::Opens);
        assert_eq!(judge(None, speeds(1000, 3000), true), Verdict::Stays);
        assert_eq!(judge(None, speeds(1000, 1000), false), Verdict::Stays);
    }

    #[test]
    fn an_open_drift_stays_turns_or_ends_by_what_is_seen() {
        let open = Some(speeds(1000, 3000));
        assert_eq!(judge(open, speeds(1000, 3000), false), Verdict::Stays);
        assert_eq!(judge(open, speeds(1000, 4000), false), Verdict::Turns);
        assert_eq!(judge(open, speeds(5000, 3000), false), Verdict::Turns);
        assert_eq!(judge(open, speeds(5000, 3000), true), Verdict::Stays);
        // The speed that is meant is there, whatever is under way.
        assert_eq!(judge(open, speeds(1000, 1000), true), Verdict::Ends);
        assert_eq!(judge(open, speeds(3000, 3000), false), Verdict::Ends);
    }

    #[test]
    fn names_lead_back_to_who_says_since_when() {
        for since in [CARRIER, Since::Seen(Basis::Observation), Since::Plan] {
            assert_eq!(Since::parse(since.name()), Some(since));
        }
    }
}
