//! What the standard's answers say, in the carrier's own words.

use nexusport_sdk::carrier::*;
use nexusport_sdk::serde_json::Value;

/// The text of a member; empty where it has none.
pub fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// The members of a list; none where it is none.
pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
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
    match answer.json() {
        Ok(Value::Array(problems)) => no(problems.iter()),
        Ok(problem) => no([&problem].into_iter()),
        Err(halt) => return halt,
    }
    .unwrap_or_else(|| answer.unexpected(""))
}

/// Why an order was not carried out: what ended its item, else what the carrier says of the order.
pub fn refusal(order: &Value) -> Halt {
    let items = list(&order["productOrderItem"]);
    no(items.flat_map(|item| list(&item["terminationError"]))).unwrap_or_else(|| {
        let reason = order["cancellationReason"].as_str();
        rejected(
            text(order, "state"),
            reason.unwrap_or("the carrier gives no reason"),
        )
    })
}

/// The first code, and each reason with the property that it is about.
fn no<'p>(problems: impl Iterator<Item = &'p Value>) -> Option<Halt> {
    let problems: Vec<_> = problems.filter(|it| it["code"].is_string()).collect();
    let words = |it: &&Value| {
        let parts = ["reason", "value", "message", "propertyPath"].map(|member| text(it, member));
        parts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let all: Vec<_> = problems.iter().map(words).collect();
    Some(rejected(text(problems.first()?, "code"), all.join("; ")))
}
