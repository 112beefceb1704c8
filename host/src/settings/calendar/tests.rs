//! Hours over clock changes, holidays and the end of the day.

use chrono::Timelike as _;
use serde_json::json;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn calendar(zone: &str, week: serde_json::Value, days: serde_json::Value) -> Calendar {
    let hours = Hours::deserialize(json!({ "time_zone": zone, "week": week })).unwrap();
    hours.check().unwrap();
    let holidays = Holidays::deserialize(json!({ "days": days })).unwrap();
    holidays.check().unwrap();
    Calendar::new(hours, holidays)
}

fn every_day(zone: &str, from: &str, to: &str) -> Calendar {
    let hours = json!([{ "from": from, "to": to }]);
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let week: serde_json::Map<_, _> = days
        .map(|day| (day.to_owned(), hours.clone()))
        .into_iter()
        .collect();
    calendar(zone, week.into(), json!([]))
}

/// Nine to five on weekdays, closed on the year's first day and on 3 March 2026.
fn office() -> Calendar {
    let hours = json!([{ "from": "09:00", "to": "12:00" }, { "from": "13:00", "to": "17:00" }]);
    let week =
        json!({ "monday": hours, "tuesday": hours, "wednesday": hours, "thursday": hours, "friday": hours });
    let days =
        json!([{ "date": "01-01", "name": "New Year" }, { "date": "2026-03-03", "name": "Inventory" }]);
    calendar("Europe/Vienna", week, days)
}

#[test]
fn hours_begin_and_end_by_the_clock_of_their_zone() {
    let office = office();
    for (instant, open) in [
        ("2026-03-02T07:59:59.999Z", false),
        ("2026-03-02T08:00:00Z", true),
        ("2026-03-02T10:59:59Z", true),
        ("2026-03-02T11:00:00Z", false),
        ("2026-03-02T12:00:00Z", true),
        ("2026-03-02T16:00:00Z", false),
        ("2026-03-07T10:00:00Z", false),
        // Summer time.
        ("2026-07-01T07:00:00Z", true),
        ("2026-07-01T15:00:00Z", false),
    ] {
        assert_eq!(open_at(&office, at(instant)), open, "{instant}");
    }
}

#[test]
fn holidays_are_closed_once_or_every_year() {
    let office = office();
    assert!(!open_at(&office, at("2026-03-03T10:00:00Z")) && open_at(&office, at("2027-03-03T10:00:00Z")));
    assert!(!open_at(&office, at("2026-01-01T10:00:00Z")) && !open_at(&office, at("2027-01-01T10:00:00Z")));
    // Monday evening: Tuesday is closed.
    assert_eq!(
        next_open(&office, at("2026-03-02T16:00:00Z")),
        Some(at("2026-03-04T08:00:00Z"))
    );
    assert_eq!(
        office.holidays.name("2026-03-03".parse().unwrap()),
        Some("Inventory")
    );
}

#[test]
fn hours_that_the_clock_skips_do_not_take_place() {
    // In Vienna 02:00 to 03:00 is skipped on 29 March 2026, at 01:00 UTC.
    let night = every_day("Europe/Vienna", "02:00", "03:00");
    assert_eq!(
        next_open(&night, at("2026-03-28T02:00:00Z")),
        Some(at("2026-03-30T00:00:00Z"))
    );
    let cut = every_day("Europe/Vienna", "02:30", "03:30");
    assert_eq!(
        next_open(&cut, at("2026-03-29T00:00:00Z")),
        Some(at("2026-03-29T01:00:00Z"))
    );
    assert!(open_at(&cut, at("2026-03-29T01:29:59Z")) && !open_at(&cut, at("2026-03-29T01:30:00Z")));
    assert!(!open_at(&cut, at("2026-03-29T00:59:59Z")));
}

#[test]
fn hours_that_the_clock_repeats_take_place_twice() {
    // In Vienna 02:00 to 03:00 comes twice on 25 October 2026: from 00:00 and from 01:00 UTC.
    let cut = every_day("Europe/Vienna", "02:30", "03:00");
    let opens = |from: &str| next_open(&cut, at(from)).unwrap();
    assert_eq!(opens("2026-10-25T00:00:00Z"), at("2026-10-25T00:30:00Z"));
    assert_eq!(opens("2026-10-25T01:00:00Z"), at("2026-10-25T01:30:00Z"));
    // A stretch that the change of clocks opens again.
    let early = every_day("Europe/Vienna", "01:30", "02:30");
    assert_eq!(
        next_open(&early, at("2026-10-25T00:30:00Z")),
        Some(at("2026-10-25T01:00:00Z"))
    );
    // An hour of business takes two stretches of half an hour.
    assert_eq!(
        after_open(&cut, at("2026-10-25T00:00:00Z"), TimeDelta::hours(1)),
        Some(at("2026-10-25T02:00:00Z"))
    );
}

