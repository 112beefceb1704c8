//! The requests that every pricing plugin is asked, the same for everybody: months of different lengths, with a clock that is
//! put forward and back and a leap day; base and bursts, samples, events, and what is easily forgotten.

use std::fmt;

use nexusport_sandbox::pricing::{Event, Fact, Interval, Period, Samples};

pub(super) const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A billing period, from local midnight to local midnight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Month {
    name: &'static str,
    pub time_zone: &'static str,
    pub currency: &'static str,
    pub start: i64,
    pub end: i64,
}

/// Currencies with two, none and three decimals.
pub(super) const MONTHS: [Month; 5] = [
    month("January 2026", "UTC", "EUR", 1_767_225_600_000, 1_769_904_000_000),
    // 743 hours.
    month(
        "March 2026",
        "Europe/Vienna",
        "EUR",
        1_772_319_600_000,
        1_774_994_400_000,
    ),
    // 745 hours.
    month(
        "October 2026",
        "Europe/Vienna",
        "JPY",
        1_790_805_600_000,
        1_793_487_600_000,
    ),
    // 29 days, from half past an hour in UTC.
    month(
        "February 2028",
        "Asia/Kolkata",
        "KWD",
        1_832_956_200_000,
        1_835_461_800_000,
    ),
    // Its clock is put back on the first day.
    month(
        "November 2026",
        "America/New_York",
        "USD",
        1_793_505_600_000,
        1_796_101_200_000,
    ),
];

const fn month(
    name: &'static str,
    time_zone: &'static str,
    currency: &'static str,
    start: i64,
    end: i64,
) -> Month {
    Month {
        name,
        time_zone,
        currency,
        start,
        end,
    }
}

impl Month {
    pub fn period(&self) -> Period {
        Period {
            start: self.start,
            end: self.end,
        }
    }

    fn days(&self) -> i64 {
        (self.end - self.start) / DAY_MS
    }
}

/// Facts of one month, by a name that a message can say.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub month: Month,
    name: &'static str,
    pub facts: Vec<Fact>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Month {
            name,
            time_zone,
            currency,
            ..
        } = self.month;
        write!(f, "{}, {name} in {time_zone}, {currency}", self.name)
    }
}

/// Every request.
pub(super) fn all() -> Vec<Case> {
    MONTHS.into_iter().flat_map(of_month).collect()
}

/// This many facts in a month, of one kind and alike.
pub(super) fn many(count: usize, kind: Kind) -> Case {
    let month = MONTHS[0];
    let step = 20 * 60 * 1000;
    let starts = (0..count as i64).map(|n| month.start + n * step);
    let facts = starts.map(|start| match kind {
        Kind::Intervals => interval(start, start + step, 1_500, 1_000),
        Kind::Samples => Fact::Samples(Samples {
            start,
            step_seconds: 300,
            mbps: vec![1_000, 1_100, 900, 1_000],
        }),
        Kind::Events => event(start, "install", "1"),
    });
    Case {
        month,
        name: "many facts",
        facts: facts.collect(),
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Intervals,
    Samples,
    Events,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Intervals, Self::Samples, Self::Events];
}

fn of_month(month: Month) -> Vec<Case> {
    let case = |name, facts| Case { month, name, facts };
    let Month { start, end, .. } = month;
    vec![
        case("no facts", vec![]),
        case("one speed throughout", vec![interval(start, end, 1_000, 1_000)]),
        case("base and bursts", base_and_bursts(&month)),
        case("a change of base", changes_of_base(&month)),
        case(
            "an hour",
            vec![interval(
                start + 5 * DAY_MS,
                start + 5 * DAY_MS + HOUR_MS,
                5_000,
                1_000,
            )],
        ),
        case("a millisecond", vec![interval(end - 1, end, 1_000, 1_000)]),
        case("no speed", vec![interval(start, end, 0, 0)]),
        case("the highest speed", vec![interval(start, end, 400_000, 400_000)]),
        case("samples", vec![samples(&month)]),
        case("events", events(&month)),
        case("intervals and an event", {
            let mut facts = vec![interval(start, start + DAY_MS, 1_000, 1_000)];
            facts.push(event(start + DAY_MS, "install", "1"));
            facts.push(interval(start + 2 * DAY_MS, end, 2_000, 1_000));
            facts
        }),
    ]
}

