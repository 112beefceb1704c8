//! Conditions under which the host takes an activation back by itself: how many of its calls fail, and what a customer's month
//! comes to. Rules on plain values; `watch` and billing bring the figures.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    app::Timestamp,
    fault::{Fault, Result},
};

/// The longest that calls are watched: a quarter of a year.
const HOURS_MAX: u32 = 24 * 92;
const CALLS_MAX: u32 = 10_000;
const CHANGE_MAX: u32 = 10_000;

/// When an activation is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// When too many calls fail.
    pub failures: Option<FailureTrip>,
    /// When a price is not to be believed. In the pricing world only.
    pub price: Option<PriceTrip>,
}

/// Too many calls failed soon after the activation took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureTrip {
    /// So many percent of the calls, or more: 1 to 100.
    pub percent: u32,
    /// Once there were so many calls.
    pub calls: u32,
    /// Within so many hours of taking effect.
    pub hours: u32,
}

/// The total of a customer's first month under the activation is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceTrip {
    /// It differs by more percent from what the release before would charge.
    pub change_percent: Option<u32>,
    /// It is less.
    pub least: Option<Decimal>,
    /// It is more.
    pub most: Option<Decimal>,
}

impl Trip {
    pub(super) fn check(&self) -> Result<()> {
        let invalid = |message: String| Err(Fault::invalid("trip_invalid", message));
        let within = |name: &str, value: u32, most: u32| match value {
            value if (1..=most).contains(&value) => Ok(()),
            value => Err(Fault::invalid(
                "trip_invalid",
                format!("{name} of the trip is {value}, it can be 1 to {most}"),
            )),
        };
        let Self { failures, price } = self;
        if failures.is_none() && price.is_none() {
            return invalid("the trip has no condition".to_owned());
        }
        if let Some(FailureTrip {
            percent,
            calls,
            hours,
        }) = *failures
        {
            within("failures.percent", percent, 100)?;
            within("failures.calls", calls, CALLS_MAX)?;
            within("failures.hours", hours, HOURS_MAX)?;
        }
        if let Some(PriceTrip {
            change_percent,
            least,
            most,
        }) = *price
        {
            if change_percent.is_none() && least.is_none() && most.is_none() {
                return invalid("price of the trip has no condition".to_owned());
            }
            if let Some(percent) = change_percent {
                within("price.change_percent", percent, CHANGE_MAX)?;
            }
            if let (Some(least), Some(most)) = (least, most)
                && least > most
            {
                return invalid(format!(
                    "price.least of the trip is {least}, more than price.most, {most}"
                ));
            }
        }
        Ok(())
    }

    pub(super) fn to_stored(&self) -> Value {
        let failures = self.failures.map(
            |FailureTrip {
                 percent,
                 calls,
                 hours,
             }| json!({ "percent": percent, "calls": calls, "hours": hours }),
        );
        let price = self.price.map(
            |PriceTrip {
                 change_percent,
                 least,
                 most,
             }| {
                let text = |amount: Option<Decimal>| amount.map(|amount| amount.to_string());
                json!({ "change_percent": change_percent, "least": text(least), "most": text(most) })
            },
        );
        json!({ "failures": failures, "price": price })
    }

    pub(super) fn from_stored(stored: Value) -> Result<Self> {
        let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok());
        let needed =
            |value: &Value| number(value).ok_or_else(|| Fault::broken("a stored trip lacks a number"));
        let amount = |value: &Value| value.as_str().map(str::parse::<Decimal>).transpose();
        let failures = match &stored["failures"] {
            Value::Null => None,
            failures => Some(FailureTrip {
                percent: needed(&failures["percent"])?,
                calls: needed(&failures["calls"])?,
                hours: needed(&failures["hours"])?,
            }),
        };
        let price = match &stored["price"] {
            Value::Null => None,
            price => Some(PriceTrip {
                change_percent: number(&price["change_percent"]),
                least: amount(&price["least"])?,
                most: amount(&price["most"])?,
            }),
        };
        Ok(Self { failures, price })
    }
}

impl FailureTrip {
    /// Whether calls at this time still count.
    pub(super) fn watches(self, effective_at: Timestamp, now: Timestamp) -> bool {
        now < effective_at + TimeDelta::hours(self.hours.into())
    }

    /// What there is to say if so many of so many calls are too many.
    pub(super) fn judge(self, calls: u64, failures: u64) -> Option<String> {
        let too_many = calls >= self.calls.into() && failures * 100 >= calls * u64::from(self.percent);
        let Self { percent, .. } = self;
        too_many.then(|| format!("{failures} of {calls} calls failed, the limit is {percent} percent"))
    }
}

