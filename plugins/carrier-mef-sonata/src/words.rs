//! What the standard's answers say, in the carrier's own words.

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::{Map, Value};

/// The text of a member; empty where it has none.
pub fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// A target that ends with what the carrier calls something.
pub fn at(target: &str, id: &str) -> String {
    [target, &encode(id)].concat()
}

/// An object of the members that are there.
pub fn object(members: Vec<(&str, Value)>) -> Value {
    let mut object = Map::new();
    for (name, value) in members.into_iter().filter(|(_, value)| !value.is_null()) {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// The members of a list; none where it is none.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What the carrier calls it; stuck where it has no name.
pub fn id(value: &Value) -> Run<String> {
    match text(value, "id") {
        "" => Err(stuck(
            FaultKind::UnexpectedAnswer,
            "the carrier's answer has no id",
        )),
        id => Ok(id.to_owned()),
    }
}

/// A state that is not in the standard says nothing.
pub fn unknown(state: &str) -> Halt {
    let problem = format!("the standard has no state `{state}` here");
    stuck(FaultKind::UnexpectedAnswer, problem)
}

/// The carrier's no in an answer: 400 and 404 have one reason, 422 has a list of them.
pub fn refused(answer: &Response) -> Halt {
    let no = match answer.json() {
        Ok(Value::Array(problems)) => no(&problems),
        Ok(problem) => no(&[problem]),
        Err(halt) => return halt,
    };
    no.unwrap_or_else(|| answer.unexpected(""))
}

/// Why an order was not carried out: what ended its item, else what the carrier says of the order.
pub fn refusal(order: &Value) -> Halt {
    let reason = order["cancellationReason"].as_str();
    let reason = reason.unwrap_or("the carrier gives no reason");
    no(list(&order["productOrderItem"][0]["terminationError"]))
        .unwrap_or_else(|| rejected(text(order, "state"), reason))
}

/// The first code, and each reason with the property that it is about.
fn no(problems: &[Value]) -> Option<Halt> {
    let code = problems.first()?["code"].as_str()?;
    let mut words = String::new();
    for problem in problems {
        words.push_str(if words.is_empty() { "" } else { ";" });
        for part in ["reason", "value", "message", "propertyPath"].map(|it| text(problem, it)) {
            words.push_str(if words.is_empty() || part.is_empty() {
                ""
            } else {
                " "
            });
            words.push_str(part);
        }
    }
    Some(rejected(code, words))
}
