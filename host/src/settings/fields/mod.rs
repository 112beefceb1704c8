//! Fields that a reseller invents for its ports and customers: what they are, and their values.
//!
//! Values are kept as text in one normal form, so that equal values are equal texts. A value outlives its field: what
//! the fields in force do not know, or read as another type now, is shown as former.

mod read;
mod shown;
mod values;

use serde::Deserialize;

use super::value::Wrong;

pub(super) use shown::shown;
pub use shown::{Shown, of, of_all};
pub use values::{Filter, Found, Subject, find, keep};

/// The fields in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    fields: Vec<Field>,
}

/// One field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name for programs.
    pub key: String,
    /// Its name for people.
    pub label: String,
    #[serde(rename = "type")]
    sort: Sort,
    #[serde(default)]
    required: bool,
    /// Whether lists can be filtered by it.
    #[serde(default)]
    pub filterable: bool,
    /// Whether it is sealed at rest.
    #[serde(default)]
    pub personal: bool,
    max_length: Option<usize>,
    min: Option<String>,
    max: Option<String>,
    choices: Option<Vec<String>>,
}

/// What a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Text,
    Integer,
    Decimal,
    Date,
    Boolean,
    Choice,
}

impl Fields {
    /// The field of this key.
    pub fn get(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    fn required(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.required)
    }

    pub(super) fn check(&self) -> Result<(), Wrong> {
        for (n, field) in self.fields.iter().enumerate() {
            let wrong = |part: &str, rule: &str| Err(Wrong::at(format!("/fields/{n}/{part}"), rule));
            if self.fields[..n].iter().any(|other| other.key == field.key) {
                return wrong("key", "each field has a key of its own");
            }
            if field.personal && field.filterable {
                return wrong(
                    "filterable",
                    "a personal field is sealed and cannot be filtered by",
                );
            }
            if (field.sort == Sort::Choice) != field.choices.is_some() {
                return wrong("choices", "a choice, and nothing else, has choices");
            }
            if field.max_length.is_some() && field.sort != Sort::Text {
                return wrong("max_length", "only a text has a length");
            }
            for (part, limit) in [("min", &field.min), ("max", &field.max)] {
                let Some(limit) = limit else { continue };
                if !matches!(field.sort, Sort::Integer | Sort::Decimal | Sort::Date) {
                    return wrong(part, "only a number or a date has a least and a greatest value");
                }
                if field.unlimited().read_text(limit).is_err() {
                    return wrong(part, "the limit is not a value of the field's type");
                }
            }
        }
        Ok(())
    }
}

impl Field {
    /// The field without its limits, by which the limits themselves are read.
    fn unlimited(&self) -> Self {
        Self {
            min: None,
            max: None,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
