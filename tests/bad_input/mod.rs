//! Bad input (C10 and every edge): whatever is sent, the answer is never 500, and a refusal is a problem document with a
//! stable code. What is tried comes from the OpenAPI document, so an operation that is added is tried as well.

mod entrance;

use serde_json::{Value, json};

use crate::{
    harness::Answer,
    isolation::{Entry, NOBODY, World, entries},
};

/// Values that no field should make much of.
fn odd_values() -> Vec<Value> {
    vec![
        json!("a\u{0}b"),
        json!("a\u{202e}b"),
        json!("a\u{200b}b"),
        json!(format!("e{}", "\u{301}".repeat(500))),
        json!("x".repeat(20_000)),
        json!(""),
        json!(" "),
        json!("\u{feff}"),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(1e300),
        json!(true),
        json!([]),
        json!({}),
        Value::Null,
        json!("9999999-99-99T00:00:00Z"),
        json!("+262143-01-01T00:00:00Z"),
        json!(NOBODY),
    ]
}

#[tokio::test]
async fn no_value_of_any_field_breaks_anything() {
    let world = World::build().await;
    let document = serde_json::to_value(nexusport::api::document()).unwrap();
    let (mut asked, mut wrong) = (0, Vec::new());
    for entry in entries()
        .iter()
        .filter(|entry| (entry.body)(&world, NOBODY).is_object())
    {
        let client = world.owner(entry);
        let target = (entry.target)(&world);
        let good = (entry.body)(&world, &target);
        for field in fields(&document, entry, &good) {
            for value in odd_values() {
                let mut body = good.clone();
                set(&mut body, &field, value.clone());
                let request = client.request(entry.method(), &entry.path(&target)).json(&body);
                let answer = client.send(request).await;
                asked += 1;
                let stored_nul = value == json!("a\u{0}b") && answer.status.is_success();
                if stored_nul || !is_an_answer(&answer) {
                    let value = value.to_string().chars().take(40).collect::<String>();
                    wrong.push(format!(
                        "{} with {field} {value}: {}",
                        entry.operation,
                        told(&answer)
                    ));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(asked > 500, "only {asked} bodies were tried");
}

#[tokio::test]
async fn no_body_breaks_anything() {
    let world = World::build().await;
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "7",
        "\"x\"",
        "{\"a\":1}",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "\u{feff}{}",
        &deep,
        "{\"settings\":1e999}",
    ];
    let mut wrong = Vec::new();
    for entry in entries()
        .iter()
        .filter(|entry| (entry.body)(&world, NOBODY).is_object())
    {
        let (client, path) = (world.owner(entry), entry.path(&(entry.target)(&world)));
        for body in bodies {
            for kind in [
                "application/json",
                "text/plain",
                "application/json; charset=utf-16",
                "nonsense",
            ] {
                let request = client.request(entry.method(), &path).header("content-type", kind);
                let answer = client.send(request.body(body.to_owned())).await;
                if answer.status.is_success() || !is_an_answer(&answer) {
                    let body = body.chars().take(30).collect::<String>();
                    wrong.push(format!(
                        "{} with {kind} {body}: {}",
                        entry.operation,
                        told(&answer)
                    ));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn an_id_of_another_kind_names_nothing() {
    let world = World::build().await;
    let ids = [&world.port, &world.invoice, &world.api_key, &world.customer.id];
    let odd = [
        "7",
        "%00",
        "..%2f..",
        "\u{202e}",
        "{id}",
        "' or 1=1 --",
        &"9".repeat(5_000),
    ]
    .map(str::to_owned);
    let odd = odd.iter().map(String::as_str).chain(ids.map(String::as_str));
    let odd: Vec<_> = odd.collect();
    let mut wrong = Vec::new();
    for entry in entries().iter().filter(|entry| entry.operation.contains("{id}")) {
        let target = (entry.target)(&world);
        for id in odd.iter().filter(|id| **id != target) {
            let client = world.owner(entry);
            let body = (entry.body)(&world, &target);
            let request = client.request(entry.method(), &entry.path(id));
            let answer = client
                .send(if body.is_null() {
                    request
                } else {
                    request.json(&body)
                })
                .await;
            if answer.status.is_success() || !is_an_answer(&answer) {
                wrong.push(format!("{} with {id}: {}", entry.operation, told(&answer)));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Not broken, and a problem document with a code where it is refused.
fn is_an_answer(answer: &Answer) -> bool {
    let status = answer.status.as_u16();
    if status < 400 {
        return true;
    }
    let kind = answer
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    let body: Option<Value> = serde_json::from_slice(&answer.bytes).ok();
    let code = body.is_some_and(|body| body["code"].as_str().is_some_and(|code| !code.is_empty()));
    status < 500 && kind == Some("application/problem+json") && code
}

fn told(answer: &Answer) -> String {
    format!("{} {}", answer.status, String::from_utf8_lossy(&answer.bytes))
}

/// Every field that a body of this operation can have: those of the good body, and those of the document's schema.
fn fields(document: &Value, entry: &Entry, good: &Value) -> Vec<String> {
    let (method, path) = entry.operation.split_once(' ').unwrap();
    let operation = &document["paths"][path][method.to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let mut fields = Vec::new();
    leaves(good, "", &mut fields);
    let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
    let properties = &document["components"]["schemas"][name.unwrap_or_default()]["properties"];
    let properties = properties
        .as_object()
        .into_iter()
        .flat_map(|properties| properties.keys());
    fields.extend(properties.map(|name| format!("/{name}")));
    fields.sort();
    fields.dedup();
    fields
}

fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(n, value)| leaves(value, &format!("{at}/{n}"), found)),
        _ => found.push(at.to_owned()),
    }
}

/// Puts a value at a place of the body, which may not be there yet.
fn set(body: &mut Value, at: &str, value: Value) {
    match body.pointer_mut(at) {
        Some(place) => *place = value,
        None => body[at.trim_start_matches('/')] = value,
    }
}
