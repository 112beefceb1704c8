//! What speed a port is meant to have when, as plain functions on plain values: a permanent speed that changes over
//! time, and windows above or below it. Knows neither what was delivered nor what it costs.

use chrono::TimeDelta;

use crate::{app::Timestamp, billing::rate::Period};

/// A permanent speed since an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// The speed, in Mbps.
    pub mbps: u32,
    /// Since when. The first base of a port also answers for the time before.
    pub effective_at: Timestamp,
}

/// A temporary speed. Windows of one port never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The speed, in Mbps.
    pub mbps: u32,
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
}

/// A stretch of one speed over one base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// The speed, in Mbps.
    pub mbps: u32,
    /// The permanent speed in force, in Mbps.
    pub base_mbps: u32,
}

/// What speed a port is meant to have when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    bases: Vec<Base>,
    windows: Vec<Window>,
}

impl Window {
    /// Whether it is in force at `at`.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at
    }

    /// Whether both are in force at some instant.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

impl Stretch {
    /// Before, within and after the window, which has no more than its speed; without what is empty.
    fn capped(self, window: &Window) -> impl Iterator<Item = Self> {
        let from = window.starts_at.clamp(self.starts_at, self.ends_at);
        let to = window.ends_at.clamp(from, self.ends_at);
        let within = self.mbps.min(window.mbps);
        let pieces = [
            (self.starts_at, from, self.mbps),
            (from, to, within),
            (to, self.ends_at, self.mbps),
        ];
        let pieces = pieces
            .into_iter()
            .filter(|(starts_at, ends_at, _)| starts_at < ends_at);
        pieces.map(move |(starts_at, ends_at, mbps)| Self {
            starts_at,
            ends_at,
            mbps,
            ..self
        })
    }
}

impl Plan {
    /// A plan of these bases and windows, in any order.
    pub fn new(bases: impl IntoIterator<Item = Base>, windows: impl IntoIterator<Item = Window>) -> Self {
        let mut plan = Self {
            bases: bases.into_iter().collect(),
            windows: windows.into_iter().collect(),
        };
        plan.bases.sort_by_key(|base| base.effective_at);
        plan.windows.sort_by_key(|window| window.starts_at);
        plan
    }

    /// The same plan with one base more.
    pub fn with_base(&self, base: Base) -> Self {
        Self::new(
            self.bases.iter().copied().chain([base]),
            self.windows.iter().copied(),
        )
    }

    /// The same plan with one window more.
    pub fn with_window(&self, window: Window) -> Self {
        Self::new(
            self.bases.iter().copied(),
            self.windows.iter().copied().chain([window]),
        )
    }

    /// The same plan without these windows.
    pub fn without(&self, gone: &[Window]) -> Self {
        let kept = self.windows.iter().filter(|window| !gone.contains(window));
        Self::new(self.bases.iter().copied(), kept.copied())
    }

    /// The permanent speed at `at`; none where none was ever seen.
    pub fn base_mbps(&self, at: Timestamp) -> Option<u32> {
        let last = self.bases.iter().rev().find(|base| base.effective_at <= at);
        last.or(self.bases.first()).map(|base| base.mbps)
    }

    /// All windows, in order.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// The window in force at `at`.
    pub fn window(&self, at: Timestamp) -> Option<&Window> {
        self.windows.iter().find(|window| window.covers(at))
    }

    /// A window that shares an instant with this one.
    pub fn overlapped(&self, by: &Window) -> Option<&Window> {
        self.windows.iter().find(|window| window.overlaps(by))
    }

    /// The speed meant to be there at `at`: the window's, else the base's; none where no base was ever seen.
    pub fn intended_mbps(&self, at: Timestamp) -> Option<u32> {
        let base = self.base_mbps(at)?;
        Some(self.window(at).map_or(base, |window| window.mbps))
    }

    /// The instants at which the carrier is to change the speed, in order.
    pub fn turns(&self) -> Vec<Timestamp> {
        let bases = self.bases.iter().skip(1).map(|base| base.effective_at);
        let ends = self.windows.iter().flat_map(|w| [w.starts_at, w.ends_at]);
        let mut turns: Vec<_> = bases.chain(ends).collect();
        turns.sort();
        turns.dedup();
        turns
    }

