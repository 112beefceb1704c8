//! Settings and the JSON Schema that a component demands of them. A schema is a stranger's, so what could make
//! checking against it endless is refused: references (they can recurse and multiply), backtracking patterns, size.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

const SCHEMA_BYTES: usize = 32 * 1024;
const SETTINGS_BYTES: usize = 32 * 1024;
/// Of one compiled pattern.
const PATTERN_BYTES: usize = 64 * 1024;
const PATTERNS: usize = 64;
const WORDS: usize = 300;
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// The schema in these bytes; an error says what is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Value, String> {
    if bytes.len() > SCHEMA_BYTES {
        return Err(format!(
            "the settings schema has {} bytes, the limit is {SCHEMA_BYTES}",
            bytes.len()
        ));
    }
    let schema: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("the settings schema is not JSON: {error}"))?;
    let found = survey(&schema);
    if let Some(reference) = found.reference {
        return Err(format!(
            "the settings schema uses {reference}, which no settings schema can"
        ));
    }
    if found.patterns > PATTERNS {
        return Err(format!(
            "the settings schema has {} patterns, the limit is {PATTERNS}",
            found.patterns
        ));
    }
    validator(&schema)?;
    Ok(schema)
}

/// Whether the settings are what the schema demands; an error says where they are not.
pub fn accepts(schema: &Value, settings: &Value) -> Result<(), String> {
    let bytes = settings.to_string().len();
    if bytes > SETTINGS_BYTES {
        return Err(format!(
            "the settings have {bytes} bytes, the limit is {SETTINGS_BYTES}"
        ));
    }
    validator(schema)?.validate(settings).map_err(|error| {
        let at = error.instance_path().to_string();
        let at = if at.is_empty() {
            "the settings".to_owned()
        } else {
            format!("settings at {at}")
        };
        nexusport_sandbox::clean(&format!("{at}: {error}"), WORDS)
    })
}

/// Nothing is ever fetched: the crate is built without the means, and references are refused before.
fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(
            PatternOptions::regex()
                .size_limit(PATTERN_BYTES)
                .dfa_size_limit(PATTERN_BYTES),
        )
        .build(schema)
        .map_err(|error| {
            let words = format!("the settings schema is not a JSON Schema (draft 2020-12): {error}");
            nexusport_sandbox::clean(&words, WORDS)
        })
}

#[derive(Default)]
struct Found {
    reference: Option<&'static str>,
    patterns: usize,
}

/// Looks at every key there is, also where it is only a property's name: simpler than knowing every keyword's shape.
fn survey(schema: &Value) -> Found {
    let mut found = Found::default();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    found.reference = found
                        .reference
                        .or(REFERENCES.into_iter().find(|name| name == key));
                    match (key.as_str(), member) {
                        ("pattern", _) => found.patterns += 1,
                        ("patternProperties", Value::Object(patterns)) => found.patterns += patterns.len(),
                        _ => {}
                    }
                    open.push(member);
                }
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(schema: &Value) -> Result<Value, String> {
        read(schema.to_string().as_bytes())
    }

    #[test]
    fn settings_are_held_against_the_schema() {
        let schema = schema(&json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["price"],
            "properties": { "price": { "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,9})?$" } }
        }))
        .unwrap();
        assert_eq!(accepts(&schema, &json!({ "price": "1.50" })), Ok(()));
        assert!(
            accepts(&schema, &json!({ "price": "cheap" }))
                .unwrap_err()
                .contains("/price")
        );
        assert!(accepts(&schema, &json!({})).unwrap_err().contains("price"));
        assert!(accepts(&schema, &json!({ "price": "1", "more": 1 })).is_err());
    }

    #[test]
    fn a_schema_is_json_and_a_schema() {
        assert!(read(b"{").unwrap_err().contains("not JSON"));
        assert!(
            schema(&json!({ "type": "thing" }))
                .unwrap_err()
                .contains("not a JSON Schema")
        );
        assert!(schema(&json!({ "pattern": "(" })).is_err());
    }

    #[test]
    fn references_are_refused_wherever_they_stand() {
        let found = schema(&json!({ "properties": { "a": { "anyOf": [{ "$ref": "#" }] } } }));
        assert!(found.unwrap_err().contains("$ref"));
    }

    #[test]
    fn patterns_cannot_backtrack_or_grow() {
        // Look-around needs a backtracking engine.
        assert!(schema(&json!({ "pattern": "(?=a)b" })).is_err());
        assert!(schema(&json!({ "pattern": "(\\w{100}){100}" })).is_err());
        let many: Vec<_> = (0..=PATTERNS).map(|_| json!({ "pattern": "a" })).collect();
        assert!(
            schema(&json!({ "anyOf": many }))
                .unwrap_err()
                .contains("65 patterns")
        );
    }

    #[test]
    fn size_is_limited_on_both_sides() {
        assert!(
            schema(&json!({ "title": "x".repeat(SCHEMA_BYTES) }))
                .unwrap_err()
                .contains("limit")
        );
        let any = schema(&json!(true)).unwrap();
        assert!(
            accepts(&any, &json!("x".repeat(SETTINGS_BYTES)))
                .unwrap_err()
                .contains("limit")
        );
    }
}
