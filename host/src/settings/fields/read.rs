//! From what somebody sends to a value's normal form and back, as plain functions.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::{Field, Sort};

/// Of a text, in characters.
const TEXT_MAX: usize = 500;
/// JSON's numbers are exact up to here (RFC 8259, section 6).
const INTEGER_MAX: i64 = (1 << 53) - 1;

impl Field {
    /// The normal form of a value; an error is the rule it breaks.
    pub(super) fn read(&self, value: &Value) -> Result<String, String> {
        match (self.sort, value) {
            (Sort::Integer, Value::Number(number)) => self.read_text(&number.to_string()),
            (Sort::Boolean, Value::Bool(yes)) => Ok(yes.to_string()),
            (Sort::Text | Sort::Decimal | Sort::Date | Sort::Choice, Value::String(text)) => {
                self.read_text(text)
            }
            _ => Err(self.sort.rule().to_owned()),
        }
    }

    /// The normal form of a value that comes as text, as in a query.
    pub(super) fn read_text(&self, text: &str) -> Result<String, String> {
        let rule = || self.sort.rule().to_owned();
        match self.sort {
            Sort::Text => self.read_words(text),
            Sort::Integer => {
                let number: i64 = text.parse().map_err(|_| rule())?;
                if !(-INTEGER_MAX..=INTEGER_MAX).contains(&number) {
                    return Err(rule());
                }
                self.within(&number, |limit| limit.parse().ok())?;
                Ok(number.to_string())
            }
            Sort::Decimal => {
                let number = decimal(text).ok_or_else(rule)?;
                self.within(&number, decimal)?;
                Ok(number.normalize().to_string())
            }
            Sort::Date => {
                let day = date(text).ok_or_else(rule)?;
                self.within(&day, date)?;
                Ok(day.to_string())
            }
            Sort::Boolean => matches!(text, "true" | "false")
                .then(|| text.to_owned())
                .ok_or_else(rule),
            Sort::Choice => {
                let choices = self.choices.as_deref().unwrap_or_default();
                let found = choices.iter().find(|choice| *choice == text);
                found
                    .cloned()
                    .ok_or_else(|| "it is one of the field's choices".to_owned())
            }
        }
    }

    /// A stored value as it is shown; none where the field reads values otherwise now.
    pub(super) fn show(&self, stored: &str) -> Option<Value> {
        self.unlimited_choice(stored)?;
        match self.sort {
            Sort::Integer => stored.parse::<i64>().ok().map(Value::from),
            Sort::Boolean => stored.parse::<bool>().ok().map(Value::from),
            _ => Some(Value::from(stored)),
        }
    }

    /// Limits are asked when a value is written: a stored one that they exclude now is still a value of the field.
    fn unlimited_choice(&self, stored: &str) -> Option<String> {
        match self.sort {
            Sort::Choice | Sort::Text => Some(stored.to_owned()),
            _ => self
                .unlimited()
                .read_text(stored)
                .ok()
                .filter(|same| same == stored),
        }
    }

    fn read_words(&self, text: &str) -> Result<String, String> {
        let limit = self.max_length.unwrap_or(TEXT_MAX);
        let text: String = text.nfc().take(TEXT_MAX + 1).collect();
        if text.trim() != text || text.is_empty() || !nexusport_sandbox::is_clean(&text, limit) {
            return Err(format!(
                "it is a text of 1 to {limit} visible characters with no space at its ends"
            ));
        }
        Ok(text)
    }

    fn within<T: PartialOrd>(&self, value: &T, read: impl Fn(&str) -> Option<T>) -> Result<(), String> {
        let limit = |limit: &Option<String>| limit.as_deref().and_then(&read);
        if limit(&self.min).is_some_and(|min| *value < min) {
            return Err(format!(
                "it is at least {}",
                self.min.as_deref().unwrap_or_default()
            ));
        }
        if limit(&self.max).is_some_and(|max| *value > max) {
            return Err(format!(
                "it is at most {}",
                self.max.as_deref().unwrap_or_default()
            ));
        }
        Ok(())
    }
}

impl Sort {
    const fn rule(self) -> &'static str {
        match self {
            Self::Text | Self::Choice => "it is a text",
            Self::Integer => "it is a whole number of at most 53 bits",
            Self::Decimal => "it is a decimal number of at most 28 digits, as text",
            Self::Date => "it is a day such as 2026-03-31",
            Self::Boolean => "it is true or false",
        }
    }
}

/// Digits with at most one point: no exponents, no signs but a minus.
fn decimal(text: &str) -> Option<Decimal> {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    plain.then(|| Decimal::from_str_exact(text).ok()).flatten()
}

fn date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    shaped.then(|| text.parse().ok()).flatten()
}
