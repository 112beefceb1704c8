//! Who is called when something needs a person: a rotation with overrides, and who is called besides when nobody
//! answers. Plain functions of the setting and an instant.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    calendar::first_at,
    value::{Wrong, time_zone},
};
use crate::{app::Timestamp, ids::MembershipId};

/// Who is called, and who next.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnCall {
    rotation: Option<Rotation>,
    overrides: Vec<Override>,
    escalation: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    people: Vec<Uuid>,
    every: Every,
    starts_on: String,
    at: String,
    time_zone: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Every {
    Day,
    Week,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    from: String,
    to: String,
    person: Uuid,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    after_minutes: i64,
    people: Vec<Uuid>,
}

/// A rotation's days and clock, read.
struct Turns {
    first: NaiveDate,
    at: NaiveTime,
    zone: Tz,
    days: i64,
}

impl OnCall {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        if let Some(rotation) = &self.rotation {
            rotation.turns()?;
        }
        for (n, instead) in self.overrides.iter().enumerate() {
            let place = format!("/overrides/{n}");
            let (from, to) = (instant(&place, &instead.from)?, instant(&place, &instead.to)?);
            if to <= from {
                return Err(Wrong::at(place, "an override ends after it begins"));
            }
        }
        let mut last = 0;
        for (n, step) in self.escalation.iter().enumerate() {
            if step.after_minutes <= last {
                let place = format!("/escalation/{n}/after_minutes");
                return Err(Wrong::at(place, "each step comes later than the one before"));
            }
            last = step.after_minutes;
        }
        Ok(())
    }

    /// Everybody it names, each with the place of the name.
    pub fn people(&self) -> Vec<(String, MembershipId)> {
        let turns = self
            .rotation
            .iter()
            .flat_map(|rotation| rotation.people.iter().enumerate());
        let turns = turns.map(|(n, person)| (format!("/rotation/people/{n}"), *person));
        let overrides = self.overrides.iter().enumerate();
        let overrides = overrides.map(|(n, instead)| (format!("/overrides/{n}/person"), instead.person));
        let steps = self.escalation.iter().enumerate().flat_map(|(n, step)| {
            let people = step.people.iter().enumerate();
            people.map(move |(m, person)| (format!("/escalation/{n}/people/{m}"), *person))
        });
        let all = turns.chain(overrides).chain(steps);
        all.map(|(place, person)| (place, person.into())).collect()
    }

    /// The step of this number, counted from 0: how long after the alert it comes, and who is called.
    pub fn step(&self, n: usize) -> Option<(TimeDelta, Vec<MembershipId>)> {
        let step = self.escalation.get(n)?;
        let people = step.people.iter().map(|person| (*person).into()).collect();
        Some((TimeDelta::minutes(step.after_minutes), people))
    }
}

impl Rotation {
    fn turns(&self) -> Result<Turns, Wrong> {
        let day = self.starts_on.parse();
        let at = NaiveTime::parse_from_str(&self.at, "%H:%M");
        Ok(Turns {
            first: day.map_err(|_| Wrong::at("/rotation/starts_on", "there is no such day"))?,
            at: at.map_err(|_| Wrong::at("/rotation/at", "there is no such time"))?,
            zone: time_zone("/rotation/time_zone", &self.time_zone)?,
            days: match self.every {
                Every::Day => 1,
                Every::Week => 7,
            },
        })
    }
}

impl Turns {
    /// How many handovers there were since the first turn began; negative before it.
    fn until(&self, instant: Timestamp) -> i64 {
        let today = instant.with_timezone(&self.zone).date_naive();
        // By instants and not by the clock, which may show the same time twice.
        let begun = first_at(self.zone, today, self.at) <= instant;
        let days = (today - self.first).num_days() - i64::from(!begun);
        days.div_euclid(self.days)
    }
}

fn instant(place: &str, text: &str) -> Result<Timestamp, Wrong> {
    text.parse()
        .map_err(|_| Wrong::at(place, "there is no such instant"))
}

