//! Times as carriers write them and as the interfaces carry them. There is no clock here: a guest has none.

use chrono::{DateTime, Datelike as _, Timelike as _};

/// Milliseconds since 1970 of an RFC 3339 time; `None` where it is none.
pub fn from_rfc3339(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.timestamp_millis())
}

/// The RFC 3339 form in UTC with milliseconds; `None` outside the years 0 to 9999, which the form cannot write.
pub fn to_rfc3339(millis: i64) -> Option<String> {
    let at = DateTime::from_timestamp_millis(millis)?.naive_utc();
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let milli = millis.rem_euclid(1000);
    // Not by chrono's own formatting, whose code is larger than many an adapter.
    (0..=9999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use super::*;

    #[test]
    fn a_time_survives_both_ways() {
        let text = "2026-03-29T01:00:00.125Z";
        assert_eq!(to_rfc3339(from_rfc3339(text).unwrap()).unwrap(), text);
        assert_eq!(from_rfc3339("2026-03-29T03:00:00.125+02:00"), from_rfc3339(text));
        assert_eq!(from_rfc3339("yesterday"), None);
        assert_eq!(to_rfc3339(-1).unwrap(), "1969-12-31T23:59:59.999Z");
        assert_eq!(to_rfc3339(i64::MAX), None);
        assert_eq!(to_rfc3339(253_402_300_800_000), None);
    }
}
