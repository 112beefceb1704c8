//! What comes again and when, as it is sent and shown.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fault::{Fault, Result as Checked},
    ports::schedule::{Hours, Recurrence, Terms},
};

/// What comes again, and when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTerms {
    /// The speed of the windows.
    #[schema(example = 5000)]
    mbps: u32,
    /// On which days of the week they begin.
    days: Vec<Day>,
    /// When they begin on the clocks of the time zone, `HH:MM`. Without it and `to` they are the tenant's business hours.
    #[schema(example = "18:00")]
    from: Option<String>,
    /// When they end. Where that is not after `from`, on the next day.
    #[schema(example = "23:00")]
    to: Option<String>,
    /// IANA name, given where `from` and `to` are.
    #[schema(example = "Europe/Vienna")]
    time_zone: Option<String>,
    /// The first day on which one can begin, otherwise today.
    starts_on: Option<NaiveDate>,
    /// The last day on which one can begin, otherwise there is none.
    ends_on: Option<NaiveDate>,
    /// Whether the tenant's holidays are left out.
    #[serde(default)]
    skips_holidays: bool,
    /// What one window may cost at most; dearer ones are left out.
    #[schema(value_type = Option<String>)]
    amount_max: Option<Decimal>,
}

/// A day of the week.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

const DAYS: [(Day, Weekday); 7] = [
    (Day::Monday, Weekday::Mon),
    (Day::Tuesday, Weekday::Tue),
    (Day::Wednesday, Weekday::Wed),
    (Day::Thursday, Weekday::Thu),
    (Day::Friday, Weekday::Fri),
    (Day::Saturday, Weekday::Sat),
    (Day::Sunday, Weekday::Sun),
];

/// What comes again, and when.
#[derive(Serialize, ToSchema)]
pub(super) struct ScheduleTerms {
    mbps: u32,
    days: Vec<Day>,
    /// None for the tenant's business hours.
    from: Option<String>,
    to: Option<String>,
    time_zone: Option<String>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    skips_holidays: bool,
    #[schema(value_type = Option<String>)]
    amount_max: Option<Decimal>,
}

impl NewTerms {
    pub(super) fn checked(self, now: DateTime<Utc>) -> Checked<Terms> {
        let hours = hours(self.from, self.to, self.time_zone)?;
        let today = match hours {
            Hours::Clock { zone, .. } => now.with_timezone(&zone).date_naive(),
            Hours::Business => now.date_naive(),
        };
        let days = DAYS.iter().filter(|(day, _)| self.days.contains(day));
        let most = Decimal::from(1_000_000_000_000_u64);
        if self.amount_max.is_some_and(|amount| {
            amount.is_sign_negative() || amount >= most || amount.normalize().scale() > 9
        }) {
            let message = "amount_max is 0 to 1000000000000 with at most 9 decimals";
            return Err(Fault::invalid("amount_invalid", message));
        }
        Ok(Terms {
            mbps: self.mbps,
            recurrence: Recurrence {
                days: days.map(|(_, weekday)| *weekday).collect(),
                hours,
                starts_on: self.starts_on.unwrap_or(today),
                ends_on: self.ends_on,
                skips_holidays: self.skips_holidays,
            },
            amount_max: self.amount_max.map(|amount| amount.normalize()),
        })
    }
}

fn hours(from: Option<String>, to: Option<String>, zone: Option<String>) -> Checked<Hours> {
    match (from, to, zone) {
        (None, None, None) => Ok(Hours::Business),
        (Some(from), Some(to), Some(zone)) => Ok(Hours::Clock {
            from: clock("from", &from)?,
            to: clock("to", if to == "24:00" { "00:00" } else { &to })?,
            zone: zone.parse().map_err(|_| {
                let message = "a time zone is an IANA name, such as Europe/Vienna";
                Fault::invalid("time_zone_invalid", message)
            })?,
        }),
        _ => {
            let message =
                "from, to and time_zone are given together, or none of them for the tenant's business hours";
            Err(Fault::invalid("hours_incomplete", message))
        }
    }
}

fn clock(name: &str, text: &str) -> Checked<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
        let message = format!("{name} is a time of day such as 18:00");
        Fault::invalid("clock_invalid", message)
    })
}

impl From<Terms> for ScheduleTerms {
    fn from(terms: Terms) -> Self {
        let Terms {
            mbps,
            recurrence,
            amount_max,
        } = terms;
        let Recurrence {
            days,
            hours,
            starts_on,
            ends_on,
            skips_holidays,
        } = recurrence;
        let clock = |time: NaiveTime| time.format("%H:%M").to_string();
        let (from, to, time_zone) = match hours {
            Hours::Clock { from, to, zone } => {
                (Some(clock(from)), Some(clock(to)), Some(zone.name().to_owned()))
            }
            Hours::Business => (None, None, None),
        };
        let days = DAYS.iter().filter(|(_, weekday)| days.contains(weekday));
        Self {
            mbps,
            days: days.map(|(day, _)| *day).collect(),
            from,
            to,
            time_zone,
            starts_on,
            ends_on,
            skips_holidays,
            amount_max,
        }
    }
}
