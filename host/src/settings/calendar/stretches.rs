//! The open stretches of a calendar in order. Between two changes of clocks an instant and the clock differ by a
//! constant, so a day's hours are cut out of each piece by itself.

use chrono::{Days, NaiveTime, Offset as _, SubsecRound as _, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use super::{Calendar, HORIZON};
use crate::app::Timestamp;

const DAY: TimeDelta = TimeDelta::days(1);

/// The stretches in which somebody is there, from an instant on, within a year.
pub(super) fn from(
    calendar: &Calendar,
    start: Timestamp,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
    let days = (0..HORIZON.num_days()).map(move |n| (start + DAY * n as i32, start + DAY * (n as i32 + 1)));
    days.flat_map(|(from, to)| pieces(calendar.zone, from, to))
        .flat_map(|(from, to)| open(calendar, from, to))
}

/// A day in pieces that have one offset each. Clocks change at most once in a day.
fn pieces(zone: Tz, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let before = offset(zone, from);
    // The last instant of the day: a change at its end belongs to the next one.
    if offset(zone, to - TimeDelta::milliseconds(1)) == before {
        return vec![(from, to)];
    }
    let change = first(from, to, |at| offset(zone, at) != before);
    vec![(from, change), (change, to)]
}

/// The open stretches of a piece.
fn open(calendar: &Calendar, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let offset = offset(calendar.zone, from);
    let (first, last) = ((from + offset).date_naive(), (to + offset).date_naive());
    let mut stretches = Vec::new();
    let mut date = first;
    while date <= last {
        let midnight = date.and_time(NaiveTime::MIN).and_utc() - offset;
        for (opens, closes) in calendar.of(date) {
            let start = (midnight + TimeDelta::minutes(opens)).max(from);
            let end = (midnight + TimeDelta::minutes(closes)).min(to);
            stretches.extend((start < end).then_some((start, end)));
        }
        date = date + Days::new(1);
    }
    stretches
}

/// What the clock shows less the instant.
fn offset(zone: Tz, at: Timestamp) -> TimeDelta {
    let fixed = zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    TimeDelta::seconds(fixed.local_minus_utc().into())
}

/// The first whole second after `from` and not after `to` at which something holds that holds from then on. Clocks are
/// changed on whole seconds.
pub(super) fn first(from: Timestamp, to: Timestamp, holds: impl Fn(Timestamp) -> bool) -> Timestamp {
    let at = |seconds| from.trunc_subsecs(0) + TimeDelta::seconds(seconds);
    let (mut before, mut after) = (0, (to - from).num_seconds() + 1);
    while after - before > 1 {
        let middle = (before + after) / 2;
        if holds(at(middle)) {
            after = middle;
        } else {
            before = middle;
        }
    }
    at(after)
}