    /// The plan within a period; empty where no base was ever seen.
    pub fn stretches(&self, period: Period) -> Vec<Stretch> {
        let whole = |mbps, base_mbps| Stretch {
            starts_at: period.start,
            ends_at: period.end,
            mbps,
            base_mbps,
        };
        let inside = self.turns().into_iter().filter(|at| period.contains(*at));
        let mut edges: Vec<_> = [period.start]
            .into_iter()
            .chain(inside)
            .chain([period.end])
            .collect();
        edges.dedup();
        let pieces = edges.windows(2).filter_map(|edge| {
            let base = self.base_mbps(edge[0])?;
            Some(Stretch {
                starts_at: edge[0],
                ends_at: edge[1],
                ..whole(self.intended_mbps(edge[0])?, base)
            })
        });
        join(pieces)
    }

    /// A delivered stretch of one speed, split where the base under it changed.
    pub fn over_bases(&self, starts_at: Timestamp, ends_at: Timestamp, mbps: u32) -> Vec<Stretch> {
        let delivered = Window {
            mbps,
            starts_at,
            ends_at,
        };
        let bases = Self::new(self.bases.iter().copied(), [delivered]);
        bases.stretches(Period {
            start: starts_at,
            end: ends_at,
        })
    }
}

/// `at`, or just after the last base where that is later: bases are recorded in the order in which they came.
pub fn after_recorded(recorded: &[Base], at: Timestamp) -> Timestamp {
    let last = recorded
        .iter()
        .map(|base| base.effective_at + TimeDelta::milliseconds(1))
        .max();
    last.map_or(at, |last| at.max(last))
}

/// The same stretches, with no more in each window than its speed.
pub fn at_most(stretches: Vec<Stretch>, windows: &[Window]) -> Vec<Stretch> {
    let capped = windows.iter().fold(stretches, |stretches, window| {
        stretches
            .into_iter()
            .flat_map(|stretch| stretch.capped(window))
            .collect()
    });
    join(capped)
}