#[test]
fn looking_for_the_next_opening_agrees_with_asking_each_minute() {
    for (calendar, from) in [
        (office(), "2026-03-27T00:00:00Z"),
        (
            every_day("Europe/Vienna", "01:30", "02:30"),
            "2026-10-24T00:00:00Z",
        ),
        (
            every_day("Europe/Vienna", "02:15", "03:45"),
            "2026-03-28T00:00:00Z",
        ),
        // Clocks change by half an hour here.
        (
            every_day("Australia/Lord_Howe", "01:45", "02:15"),
            "2026-04-03T12:00:00Z",
        ),
        // At midnight, here.
        (
            every_day("America/Asuncion", "00:00", "00:45"),
            "2023-10-01T00:00:00Z",
        ),
    ] {
        let start = at(from);
        let minutes = (0..4 * 24 * 60).map(|minute| start + TimeDelta::minutes(minute));
        let mut expected = None;
        for instant in minutes.rev() {
            if open_at(&calendar, instant) {
                expected = Some(instant);
            }
            if expected.is_some() {
                assert_eq!(next_open(&calendar, instant), expected, "{instant}");
            }
        }
        assert!(expected.is_some());
    }
}

#[test]
fn time_in_business_hours_passes_over_lunch_nights_and_weekends() {
    let office = office();
    let friday = at("2026-03-06T10:30:00Z");
    assert_eq!(
        after_open(&office, friday, TimeDelta::hours(2)),
        Some(at("2026-03-06T13:30:00Z"))
    );
    assert_eq!(
        after_open(&office, friday, TimeDelta::hours(6)),
        Some(at("2026-03-09T09:30:00Z"))
    );
    assert_eq!(after_open(&office, friday, TimeDelta::zero()), Some(friday));
}

#[test]
fn who_is_never_there_never_opens() {
    let closed = calendar("UTC", json!({}), json!([]));
    assert_eq!(next_open(&closed, at("2026-03-06T10:30:00Z")), None);
    assert_eq!(
        after_open(&closed, at("2026-03-06T10:30:00Z"), TimeDelta::minutes(1)),
        None
    );
}

#[test]
fn the_whole_week_is_open_to_the_end_of_each_day() {
    let always = every_day("UTC", "00:00", "24:00");
    let night = at("2026-03-06T23:59:59.999Z");
    assert!(open_at(&always, night) && night.hour() == 23);
    assert_eq!(
        after_open(&always, night, TimeDelta::hours(48)),
        Some(night + TimeDelta::hours(48))
    );
}

#[test]
fn hours_that_make_no_sense_are_named() {
    let check = |week| {
        let hours = Hours::deserialize(json!({ "time_zone": "UTC", "week": week })).unwrap();
        hours.check().unwrap_err().pointer
    };
    assert_eq!(
        check(json!({ "monday": [{ "from": "17:00", "to": "09:00" }] })),
        "/week/monday/0"
    );
    let overlapping =
        json!({ "sunday": [{ "from": "08:00", "to": "12:00" }, { "from": "11:59", "to": "13:00" }] });
    assert_eq!(check(overlapping), "/week/sunday/1");
    let zone = Hours::deserialize(json!({ "time_zone": "Mars/Olympus", "week": {} })).unwrap();
    assert_eq!(zone.check().unwrap_err().pointer, "/time_zone");
    let day = Holidays::deserialize(json!({ "days": [{ "date": "2026-02-29", "name": "None" }] })).unwrap();
    assert_eq!(day.check().unwrap_err().pointer, "/days/0/date");
}

#[test]
fn a_clock_time_comes_first_or_right_after_it_was_skipped() {
    let vienna = Tz::Europe__Vienna;
    let first = |date: &str, time: &str| first_at(vienna, date.parse().unwrap(), time.parse().unwrap());
    assert_eq!(first("2026-03-28", "02:30:00"), at("2026-03-28T01:30:00Z"));
    assert_eq!(first("2026-03-29", "02:30:00"), at("2026-03-29T01:00:00Z"));
    assert_eq!(first("2026-10-25", "02:30:00"), at("2026-10-25T00:30:00Z"));
}
