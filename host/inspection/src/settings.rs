//! Settings to try a component with, from its own schema: nobody has chosen any yet.

use serde_json::{Map, Value, json};

use crate::schema;

/// What whoever gets no settings to try is told.
pub(crate) const MISSING: &str = "its settings schema has no example that it accepts itself, so how it answers was not tried: add `examples`, \
     or an example or a default to every required property";

/// Settings that the schema accepts: its first example that it does, its default, what its properties give as examples,
/// or none at all.
pub(crate) fn sample(schema: &Value) -> Option<Value> {
    let candidates = examples(schema).chain([assembled(schema), json!({})]);
    candidates
        .into_iter()
        .find(|settings| schema::accepts(schema, settings).is_ok())
}

/// What a schema shows by itself.
fn examples(schema: &Value) -> impl Iterator<Item = Value> + '_ {
    let listed = schema["examples"].as_array().into_iter().flatten();
    let choices = schema["enum"].as_array().into_iter().flatten().take(1);
    let single = ["default", "const"].into_iter().filter_map(|key| schema.get(key));
    listed.chain(single).chain(choices).cloned()
}

/// An object of what its properties show.
fn assembled(schema: &Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let shown = properties.filter_map(|(name, property)| {
        let example = examples(property).find(|example| schema::accepts(property, example).is_ok());
        Some((name.clone(), example?))
    });
    Value::Object(shown.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_to_try_come_from_the_schema() {
        assert_eq!(sample(&json!({})), Some(json!({})));
        let demanding = json!({ "required": ["price"], "properties": { "price": { "type": "string" } } });
        assert_eq!(sample(&demanding), None);
        let mut showing = demanding.clone();
        showing["examples"] = json!([{ "price": 1 }, { "price": "1" }]);
        assert_eq!(sample(&showing), Some(json!({ "price": "1" })));
        for key in ["default", "const"] {
            let mut showing = demanding.clone();
            showing["properties"]["price"][key] = json!("2");
            assert_eq!(sample(&showing), Some(json!({ "price": "2" })), "{key}");
        }
        let mut showing = demanding;
        showing["properties"]["price"]["examples"] = json!([3, "3"]);
        assert_eq!(sample(&showing), Some(json!({ "price": "3" })));
    }
}