/// Each day its base and, on most days, a burst of some hours.
fn base_and_bursts(month: &Month) -> Vec<Fact> {
    let mut dice = Dice(month.start.unsigned_abs());
    let mut facts = Vec::new();
    for day in 0..month.days() {
        let midnight = month.start + day * DAY_MS;
        let (from, to) = (
            midnight + dice.up_to(18) * HOUR_MS,
            midnight + 19 * HOUR_MS + dice.up_to(4) * HOUR_MS,
        );
        let burst = 1_000 + 100 * u32::try_from(dice.up_to(90)).unwrap_or_default();
        if midnight < from {
            facts.push(interval(midnight, from, 1_000, 1_000));
        }
        facts.push(interval(from, to, burst, 1_000));
        facts.push(interval(to, midnight + DAY_MS, 1_000, 1_000));
    }
    facts
}

/// Another base every week, and a day of which nothing is known.
fn changes_of_base(month: &Month) -> Vec<Fact> {
    let week = |n: i64, mbps| {
        let start = month.start + n * 7 * DAY_MS;
        interval(start, start + 6 * DAY_MS, mbps, mbps)
    };
    vec![week(0, 1_000), week(1, 5_000), week(2, 200), week(3, 100_000)]
}

/// Five minutes each, without the last quarter of the month.
fn samples(month: &Month) -> Fact {
    let mut dice = Dice(7);
    let count = month.days() * 216;
    Fact::Samples(Samples {
        start: month.start,
        step_seconds: 300,
        mbps: (0..count)
            .map(|_| u32::try_from(dice.up_to(10_000)).unwrap_or_default())
            .collect(),
    })
}

fn events(month: &Month) -> Vec<Fact> {
    vec![
        event(month.start, "install", "1"),
        event(month.start + DAY_MS, "ticket", "0.25"),
        event(month.end - 1, "transfer", "123456789.123456789"),
    ]
}

pub(super) fn interval(start: i64, end: i64, mbps: u32, base_mbps: u32) -> Fact {
    Fact::Interval(Interval {
        start,
        end,
        mbps,
        base_mbps,
        extras: Vec::new(),
    })
}

fn event(at: i64, name: &str, quantity: &str) -> Fact {
    Fact::Event(Event {
        at,
        name: name.to_owned(),
        quantity: quantity.to_owned(),
        extras: Vec::new(),
    })
}

/// Numbers that look like chance and are always the same (SplitMix64).
struct Dice(u64);

impl Dice {
    /// From 0 up to and without the limit.
    fn up_to(&mut self, limit: u32) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::from(((mixed ^ (mixed >> 31)) % u64::from(limit)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_in_order_and_within_their_month() {
        for case in all() {
            let mut last = case.month.start;
            for fact in &case.facts {
                let (start, end) = super::super::answer::bounds(fact);
                assert!(
                    last <= start && start <= end && end <= case.month.end,
                    "{case}: {fact:?}"
                );
                last = end;
            }
        }
        for kind in Kind::ALL {
            let case = many(1_000, kind);
            let (_, end) = super::super::answer::bounds(case.facts.last().expect("a thousand facts"));
            assert!(end <= case.month.end, "{kind:?}");
        }
    }

    #[test]
    fn months_are_as_long_as_their_clocks_say() {
        let hours = MONTHS.map(|month| (month.end - month.start) / HOUR_MS);
        assert_eq!(hours, [744, 743, 745, 696, 721]);
    }
}