impl PriceTrip {
    /// What there is to say if this total of a month is not to be believed. `before` is what the release before charges,
    /// where one served.
    pub fn judge(self, total: Decimal, before: Option<Decimal>) -> Option<String> {
        if let Some(least) = self.least.filter(|least| total < *least) {
            return Some(format!("a month comes to {total}, the least is {least}"));
        }
        if let Some(most) = self.most.filter(|most| total > *most) {
            return Some(format!("a month comes to {total}, the most is {most}"));
        }
        let (percent, before) = (self.change_percent?, before?);
        let change = (total - before).abs() * Decimal::ONE_HUNDRED;
        (change > before.abs() * Decimal::from(percent)).then(|| {
            format!(
                "a month comes to {total} instead of {before}, the limit is a change of {percent} percent"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(percent: u32, calls: u32, hours: u32) -> Trip {
        let failures = FailureTrip {
            percent,
            calls,
            hours,
        };
        Trip {
            failures: Some(failures),
            price: None,
        }
    }

    fn price(change_percent: Option<u32>, least: Option<i64>, most: Option<i64>) -> PriceTrip {
        PriceTrip {
            change_percent,
            least: least.map(Into::into),
            most: most.map(Into::into),
        }
    }

    fn with(price: PriceTrip) -> Trip {
        Trip {
            failures: None,
            price: Some(price),
        }
    }

    #[test]
    fn a_trip_has_a_condition_and_its_numbers_have_limits() {
        for good in [failures(1, 1, 1), failures(100, CALLS_MAX, HOURS_MAX)] {
            assert!(good.check().is_ok(), "{good:?}");
        }
        let nothing = Trip {
            failures: None,
            price: None,
        };
        for (bad, named) in [
            (nothing, "no condition"),
            (failures(0, 1, 1), "failures.percent"),
            (failures(101, 1, 1), "failures.percent"),
            (failures(1, CALLS_MAX + 1, 1), "failures.calls"),
            (failures(1, 1, HOURS_MAX + 1), "failures.hours"),
            (with(price(None, None, None)), "price"),
            (with(price(Some(0), None, None)), "price.change_percent"),
            (with(price(None, Some(2), Some(1))), "price.least"),
        ] {
            let Err(Fault::Refused(refusal)) = bad.check() else {
                panic!("{bad:?} passed")
            };
            assert_eq!(refusal.code, "trip_invalid");
            assert!(refusal.message.contains(named), "{}", refusal.message);
        }
    }

    #[test]
    fn a_trip_is_read_as_it_was_stored() {
        for trip in [
            failures(20, 10, 24),
            with(price(Some(30), None, Some(1_000))),
            with(price(None, Some(0), None)),
        ] {
            assert_eq!(Trip::from_stored(trip.to_stored()).unwrap(), trip);
        }
    }

    #[test]
    fn calls_are_judged_once_there_are_enough_and_within_the_hours() {
        let trip = failures(20, 10, 24).failures.unwrap();
        assert_eq!(trip.judge(9, 9), None, "too few calls");
        assert_eq!(trip.judge(10, 1), None);
        assert!(trip.judge(10, 2).unwrap().contains("2 of 10"));
        let start: Timestamp = "2026-04-01T00:00:00Z".parse().unwrap();
        assert!(trip.watches(start, start + TimeDelta::hours(23)));
        assert!(!trip.watches(start, start + TimeDelta::hours(24)));
    }

    #[test]
    fn a_total_is_judged_by_its_bounds_and_by_the_release_before() {
        let judged = |trip: PriceTrip, total: i64, before: Option<i64>| {
            trip.judge(total.into(), before.map(Into::into)).is_some()
        };
        let change = price(Some(10), None, None);
        assert!(!judged(change, 110, Some(100)) && !judged(change, 90, Some(100)));
        assert!(judged(change, 111, Some(100)) && judged(change, 89, Some(100)));
        // Anything is more than any percent of nothing, and where nothing served there is nothing to differ from.
        assert!(judged(change, 1, Some(0)) && !judged(change, 0, Some(0)) && !judged(change, 1, None));
        let bounds = price(None, Some(0), Some(500));
        assert!(judged(bounds, -1, None) && judged(bounds, 501, None));
        assert!(!judged(bounds, 0, None) && !judged(bounds, 500, None));
    }
}
