//! Strangers try everything. Each operation of the OpenAPI document is asked with a stranger's key for every id that
//! the other side made, and must answer byte for byte as it does for an id that nobody has. Then every request that
//! named something of the other side is repeated by the stranger, and every table is looked at without a filter.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use super::caller::{Asked, Caller, remember_ids};

/// What strangers found.
#[derive(Debug, Default, Clone)]
pub struct Isolation {
    /// How often somebody tried.
    pub probes: usize,
    /// What came through; nothing, if isolation holds.
    pub leaks: Vec<String>,
    /// How many of the same questions the owner got an answer to: shows that the probes ask for real things.
    pub reachable: usize,
}

/// An operation of the API that needs a key.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path with `{names}`.
    pub path: String,
}

/// What one side made, and whose eyes it is not for.
pub struct Side<'a> {
    /// Asks as the side itself.
    pub owner: &'a Caller,
    /// Every id it made.
    pub ids: &'a BTreeSet<Uuid>,
    /// Every request with a body that it made.
    pub asked: &'a [Asked],
}

impl Isolation {
    /// Adds what another round found.
    pub fn add(&mut self, other: Self) {
        self.probes += other.probes;
        self.reachable += other.reachable;
        self.leaks.extend(other.leaks);
    }
}

/// Every operation of the document that needs a key.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let open = operation["security"]
                .as_array()
                .is_some_and(|s| s.iter().any(|s| s.as_object().is_some_and(|s| s.is_empty())));
            if let (false, Ok(method)) = (open, method.to_uppercase().parse()) {
                operations.push(Operation {
                    method,
                    path: path.clone(),
                });
            }
        }
    }
    operations
}

/// Every id that somebody's own lists show.
pub async fn known_to(operations: &[Operation], somebody: &Caller) -> anyhow::Result<BTreeSet<Uuid>> {
    let mut known = somebody.memory().ids.clone();
    for operation in operations
        .iter()
        .filter(|o| o.method == Method::GET && !o.path.contains('{'))
    {
        let answer = somebody.raw(Method::GET, &operation.path, &Value::Null).await?;
        if let Ok(value) = serde_json::from_slice(&answer.body) {
            remember_ids(&value, &mut known);
        }
    }
    Ok(known)
}

/// Tries a stranger on everything that a side made.
pub async fn probe(
    operations: &[Operation],
    side: &Side<'_>,
    stranger: &Caller,
) -> anyhow::Result<Isolation> {
    let mut found = Isolation::default();
    for operation in operations {
        // Ending one's own session or moving it concerns nobody else.
        if operation.path.contains("/sessions/current") {
            continue;
        }
        if operation.path.contains('{') {
            by_id(operation, side, stranger, &mut found).await?;
        } else if operation.method == Method::GET {
            list(operation, side, stranger, &mut found).await?;
        }
    }
    for asked in side.asked {
        repeated(asked, side, stranger, &mut found).await?;
    }
    Ok(found)
}

async fn by_id(
    operation: &Operation,
    side: &Side<'_>,
    stranger: &Caller,
    found: &mut Isolation,
) -> anyhow::Result<()> {
    let body = example(operation, side.asked);
    let nobody = stranger
        .raw(
            operation.method.clone(),
            &fill(&operation.path, "00000000-0000-7000-8000-000000000000"),
            &body,
        )
        .await?;
    for id in side.ids {
        let path = fill(&operation.path, &id.to_string());
        let answer = stranger.raw(operation.method.clone(), &path, &body).await?;
        found.probes += 1;
        if (200..300).contains(&answer.status) || answer != nobody {
            found.leaks.push(format!(
                "{} {path} answered {} to a stranger",
                operation.method, answer.status
            ));
        }
        if operation.method == Method::GET {
            found.reachable +=
                usize::from(side.owner.raw(Method::GET, &path, &Value::Null).await?.status == 200);
        }
    }
    Ok(())
}

async fn list(
    operation: &Operation,
    side: &Side<'_>,
    stranger: &Caller,
    found: &mut Isolation,
) -> anyhow::Result<()> {
    let answer = stranger.raw(Method::GET, &operation.path, &Value::Null).await?;
    found.probes += 1;
    let text = String::from_utf8_lossy(&answer.body);
    if let Some(id) = side.ids.iter().find(|id| text.contains(&id.to_string())) {
        found
            .leaks
            .push(format!("GET {} showed {id} to a stranger", operation.path));
    }
    Ok(())
}

/// A request that named something of the side's, made by the stranger.
async fn repeated(
    asked: &Asked,
    side: &Side<'_>,
    stranger: &Caller,
    found: &mut Isolation,
) -> anyhow::Result<()> {
    let text = format!("{} {}", asked.path, asked.body);
    if !side.ids.iter().any(|id| text.contains(&id.to_string())) {
        return Ok(());
    }
    let answer = stranger
        .raw(asked.method.clone(), &asked.path, &asked.body)
        .await?;
    found.probes += 1;
    if (200..300).contains(&answer.status) {
        found.leaks.push(format!(
            "{} {} was carried out for a stranger",
            asked.method, asked.path
        ));
    }
    Ok(())
}

/// A body that the operation took before, so that a stranger is refused for being one and not for a bad body.
fn example(operation: &Operation, asked: &[Asked]) -> Value {
    let like = |asked: &&Asked| asked.method == operation.method && same_shape(&operation.path, &asked.path);
    asked
        .iter()
        .find(like)
        .map_or(Value::Null, |asked| asked.body.clone())
}

fn same_shape(template: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(t, p)| t.starts_with('{') || t == p)
}

/// Ids go where ids belong; handles and names get a word that exists.
fn fill(template: &str, id: &str) -> String {
    let part = |part: &str| match part {
        "{handle}" => "api".to_owned(),
        "{name}" => "stranger".to_owned(),
        part if part.starts_with('{') => id.to_owned(),
        part => part.to_owned(),
    };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_the_entrance_are_left_out() {
        let document = serde_json::json!({ "paths": {
            "/v1/signup": { "post": { "security": [{}] } },
            "/v1/ports/{id}": { "get": {} },
        }});
        let operations = operations(&document);
        assert_eq!(operations.len(), 1);
        assert_eq!(fill(&operations[0].path, "x"), "/v1/ports/x");
    }

    #[test]
    fn a_body_is_taken_from_a_request_of_the_same_shape() {
        assert!(same_shape(
            "/v1/carriers/{id}/destinations/{handle}",
            "/v1/carriers/7/destinations/api?x=1"
        ));
        assert!(!same_shape("/v1/carriers/{id}", "/v1/ports/7"));
    }
}