/// Who is on call; nobody where there is neither a rotation nor an override for this instant.
pub fn who(on_call: &OnCall, instant: Timestamp) -> Option<MembershipId> {
    let covers =
        |instead: &&Override| match (instead.from.parse::<Timestamp>(), instead.to.parse::<Timestamp>()) {
            (Ok(from), Ok(to)) => (from..to).contains(&instant),
            _ => false,
        };
    if let Some(instead) = on_call.overrides.iter().rev().find(covers) {
        return Some(instead.person.into());
    }
    let rotation = on_call.rotation.as_ref()?;
    let turn = rotation.turns().ok()?.until(instant);
    let place = turn.rem_euclid(rotation.people.len() as i64);
    Some(rotation.people[place as usize].into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn person(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn rotation(every: &str, at: &str) -> Value {
        json!({
            "rotation": { "people": [person(1), person(2), person(3)], "every": every, "starts_on": "2026-03-02",
                "at": at, "time_zone": "Europe/Vienna" }
        })
    }

    #[track_caller]
    fn check_who(on_call: &Value, instant: &str, expected: u128) {
        let on_call = OnCall::deserialize(on_call).unwrap();
        on_call.check().unwrap();
        let found = who(&on_call, instant.parse().unwrap());
        assert_eq!(found, Some(person(expected).into()), "{instant}");
    }

    #[test]
    fn turns_go_round_by_the_week_from_the_handover_on() {
        let weekly = rotation("week", "09:00");
        check_who(&weekly, "2026-03-02T07:59:59Z", 3);
        check_who(&weekly, "2026-03-02T08:00:00Z", 1);
        check_who(&weekly, "2026-03-09T07:59:59Z", 1);
        check_who(&weekly, "2026-03-09T08:00:00Z", 2);
        check_who(&weekly, "2026-03-23T08:00:00Z", 1);
        // Nine is seven in summer.
        check_who(&weekly, "2026-03-30T06:59:59Z", 1);
        check_who(&weekly, "2026-03-30T07:00:00Z", 2);
    }

    #[test]
    fn a_handover_happens_once_where_the_clock_shows_its_time_twice() {
        let daily = rotation("day", "02:30");
        // 25 October is the 238th day since the first turn; 02:30 comes at 00:30 and at 01:30 UTC.
        check_who(&daily, "2026-10-25T00:29:59Z", 1 + (236 % 3));
        check_who(&daily, "2026-10-25T00:30:00Z", 1);
        check_who(&daily, "2026-10-25T01:15:00Z", 1);
    }

    #[test]
    fn a_handover_at_a_time_that_the_clock_skips_happens_right_after() {
        let daily = rotation("day", "02:30");
        check_who(&daily, "2026-03-29T00:59:59Z", 1 + (26 % 3));
        check_who(&daily, "2026-03-29T01:00:00Z", 1);
    }

    #[test]
    fn an_override_counts_for_its_time_and_the_later_one_of_two() {
        let mut on_call = rotation("week", "09:00");
        on_call["overrides"] = json!([
            { "from": "2026-03-03T00:00:00Z", "to": "2026-03-05T00:00:00Z", "person": person(8) },
            { "from": "2026-03-04T01:00:00+01:00", "to": "2026-03-04T12:00:00Z", "person": person(9) }
        ]);
        check_who(&on_call, "2026-03-03T23:59:59Z", 8);
        check_who(&on_call, "2026-03-04T00:00:00Z", 9);
        check_who(&on_call, "2026-03-04T12:00:00Z", 8);
        check_who(&on_call, "2026-03-05T00:00:00Z", 1);
    }

    #[test]
    fn nobody_is_on_call_where_nobody_is_named() {
        assert_eq!(
            who(&OnCall::default(), "2026-03-02T08:00:00Z".parse().unwrap()),
            None
        );
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let pointer = |value: Value| OnCall::deserialize(value).unwrap().check().unwrap_err().pointer;
        let mut wrong = rotation("day", "09:00");
        wrong["rotation"]["starts_on"] = json!("2026-02-30");
        assert_eq!(pointer(wrong), "/rotation/starts_on");
        let steps = json!([{ "after_minutes": 10, "people": [person(1)] }, { "after_minutes": 10, "people": [person(2)] }]);
        assert_eq!(
            pointer(json!({ "escalation": steps })),
            "/escalation/1/after_minutes"
        );
        let backwards =
            json!([{ "from": "2026-03-05T00:00:00Z", "to": "2026-03-03T00:00:00Z", "person": person(8) }]);
        assert_eq!(pointer(json!({ "overrides": backwards })), "/overrides/0");
    }
}
