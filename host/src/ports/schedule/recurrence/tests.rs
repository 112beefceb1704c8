//! When windows come, over weekdays, nights, days off and changes of clocks.

use serde_json::json;

use super::*;

const ZONE: Tz = Tz::Europe__Vienna;
const WEEKDAYS: [Weekday; 5] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
];

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn calendar() -> Calendar {
    let hours = json!({ "time_zone": "Europe/Vienna", "week": {
        "monday": [{ "from": "08:00", "to": "12:00" }, { "from": "13:00", "to": "24:00" }],
        "sunday": [{ "from": "01:00", "to": "04:00" }],
    }});
    let holidays = json!({ "days": [{ "date": "12-25", "name": "Christmas Day" }] });
    Calendar::new(
        serde_json::from_value(hours).unwrap(),
        serde_json::from_value(holidays).unwrap(),
    )
}

fn clock(days: &[Weekday], from: &str, to: &str) -> Recurrence {
    let time = |text: &str| format!("{text}:00").parse().unwrap();
    Recurrence {
        days: days.to_vec(),
        hours: Hours::Clock {
            from: time(from),
            to: time(to),
            zone: ZONE,
        },
        starts_on: date("2026-01-01"),
        ends_on: None,
        skips_holidays: true,
    }
}

fn shown(recurrence: &Recurrence, from: &str, until: &str) -> Vec<String> {
    let text = |at: Timestamp| at.format("%d %H:%M").to_string();
    let occurring = recurrence.between(at(from), at(until), &calendar());
    let lines = occurring.into_iter().map(|one| {
        let holiday = one.holiday.map(|name| format!(" {name}")).unwrap_or_default();
        format!("{} - {}{holiday}", text(one.starts_at), text(one.ends_at))
    });
    lines.collect()
}

#[test]
fn weekdays_are_those_of_the_zone() {
    // Friday's evening in Vienna, and a night that begins on a Monday whose start is Sunday's in UTC.
    let evenings = clock(&WEEKDAYS, "18:00", "23:00");
    let got = shown(&evenings, "2026-06-12T00:00:00Z", "2026-06-16T00:00:00Z");
    assert_eq!(got, ["12 16:00 - 12 21:00", "15 16:00 - 15 21:00"]);
    let early = clock(&[Weekday::Mon], "00:30", "05:00");
    let got = shown(&early, "2026-06-12T00:00:00Z", "2026-06-16T00:00:00Z");
    assert_eq!(got, ["14 22:30 - 15 03:00"]);
}

#[test]
fn an_end_that_is_not_after_the_start_is_on_the_next_day() {
    let nights = clock(&[Weekday::Mon], "22:00", "06:00");
    let got = shown(&nights, "2026-06-15T00:00:00Z", "2026-06-17T00:00:00Z");
    assert_eq!(got, ["15 20:00 - 16 04:00"]);
    let whole = clock(&[Weekday::Mon], "00:00", "00:00");
    let got = shown(&whole, "2026-06-14T00:00:00Z", "2026-06-17T00:00:00Z");
    assert_eq!(got, ["14 22:00 - 15 22:00"]);
}

#[test]
fn changes_of_clocks_shorten_and_lengthen_nights() {
    // In Vienna the clocks skip 02:00 to 03:00 on 29 March 2026 and repeat it on 25 October.
    let nights = clock(&[Weekday::Sat], "22:00", "06:00");
    let got = shown(&nights, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z");
    assert_eq!(got, ["28 21:00 - 29 04:00"]);
    let got = shown(&nights, "2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z");
    assert_eq!(got, ["24 20:00 - 25 05:00"]);
    let skipped = clock(&[Weekday::Sun], "02:30", "04:00");
    let got = shown(&skipped, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z");
    assert_eq!(got, ["29 01:00 - 29 02:00"]);
    let inside = clock(&[Weekday::Sun], "02:10", "02:50");
    assert!(shown(&inside, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z").is_empty());
    let twice = clock(&[Weekday::Sun], "02:30", "04:00");
    let got = shown(&twice, "2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z");
    assert_eq!(got, ["25 00:30 - 25 03:00"]);
}

#[test]
fn days_off_are_named_and_only_left_out_where_that_is_wanted() {
    let evenings = clock(&[Weekday::Fri], "18:00", "23:00");
    let got = shown(&evenings, "2026-12-24T00:00:00Z", "2026-12-27T00:00:00Z");
    assert_eq!(got, ["25 17:00 - 25 22:00 Christmas Day"]);
    let always = Recurrence {
        skips_holidays: false,
        ..evenings
    };
    let got = shown(&always, "2026-12-24T00:00:00Z", "2026-12-27T00:00:00Z");
    assert_eq!(got, ["25 17:00 - 25 22:00"]);
}

#[test]
fn business_hours_are_a_window_for_each_stretch() {
    let open = Recurrence {
        hours: Hours::Business,
        ..clock(&[Weekday::Mon, Weekday::Sun], "00:00", "00:00")
    };
    let got = shown(&open, "2026-06-15T00:00:00Z", "2026-06-17T00:00:00Z");
    assert_eq!(got, ["15 06:00 - 15 10:00", "15 11:00 - 15 22:00"]);
    let got = shown(&open, "2026-03-28T00:00:00Z", "2026-03-29T12:00:00Z");
    assert_eq!(got, ["29 00:00 - 29 02:00"]);
}

#[test]
fn nothing_begins_outside_of_the_first_and_the_last_day_or_twice_in_two_stretches() {
    let daily = Recurrence {
        starts_on: date("2026-06-10"),
        ends_on: Some(date("2026-06-12")),
        ..clock(&WEEKDAYS, "18:00", "23:00")
    };
    let all = daily.between(
        at("2026-06-01T00:00:00Z"),
        at("2026-07-01T00:00:00Z"),
        &calendar(),
    );
    assert_eq!(all.len(), 3);
    let middle = at("2026-06-11T16:00:00Z");
    let mut halves = daily.between(at("2026-06-01T00:00:00Z"), middle, &calendar());
    assert_eq!(halves.len(), 1);
    halves.extend(daily.between(middle, at("2026-07-01T00:00:00Z"), &calendar()));
    assert_eq!(halves, all);
    assert!(!daily.is_over(at("2026-06-12T21:59:59Z"), &calendar()));
    assert!(daily.is_over(at("2026-06-12T22:00:00Z"), &calendar()));
}

#[test]
fn a_rule_that_could_never_come_is_refused() {
    let code = |recurrence: Recurrence| match recurrence.check(date("2026-06-15")) {
        Ok(()) => "allowed",
        Err(Fault::Refused(refusal)) => refusal.code,
        Err(other) => panic!("{other}"),
    };
    let good = clock(&WEEKDAYS, "18:00", "23:00");
    let (early, far) = (date("2026-06-14"), date("2028-01-01"));
    assert_eq!(code(good.clone()), "allowed");
    assert_eq!(
        code(Recurrence {
            days: Vec::new(),
            ..good.clone()
        }),
        "schedule_without_days"
    );
    assert_eq!(
        code(Recurrence {
            ends_on: Some(early),
            ..good.clone()
        }),
        "schedule_ends_early"
    );
    assert_eq!(
        code(Recurrence {
            starts_on: far,
            ..good.clone()
        }),
        "start_too_far"
    );
    assert_eq!(
        code(Recurrence {
            ends_on: Some(NaiveDate::MAX),
            ..good
        }),
        "end_too_far"
    );
}
