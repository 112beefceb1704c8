//! Whether a value can be a setting's: small enough, as its schema demands, and meaning something. What is wrong is
//! named by its JSON pointer and the rule, never by the value, which may be long or a stranger's.

use chrono_tz::Tz;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    approval, calendar, fields, key::Key, leaving, naming, on_call, plugin_failures, plugin_runs,
    reconciliation, shadow, status,
};
use crate::fault::{Fault, RefusalKind, Result};

/// The largest value of a setting, in bytes as JSON.
pub const MAX_BYTES: usize = 64 * 1024;

/// Of a rule's text.
const WORDS: usize = 300;

/// What is wrong with a value, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// RFC 6901; empty for the value as a whole.
    pub pointer: String,
    /// What it breaks.
    pub rule: String,
}

impl Wrong {
    /// At this place, by this rule.
    pub fn at(pointer: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            rule: rule.into(),
        }
    }
}

impl From<Wrong> for Fault {
    fn from(wrong: Wrong) -> Self {
        let at = match &*wrong.pointer {
            "" => "the value".to_owned(),
            pointer => format!("the value at {pointer}"),
        };
        let message = nexusport_sandbox::clean(&format!("{at}: {}", wrong.rule), WORDS);
        Self::invalid("setting_invalid", message)
    }
}

/// Refuses what cannot be the setting's value.
pub fn check(key: Key, value: &Value) -> Result<()> {
    let bytes = value.to_string().len();
    if bytes > MAX_BYTES {
        let message = format!("the value has {bytes} bytes, a setting can have {MAX_BYTES}");
        return Err(Fault::refused(
            RefusalKind::TooLarge,
            "setting_too_large",
            message,
        ));
    }
    if let Err(error) = key.known().validator.validate(value) {
        return Err(Wrong::at(error.instance_path().as_str(), error.masked().to_string()).into());
    }
    Ok(meaning(key, value)?)
}

/// What the schema cannot say.
fn meaning(key: Key, value: &Value) -> std::result::Result<(), Wrong> {
    match key {
        Key::StatusNames => read::<status::Names>(value).map(|_| ()),
        Key::PortFields | Key::CustomerFields => read::<fields::Fields>(value)?.check(),
        Key::PortNaming | Key::CustomerNaming => read::<naming::Naming>(value)?.check(),
        Key::BusinessHours => read::<calendar::Hours>(value)?.check(),
        Key::Holidays => read::<calendar::Holidays>(value)?.check(),
        Key::Approval => read::<approval::Rules>(value).map(|_| ()),
        Key::OnCall => read::<on_call::OnCall>(value)?.check(),
        Key::Leaving => read::<leaving::Terms>(value).map(|_| ()),
        Key::Shadow => read::<shadow::Demand>(value).map(|_| ()),
        Key::PluginRuns => read::<plugin_runs::Sampling>(value).map(|_| ()),
        Key::PluginFailures => read::<plugin_failures::Failures>(value).map(|_| ()),
        Key::Reconciliation => read::<reconciliation::Rhythm>(value).map(|_| ()),
    }
}

/// The value in its own type.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> std::result::Result<T, Wrong> {
    T::deserialize(value).map_err(|error| Wrong::at("", error.to_string()))
}

/// The time zone of this IANA name.
pub(super) fn time_zone(pointer: &str, name: &str) -> std::result::Result<Tz, Wrong> {
    name.parse()
        .map_err(|_| Wrong::at(pointer, "a time zone is an IANA name, such as Europe/Vienna"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(key: Key, value: &Value) -> (&'static str, String) {
        match check(key, value) {
            Err(Fault::Refused(refusal)) => (refusal.code, refusal.message.into_owned()),
            other => panic!("{value} was taken: {other:?}"),
        }
    }

    #[test]
    fn every_platform_value_is_one_that_a_tenant_could_set() {
        for key in Key::ALL {
            check(*key, key.default()).unwrap();
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_place_and_rule_and_not_repeated() {
        let long = "x".repeat(10_000);
        let label = json!({ "fields": [{ "key": "a", "label": long, "type": "text" }] });
        let (code, message) = refusal(Key::PortFields, &label);
        assert_eq!(code, "setting_invalid");
        assert!(
            message.contains("/fields/0/label") && message.contains("100"),
            "{message}"
        );
        assert!(!message.contains("xxx"), "{message}");
    }

    #[test]
    fn a_value_has_at_most_64_kibibytes() {
        let (code, message) = refusal(Key::Holidays, &json!("x".repeat(MAX_BYTES)));
        assert_eq!(code, "setting_too_large");
        assert!(message.contains("65536"), "{message}");
    }

    #[test]
    fn texts_that_would_not_show_as_they_are_are_refused() {
        for hostile in ["Li\u{202e}ve", "Li\u{200b}ve", "Li\u{7}ve", "Li\u{2028}ve", ""] {
            let names = json!({ "language": "en", "words": { "en": { "port": { "active": hostile } } } });
            let (_, message) = refusal(Key::StatusNames, &names);
            assert!(message.contains("/words/en/port/active"), "{message}");
        }
    }
}
