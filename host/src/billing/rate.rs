//! Billing periods: calendar months on the customer's own clock. Knows no prices.

use std::fmt;

use chrono::{Datelike as _, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::{
    app::Timestamp,
    fault::{Fault, Result},
};

/// A calendar month, on nobody's clock yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    first: NaiveDate,
}

/// Half-open: from `start`, up to and without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl Month {
    /// Reads a month such as `2026-03`.
    pub fn parse(text: &str) -> Result<Self> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let first = match text.split_once('-') {
            Some((year, month)) if (year.len(), month.len()) == (4, 2) && digits(year) && digits(month) => {
                let month = month.parse().unwrap_or(0);
                year.parse()
                    .ok()
                    .and_then(|year| NaiveDate::from_ymd_opt(year, month, 1))
            }
            _ => None,
        };
        let refusal = || Fault::invalid("period_invalid", "a period is a calendar month such as 2026-03");
        first.map(|first| Self { first }).ok_or_else(refusal)
    }

    /// The month that `at` falls into in `zone`.
    pub fn of(at: Timestamp, zone: Tz) -> Self {
        let day = at.with_timezone(&zone).date_naive();
        Self {
            first: day.with_day(1).expect("every month has a first day"),
        }
    }

    /// When it is in `zone`, whatever its clocks do in it.
    pub fn period(self, zone: Tz) -> Period {
        let next = self
            .first
            .checked_add_months(chrono::Months::new(1))
            .expect("times that are accepted are far from the end of the calendar");
        Period {
            start: day_start(self.first, zone),
            end: day_start(next, zone),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

impl Period {
    /// The calendar month of `zone` that `at` falls into, whatever its clocks do in it.
    pub fn month_of(at: Timestamp, zone: Tz) -> Self {
        Month::of(at, zone).period(zone)
    }

    /// The month after this one.
    pub fn following(self, zone: Tz) -> Self {
        Self::month_of(self.end, zone)
    }

    /// The months that a stretch from `from` up to and without `to` touches, in order.
    pub fn touched(from: Timestamp, to: Timestamp, zone: Tz) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(Self::month_of(from, zone)), move |month| {
            Some(month.following(zone))
        })
        .take_while(move |month| month.start < to)
    }

    /// Whether `at` falls into it.
    pub fn contains(self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

/// The first instant of a day. Where clocks jump over midnight, that is the instant they jump to.
fn day_start(day: NaiveDate, zone: Tz) -> Timestamp {
    let midnight = day.and_time(NaiveTime::MIN);
    let quarters = (0..).map(|n| midnight + TimeDelta::minutes(15 * n));
    quarters
        .map(|local| zone.from_local_datetime(&local))
        .find_map(|found| match found {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
            LocalResult::None => None,
        })
        .expect("a clock that jumps lands somewhere")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn month(text: &str, zone: Tz) -> (Timestamp, Timestamp) {
        let Period { start, end } = Period::month_of(at(text), zone);
        (start, end)
    }

    #[test]
    fn a_month_begins_at_the_customers_midnight() {
        let vienna = month("2026-07-31T23:30:00Z", Tz::Europe__Vienna);
        assert_eq!(vienna, (at("2026-07-31T22:00:00Z"), at("2026-08-31T22:00:00Z")));
        let utc = month("2026-07-31T23:30:00Z", Tz::UTC);
        assert_eq!(utc, (at("2026-07-01T00:00:00Z"), at("2026-08-01T00:00:00Z")));
    }

    #[test]
    fn the_months_of_clock_changes_are_an_hour_short_or_long() {
        let hours = |text| {
            let (start, end) = month(text, Tz::Europe__Vienna);
            (end - start).num_hours()
        };
        assert_eq!(hours("2026-03-10T00:00:00Z"), 31 * 24 - 1);
        assert_eq!(hours("2026-10-10T00:00:00Z"), 31 * 24 + 1);
    }

    #[test]
    fn a_month_is_read_and_told_in_one_form() {
        assert_eq!(Month::parse("2026-03").unwrap().to_string(), "2026-03");
        let (zone, march) = (Tz::Europe__Vienna, at("2026-03-31T21:30:00Z"));
        assert_eq!(Month::parse("2026-03").unwrap(), Month::of(march, zone));
        assert_eq!(
            Month::parse("2026-03").unwrap().period(zone),
            Period::month_of(march, zone)
        );
        for bad in [
            "",
            "2026",
            "2026-3",
            "2026-13",
            "2026-00",
            "26-03",
            "2026-03-01",
            "2026/03",
            "+026-03",
            "2026-+3",
        ] {
            let Err(Fault::Refused(refusal)) = Month::parse(bad) else {
                panic!("{bad} passed")
            };
            assert_eq!(refusal.code, "period_invalid");
        }
    }

    #[test]
    fn a_leap_february_has_29_days() {
        let (start, end) = month("2028-02-10T00:00:00Z", Tz::UTC);
        assert_eq!((end - start).num_days(), 29);
    }

    #[test]
    fn a_month_that_begins_in_a_jump_begins_where_the_clock_lands() {
        // Paraguay's clocks went from 24:00 on 30 September 2023 to 01:00 on 1 October.
        let (start, _) = month("2023-10-05T00:00:00Z", Tz::America__Asuncion);
        assert_eq!(start, at("2023-10-01T04:00:00Z"));
    }

    #[test]
    fn a_stretch_touches_every_month_it_has_an_instant_in() {
        let touched = |from, to| {
            Period::touched(at(from), at(to), Tz::UTC)
                .map(|month| month.start)
                .collect::<Vec<_>>()
        };
        let (june, july) = (at("2026-06-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
        assert_eq!(touched("2026-06-30T22:00:00Z", "2026-07-01T00:00:00Z"), [june]);
        assert_eq!(
            touched("2026-06-30T22:00:00Z", "2026-07-01T00:00:01Z"),
            [june, july]
        );
        assert!(Period::month_of(june, Tz::UTC).contains(june));
        assert!(!Period::month_of(june, Tz::UTC).contains(july));
    }
}
