//! What a location has left for windows, over time.

use crate::{app::Timestamp, ports::speed::Window};

/// What is free at a location, from each of some instants on. Without an instant there is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Room {
    steps: Vec<(Timestamp, i64)>,
}

impl Room {
    /// What is free, in Mbps, from each instant until the next one, in order. Before the first as much as at it.
    pub fn new(mut steps: Vec<(Timestamp, i64)>) -> Self {
        steps.dedup_by_key(|(_, free)| *free);
        Self { steps }
    }

    /// Whether a window has room from its first instant to its last.
    pub fn has(&self, window: &Window) -> bool {
        let first = self.steps.partition_point(|(at, _)| *at <= window.starts_at);
        let during = self.steps.iter().skip(first.saturating_sub(1));
        let mut during = during.take_while(|(at, _)| *at < window.ends_at);
        during.all(|(_, free)| *free >= i64::from(window.mbps))
    }

    /// Whether so much is free at any time at all.
    pub fn is_ever(&self, mbps: u32) -> bool {
        self.steps.is_empty() || self.steps.iter().any(|(_, free)| *free >= i64::from(mbps))
    }

    /// The instants at which it changes.
    pub fn turns(&self) -> impl Iterator<Item = Timestamp> {
        self.steps.iter().map(|(at, _)| *at)
    }

    /// The same without these windows, which have their place in it.
    pub fn without(&self, gone: &[Window]) -> Self {
        let Some((since, _)) = self.steps.first() else {
            return self.clone();
        };
        let edges = gone.iter().flat_map(|window| [window.starts_at, window.ends_at]);
        let mut turns: Vec<_> = self.turns().chain(edges.filter(|at| at > since)).collect();
        turns.sort();
        turns.dedup();
        let freed = |at| {
            let covering = gone.iter().filter(|window| window.covers(at));
            covering.map(|window| i64::from(window.mbps)).sum::<i64>()
        };
        Self::new(
            turns
                .into_iter()
                .map(|at| (at, self.free(at) + freed(at)))
                .collect(),
        )
    }

    fn free(&self, at: Timestamp) -> i64 {
        let after = self.steps.partition_point(|(step, _)| *step <= at);
        self.steps[after.saturating_sub(1)].1
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::at, *};

    fn window(from: i64, to: i64, mbps: u32) -> Window {
        Window {
            mbps,
            starts_at: at(from),
            ends_at: at(to),
        }
    }

    /// 8000 free, and 3000 from 10 to 12.
    fn room() -> Room {
        Room::new(vec![(at(0), 8000), (at(10), 3000), (at(12), 8000)])
    }

    #[test]
    fn a_window_needs_room_as_long_as_it_lasts() {
        let cases = [
            (window(4, 10, 8000), true),
            (window(4, 10, 8001), false),
            (window(4, 11, 5000), false),
            (window(4, 11, 3000), true),
            (window(10, 12, 3001), false),
            (window(11, 20, 3001), false),
            (window(12, 20, 8000), true),
            (window(-5, 1, 8001), false),
            (window(9, 13, 5000), false),
        ];
        for (window, fits) in cases {
            assert_eq!(room().has(&window), fits, "{window:?}");
        }
    }

    #[test]
    fn where_there_is_no_limit_everything_has_room() {
        assert!(Room::default().has(&window(0, 1, u32::MAX)));
        assert_eq!(Room::default().without(&[window(0, 1, 5)]), Room::default());
    }

    #[test]
    fn what_is_given_up_frees_its_place() {
        let freed = room().without(&[window(11, 12, 5000)]);
        assert_eq!(
            freed,
            Room::new(vec![
                (at(0), 8000),
                (at(10), 3000),
                (at(11), 8000),
                (at(12), 8000)
            ])
        );
        assert_eq!(room().without(&[window(-4, -2, 5000)]), room());
        let across = room().without(&[window(-1, 1, 500)]);
        assert_eq!(across.free(at(0)), 8500);
        assert_eq!(across.free(at(1)), 8000);
    }
}
