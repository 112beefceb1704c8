//! When somebody is there: weekly hours on the clocks of a time zone, without holidays. Plain functions of a calendar and
//! an instant.
//!
//! Clocks decide. Hours that a change of clocks skips do not take place; hours that it repeats take place twice.

mod stretches;

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde::Deserialize;

use super::value::{Wrong, time_zone};
use crate::app::Timestamp;

/// How far ahead anything is looked for: a year of holidays.
const HORIZON: TimeDelta = TimeDelta::days(370);

/// The hours of a week.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    time_zone: String,
    week: Week,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Week {
    monday: Vec<Range>,
    tuesday: Vec<Range>,
    wednesday: Vec<Range>,
    thursday: Vec<Range>,
    friday: Vec<Range>,
    saturday: Vec<Range>,
    sunday: Vec<Range>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: String,
    to: String,
}

/// Days off.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    days: Vec<Holiday>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    date: String,
    name: String,
}

/// Hours and holidays together.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Tz,
    hours: Hours,
    holidays: Holidays,
}

impl Hours {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        time_zone("/time_zone", &self.time_zone)?;
        for (name, ranges) in self.week.days() {
            let mut end = -1;
            for (n, range) in ranges.iter().enumerate() {
                let (from, to) = range.minutes();
                if to <= from {
                    let rule = "hours end after they begin; 24:00 is the end of the day";
                    return Err(Wrong::at(format!("/week/{name}/{n}"), rule));
                }
                if from < end {
                    let rule = "the hours of a day are in order and do not overlap";
                    return Err(Wrong::at(format!("/week/{name}/{n}"), rule));
                }
                end = to;
            }
        }
        Ok(())
    }
}

impl Week {
    fn days(&self) -> [(&'static str, &[Range]); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }
}

impl Range {
    /// Of the day.
    fn minutes(&self) -> (i64, i64) {
        (minutes(&self.from), minutes(&self.to))
    }
}

/// `HH:MM`, as the schema demands.
fn minutes(clock: &str) -> i64 {
    let part = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut parts = clock.split(':');
    part(parts.next()) * 60 + part(parts.next())
}

impl Holidays {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        for (n, day) in self.days.iter().enumerate() {
            // A leap year has every day that any year has.
            let whole = if day.date.len() == 5 {
                format!("2028-{}", day.date)
            } else {
                day.date.clone()
            };
            if whole.parse::<NaiveDate>().is_err() {
                return Err(Wrong::at(format!("/days/{n}/date"), "there is no such day"));
            }
        }
        Ok(())
    }

    /// What the day is called, where it is one.
    pub fn name(&self, date: NaiveDate) -> Option<&str> {
        let (once, yearly) = (
            date.format("%Y-%m-%d").to_string(),
            date.format("%m-%d").to_string(),
        );
        let found = self
            .days
            .iter()
            .find(|day| day.date == once || day.date == yearly);
        found.map(|day| &*day.name)
    }
}

impl Calendar {
    /// A calendar of hours that were checked when they were set.
    pub fn new(hours: Hours, holidays: Holidays) -> Self {
        let zone = hours.time_zone.parse().unwrap_or(Tz::UTC);
        Self {
            zone,
            hours,
            holidays,
        }
    }

    /// Whose clocks show the hours.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// What a day off is called.
    pub fn holiday(&self, date: NaiveDate) -> Option<&str> {
        self.holidays.name(date)
    }

    /// The stretches of a day, in minutes since its midnight on the clock.
    fn of(&self, date: NaiveDate) -> Vec<(i64, i64)> {
        if self.holidays.name(date).is_some() {
            return Vec::new();
        }
        let day = date.weekday().num_days_from_monday() as usize;
        let (_, ranges) = self.hours.week.days()[day];
        ranges.iter().map(Range::minutes).collect()
    }
}

/// Whether somebody is there.
pub fn open_at(calendar: &Calendar, instant: Timestamp) -> bool {
    let clock = instant.with_timezone(&calendar.zone).naive_local();
    let since_midnight = clock.signed_duration_since(clock.date().and_time(NaiveTime::MIN));
    let minute = since_midnight.num_minutes();
    calendar
        .of(clock.date())
        .iter()
        .any(|(from, to)| (*from..*to).contains(&minute))
}

/// The first instant from this one on at which somebody is there; none within a year.
pub fn next_open(calendar: &Calendar, instant: Timestamp) -> Option<Timestamp> {
    stretches::from(calendar, instant).map(|(start, _)| start).next()
}

/// The instant at which this much time with somebody there has passed; none within a year.
pub fn after_open(calendar: &Calendar, instant: Timestamp, mut time: TimeDelta) -> Option<Timestamp> {
    for (start, end) in stretches::from(calendar, instant) {
        if end - start >= time {
            return Some(start + time);
        }
        time -= end - start;
    }
    None
}

/// The stretches of a day in which somebody is there, as its own clock begins and ends them.
pub fn hours_on(calendar: &Calendar, date: NaiveDate) -> Vec<(Timestamp, Timestamp)> {
    let at = |minutes: i64| {
        let clock = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
        first_at(calendar.zone, clock.date(), clock.time())
    };
    let hours = calendar.of(date).into_iter();
    hours.map(|(from, to)| (at(from), at(to))).collect()
}

/// The first instant at which the clocks of the zone show this day and time, or later where they skip it.
pub fn first_at(zone: Tz, date: NaiveDate, time: NaiveTime) -> Timestamp {
    use chrono::{MappedLocalTime, TimeZone as _, Utc};
    let clock = date.and_time(time);
    match zone.from_local_datetime(&clock) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.with_timezone(&Utc),
        MappedLocalTime::None => {
            // No zone skips more than a day.
            let before = clock.and_utc() - TimeDelta::days(2);
            stretches::first(before, before + TimeDelta::days(4), |at| {
                at.with_timezone(&zone).naive_local() >= clock
            })
        }
    }
}

#[cfg(test)]
mod tests;
