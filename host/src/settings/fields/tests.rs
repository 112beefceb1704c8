//! Fields and their values, well formed and hostile.

use serde_json::{Value, json};

use super::*;

fn field(more: Value) -> Field {
    let mut field = json!({ "key": "f", "label": "F" });
    for (key, value) in more.as_object().unwrap() {
        field[key] = value.clone();
    }
    Field::deserialize(field).unwrap()
}

#[test]
fn equal_values_have_one_normal_form() {
    let decimal = field(json!({ "type": "decimal" }));
    for same in ["1.50", "1.5", "01.500"] {
        assert_eq!(decimal.read(&json!(same)).unwrap(), "1.5");
    }
    assert_eq!(
        decimal.read(&json!("-0.0")).unwrap(),
        decimal.read(&json!("0")).unwrap()
    );
    let text = field(json!({ "type": "text" }));
    // The same letter, composed and not (Unicode UAX 15).
    assert_eq!(
        text.read(&json!("M\u{fc}nchen")),
        text.read(&json!("Mu\u{308}nchen"))
    );
}

#[test]
fn a_value_is_shown_as_it_was_sent() {
    for (sort, value) in [
        (json!({ "type": "text" }), json!("Rack 7")),
        (json!({ "type": "integer" }), json!(-42)),
        (json!({ "type": "decimal" }), json!("12.5")),
        (json!({ "type": "date" }), json!("2026-02-28")),
        (json!({ "type": "boolean" }), json!(true)),
        (json!({ "type": "choice", "choices": ["a", "b"] }), json!("b")),
    ] {
        let field = field(sort);
        let stored = field.read(&value).unwrap();
        assert_eq!(field.show(&stored), Some(value));
        assert_eq!(field.read_text(&stored), Ok(stored));
    }
}

#[test]
fn what_is_no_value_is_refused_with_the_rule() {
    let huge = "9".repeat(1000);
    for (sort, values) in [
        (
            "text",
            vec![
                json!(""),
                json!(" a"),
                json!("a\u{202e}b"),
                json!("a\nb"),
                json!(5),
                json!("x".repeat(501)),
            ],
        ),
        (
            "integer",
            vec![
                json!(1.5),
                json!("5"),
                json!(1e300),
                json!(9_007_199_254_740_992_i64),
                json!(null),
            ],
        ),
        (
            "decimal",
            vec![
                json!(1.5),
                json!("1e5"),
                json!(huge),
                json!("1,5"),
                json!(""),
                json!("--1"),
            ],
        ),
        (
            "date",
            vec![
                json!("2026-02-29"),
                json!("26-02-01"),
                json!("2026-2-1"),
                json!(20260201),
                json!("+2026-02-1"),
            ],
        ),
        ("boolean", vec![json!("true"), json!(1)]),
    ] {
        let field = field(json!({ "type": sort }));
        for value in values {
            let rule = field.read(&value).expect_err(&format!("{sort} took {value}"));
            assert!(rule.starts_with("it is") && rule.len() < 100, "{rule}");
        }
    }
    let choice = field(json!({ "type": "choice", "choices": ["a", "b"] }));
    assert!(choice.read(&json!("c")).is_err());
}

#[test]
fn limits_hold_at_both_ends_and_are_named() {
    let integer = field(json!({ "type": "integer", "min": "1", "max": "4094" }));
    assert!(integer.read(&json!(1)).is_ok() && integer.read(&json!(4094)).is_ok());
    assert_eq!(integer.read(&json!(0)), Err("it is at least 1".to_owned()));
    assert_eq!(integer.read(&json!(4095)), Err("it is at most 4094".to_owned()));
    let date = field(json!({ "type": "date", "min": "2026-01-01" }));
    assert!(date.read(&json!("2025-12-31")).is_err() && date.read(&json!("2026-01-01")).is_ok());
    let text = field(json!({ "type": "text", "max_length": 3 }));
    assert!(text.read(&json!("äöü")).is_ok() && text.read(&json!("äöüä")).is_err());
}

#[test]
fn a_value_of_another_type_is_not_shown_as_the_fields() {
    let integer = field(json!({ "type": "integer", "max": "5" }));
    assert_eq!(integer.show("Rack 7"), None);
    // Out of a limit that came later: still the field's.
    assert_eq!(integer.show("7"), Some(json!(7)));
}

#[test]
fn fields_that_contradict_themselves_are_named() {
    let pointer = |fields: Value| {
        let fields = Fields::deserialize(json!({ "fields": fields })).unwrap();
        fields.check().unwrap_err().pointer
    };
    let text = |key| json!({ "key": key, "label": "F", "type": "text" });
    assert_eq!(pointer(json!([text("a"), text("b"), text("a")])), "/fields/2/key");
    for (more, place) in [
        (
            json!({ "type": "text", "personal": true, "filterable": true }),
            "filterable",
        ),
        (json!({ "type": "choice" }), "choices"),
        (json!({ "type": "text", "choices": ["a"] }), "choices"),
        (json!({ "type": "integer", "max_length": 4 }), "max_length"),
        (json!({ "type": "text", "min": "1" }), "min"),
        (json!({ "type": "date", "max": "tomorrow" }), "max"),
    ] {
        let field = serde_json::to_value(json!({ "key": "f", "label": "F" })).unwrap();
        let mut field = field.as_object().unwrap().clone();
        field.extend(more.as_object().unwrap().clone());
        assert_eq!(pointer(json!([field])), format!("/fields/0/{place}"));
    }
}
