//! When a schedule's windows take place, as plain functions of its rule, a calendar and a stretch of time.
//!
//! Clocks decide, as in business hours. A window that begins in an hour that a change of clocks skips begins when the
//! clocks have gone on; one that begins or ends in an hour that comes twice does so the first time. A night with a change
//! of clocks in it is thus an hour shorter or longer, as it is for whoever sleeps through it.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use chrono_tz::Tz;

use crate::{
    app::Timestamp,
    fault::{Fault, Result},
    settings::calendar::{self, Calendar},
};

/// On which days and in which hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// On which days of the week the windows begin.
    pub days: Vec<Weekday>,
    /// In which hours of these days.
    pub hours: Hours,
    /// The first day on which one can begin.
    pub starts_on: NaiveDate,
    /// The last one; none for no end.
    pub ends_on: Option<NaiveDate>,
    /// Whether days off are left out.
    pub skips_holidays: bool,
}

/// In which hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// On the clocks of a zone; an end that is not after the start is on the next day.
    Clock {
        /// When a window begins.
        from: NaiveTime,
        /// When it ends.
        to: NaiveTime,
        /// Whose clocks.
        zone: Tz,
    },
    /// The business hours that the tenant has set, one window for each stretch of them. There are none on days off.
    Business,
}

/// A time at which a schedule's rule has a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurring {
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// What the day off is called because of which it is left out.
    pub holiday: Option<String>,
}

/// How far from today a schedule's first day can be, and its last.
const FIRST_MAX: TimeDelta = TimeDelta::days(366);
const LAST_MAX: TimeDelta = TimeDelta::days(3660);

impl Recurrence {
    /// Refuses a rule that has no day, or none that could come.
    pub fn check(&self, today: NaiveDate) -> Result<()> {
        if self.days.is_empty() {
            let message = "a schedule has one day of the week at least";
            return Err(Fault::invalid("schedule_without_days", message));
        }
        if self
            .ends_on
            .is_some_and(|last| last < self.starts_on || last < today)
        {
            let message = "a schedule's last day is not before its first, and not over";
            return Err(Fault::invalid("schedule_ends_early", message));
        }
        if self.starts_on - today > FIRST_MAX || today - self.starts_on > LAST_MAX {
            let message = format!(
                "a schedule's first day is at most {} days ahead",
                FIRST_MAX.num_days()
            );
            return Err(Fault::invalid("start_too_far", message));
        }
        if self.ends_on.is_some_and(|last| last - today > LAST_MAX) {
            let message = format!(
                "a schedule's last day is at most {} days away",
                LAST_MAX.num_days()
            );
            return Err(Fault::invalid("end_too_far", message));
        }
        Ok(())
    }

    /// Whether nothing begins at or after this instant any more.
    pub fn is_over(&self, at: Timestamp, calendar: &Calendar) -> bool {
        self.ends_on.is_some_and(|last| {
            calendar::first_at(self.zone(calendar), last + Days::new(1), NaiveTime::MIN) <= at
        })
    }

    /// What begins from an instant on and before another one, in order.
    pub fn between(&self, from: Timestamp, until: Timestamp, calendar: &Calendar) -> Vec<Occurring> {
        let zone = self.zone(calendar);
        let (first, last) = (self.starts_on, self.ends_on.unwrap_or(NaiveDate::MAX));
        let mut date = from.with_timezone(&zone).date_naive().max(first);
        let end = until.with_timezone(&zone).date_naive().min(last);
        let mut occurring = Vec::new();
        while date <= end {
            if self.days.contains(&date.weekday()) {
                occurring.extend(self.on(date, calendar));
            }
            date = date + Days::new(1);
        }
        occurring.retain(|one| from <= one.starts_at && one.starts_at < until && one.starts_at < one.ends_at);
        occurring
    }

    /// What begins on a day.
    fn on(&self, date: NaiveDate, calendar: &Calendar) -> Vec<Occurring> {
        let holiday = calendar.holiday(date).filter(|_| self.skips_holidays);
        let stretches = match self.hours {
            Hours::Business => calendar::hours_on(calendar, date),
            Hours::Clock { from, to, zone } => {
                let until = if to > from { date } else { date + Days::new(1) };
                vec![(
                    calendar::first_at(zone, date, from),
                    calendar::first_at(zone, until, to),
                )]
            }
        };
        let occurring = stretches.into_iter().map(|(starts_at, ends_at)| Occurring {
            starts_at,
            ends_at,
            holiday: holiday.map(str::to_owned),
        });
        occurring.collect()
    }

    /// Whose days are meant.
    fn zone(&self, calendar: &Calendar) -> Tz {
        match self.hours {
            Hours::Clock { zone, .. } => zone,
            Hours::Business => calendar.zone(),
        }
    }
}

#[cfg(test)]
mod tests;