/// Stretches in order of time, with neighbours of the same speeds made one: a price must not depend on how often
/// somebody looked.
pub fn join(stretches: impl IntoIterator<Item = Stretch>) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    for next in stretches {
        match joined.last_mut() {
            Some(last)
                if (last.ends_at, last.mbps, last.base_mbps)
                    == (next.starts_at, next.mbps, next.base_mbps) =>
            {
                last.ends_at = next.ends_at;
            }
            _ => joined.push(next),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        "2026-06-15T00:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::hours(hour)
    }

    fn base(hour: i64, mbps: u32) -> Base {
        Base {
            mbps,
            effective_at: at(hour),
        }
    }

    fn window(from: i64, to: i64, mbps: u32) -> Window {
        Window {
            mbps,
            starts_at: at(from),
            ends_at: at(to),
        }
    }

    /// (from, to, mbps, base) in hours.
    fn hours(stretches: &[Stretch]) -> Vec<(i64, i64, u32, u32)> {
        let hour = |t: Timestamp| (t - at(0)).num_hours();
        stretches
            .iter()
            .map(|s| (hour(s.starts_at), hour(s.ends_at), s.mbps, s.base_mbps))
            .collect()
    }

    fn period(from: i64, to: i64) -> Period {
        Period {
            start: at(from),
            end: at(to),
        }
    }

    #[test]
    fn the_window_counts_while_it_lasts_and_the_base_otherwise() {
        let plan = Plan::new([base(0, 1000)], [window(18, 22, 5000)]);
        let intended: Vec<_> = [17, 18, 21, 22]
            .map(|h| plan.intended_mbps(at(h)).unwrap())
            .into();
        assert_eq!(intended, [1000, 5000, 5000, 1000]);
    }

    #[test]
    fn the_first_base_answers_for_the_time_before_it() {
        let plan = Plan::new([base(5, 2000), base(0, 1000)], []);
        let bases: Vec<_> = [-9, 0, 4, 5].map(|h| plan.base_mbps(at(h)).unwrap()).into();
        assert_eq!(bases, [1000, 1000, 1000, 2000]);
        assert_eq!(Plan::default().intended_mbps(at(0)), None);
    }

    #[test]
    fn a_base_that_comes_late_is_recorded_after_the_last() {
        let recorded = [base(0, 1000), base(5, 2000)];
        assert_eq!(after_recorded(&recorded, at(6)), at(6));
        assert_eq!(
            after_recorded(&recorded, at(5)),
            at(5) + TimeDelta::milliseconds(1)
        );
        assert_eq!(after_recorded(&[], at(-1)), at(-1));
    }

    #[test]
    fn adjacent_windows_leave_no_gap_and_no_overlap() {
        let plan = Plan::new([base(0, 1000)], [window(18, 20, 3000), window(20, 22, 5000)]);
        assert_eq!(plan.intended_mbps(at(20)), Some(5000));
        assert!(plan.overlapped(&window(16, 18, 2000)).is_none());
        assert!(plan.overlapped(&window(19, 21, 2000)).is_some());
        assert_eq!(
            hours(&plan.stretches(period(17, 23))),
            [
                (17, 18, 1000, 1000),
                (18, 20, 3000, 1000),
                (20, 22, 5000, 1000),
                (22, 23, 1000, 1000)
            ]
        );
    }

    #[test]
    fn a_base_change_inside_a_window_shows_only_under_it() {
        let plan = Plan::new([base(0, 1000), base(20, 2000)], [window(18, 22, 5000)]);
        assert_eq!(plan.intended_mbps(at(21)), Some(5000));
        assert_eq!(plan.intended_mbps(at(22)), Some(2000));
        assert_eq!(
            hours(&plan.stretches(period(18, 23))),
            [(18, 20, 5000, 1000), (20, 22, 5000, 2000), (22, 23, 2000, 2000)]
        );
    }

    #[test]
    fn a_window_over_a_periods_end_is_cut_there() {
        let plan = Plan::new([base(0, 1000)], [window(18, 22, 5000)]);
        assert_eq!(
            hours(&plan.stretches(period(0, 20))),
            [(0, 18, 1000, 1000), (18, 20, 5000, 1000)]
        );
        assert_eq!(
            hours(&plan.stretches(period(20, 24))),
            [(20, 22, 5000, 1000), (22, 24, 1000, 1000)]
        );
    }

    #[test]
    fn a_delivered_stretch_is_split_where_its_base_changes() {
        let plan = Plan::new([base(0, 1000), base(20, 2000)], [window(30, 31, 9000)]);
        let split = plan.over_bases(at(18), at(32), 5000);
        assert_eq!(hours(&split), [(18, 20, 5000, 1000), (20, 32, 5000, 2000)]);
    }

    #[test]
    fn a_window_of_drift_lets_no_more_through_than_was_meant() {
        let plan = Plan::new([base(0, 1000)], []);
        let delivered = |windows: &[Window]| hours(&at_most(plan.over_bases(at(10), at(20), 3000), windows));
        assert_eq!(delivered(&[]), [(10, 20, 3000, 1000)]);
        assert_eq!(
            delivered(&[window(12, 15, 1000)]),
            [(10, 12, 3000, 1000), (12, 15, 1000, 1000), (15, 20, 3000, 1000)]
        );
        assert_eq!(
            delivered(&[window(5, 12, 1000), window(12, 30, 2000)]),
            [(10, 12, 1000, 1000), (12, 20, 2000, 1000)]
        );
        // Less than was meant stays as it was, and what is elsewhere touches nothing.
        assert_eq!(
            delivered(&[window(10, 20, 5000), window(20, 25, 0), window(1, 10, 0)]),
            [(10, 20, 3000, 1000)]
        );
    }

    #[test]
    fn a_turn_to_the_same_speed_makes_no_new_stretch() {
        let plan = Plan::new([base(0, 1000)], [window(18, 20, 5000), window(20, 22, 5000)]);
        assert_eq!(hours(&plan.stretches(period(18, 22))), [(18, 22, 5000, 1000)]);
    }
}
