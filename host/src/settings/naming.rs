//! Which names a tenant's things can have: a pattern that the whole name fits, beyond what every name must be.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::value::Wrong;
use crate::fault::{Fault, Result};

/// Of a compiled pattern, in bytes: repetitions of repetitions grow beyond it. Matching takes linear time whatever the
/// pattern.
const PATTERN_BYTES: usize = 64 * 1024;

/// A rule for names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Naming {
    pattern: String,
    #[serde(default = "longest")]
    max_length: usize,
    hint: Option<String>,
}

const fn longest() -> usize {
    100
}

impl Naming {
    pub(super) fn check(&self) -> std::result::Result<(), Wrong> {
        let wrong = |error: regex::Error| {
            let rule = match error {
                regex::Error::CompiledTooBig(_) => {
                    format!("the pattern compiles to more than {PATTERN_BYTES} bytes")
                }
                _ => "a pattern is a regular expression without look-around and back-references".to_owned(),
            };
            Wrong::at("/pattern", rule)
        };
        self.compiled().map(|_| ()).map_err(wrong)
    }

    /// Refuses a name that does not fit, naming the rule.
    pub fn allows(&self, name: &str) -> Result<()> {
        let pattern = self
            .compiled()
            .map_err(|error| Fault::broken(format!("a stored pattern: {error}")))?;
        if name.chars().count() <= self.max_length && pattern.is_match(name) {
            return Ok(());
        }
        let rule = match &self.hint {
            Some(hint) => hint.clone(),
            None => format!("at most {} characters that fit {}", self.max_length, self.pattern),
        };
        let message = format!(
            "the name breaks this rule: {}",
            nexusport_sandbox::clean(&rule, 300)
        );
        Err(Fault::invalid("name_against_rule", message))
    }

    fn compiled(&self) -> std::result::Result<Regex, regex::Error> {
        // Checked by itself first: `a)|(?:b` would climb out of the brackets around it.
        RegexBuilder::new(&self.pattern)
            .size_limit(PATTERN_BYTES)
            .build()?;
        RegexBuilder::new(&format!(r"\A(?:{})\z", self.pattern))
            .size_limit(PATTERN_BYTES)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(pattern: &str) -> Naming {
        Naming {
            pattern: pattern.to_owned(),
            max_length: 20,
            hint: None,
        }
    }

    #[test]
    fn a_name_fits_as_a_whole() {
        let rule = naming("[A-Z]{3}-[0-9]+");
        assert!(rule.allows("LON-12").is_ok());
        for name in ["xLON-12", "LON-12x", "LON-12\n", "LON-123456789012345678"] {
            assert!(rule.allows(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_rule_is_named_in_the_tenants_words_where_it_has_some() {
        let rule = Naming {
            hint: Some("city code, hyphen, number".to_owned()),
            ..naming("[A-Z]{3}-[0-9]+")
        };
        assert!(
            rule.allows("x")
                .unwrap_err()
                .to_string()
                .contains("city code, hyphen, number")
        );
        assert!(
            naming("[A-Z]+")
                .allows("x")
                .unwrap_err()
                .to_string()
                .contains("[A-Z]+")
        );
    }

    #[test]
    fn patterns_that_need_backtracking_or_grow_are_refused() {
        for bomb in [
            "(?=a)b",
            r"(a)\1",
            r"(\w{100}){100}",
            "(((a{100}){100}){100}){100}",
            "a)|(?:b",
            "(",
        ] {
            assert_eq!(naming(bomb).check().unwrap_err().pointer, "/pattern", "{bomb}");
        }
    }

    #[test]
    fn a_pattern_that_others_take_exponential_time_for_is_answered_at_once() {
        assert!(naming("(a+)+b").allows(&"a".repeat(20)).is_err());
    }
}
