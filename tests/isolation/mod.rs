//! The isolation matrix (C13): every operation of the OpenAPI document against every kind of wrong caller. An operation
//! without an entry fails; a stranger's thing must answer exactly like one that nobody has.

mod activations;
mod canaries;
mod dead;
mod entrance;
mod entries;
mod fence;
mod fronts;
mod leaving;
mod made;
mod operator;
mod outside;
mod seeing;
mod settings;
mod strangers;
mod tenants;
mod world;

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::{
    harness::{Answer, Client},
    tidy,
};
pub use entries::{Entry, entries};
use outside::{ENTRANCE, EVERYBODY, ONESELF};
use strangers::{Guess, cursors, strangers};
pub use world::{NOBODY, World};

/// Headers that may differ between two answers to the same question.
const VARYING: &[&str] = &[
    "date",
    // How many of its own requests the asking tenant has left: one fewer each time, whatever was asked.
    "ratelimit",
];

#[tokio::test]
async fn every_operation_has_an_entry_and_every_exception_an_operation() {
    let served: BTreeSet<_> = operations().into_iter().map(|(operation, _)| operation).collect();
    let entered: BTreeSet<_> = entries().iter().map(|entry| entry.operation.to_owned()).collect();
    let outside = ENTRANCE.iter().chain(EVERYBODY).map(|(operation, _)| *operation);
    let outside: BTreeSet<_> = outside
        .chain(ONESELF.iter().copied())
        .chain(operator::operations())
        .map(str::to_owned)
        .collect();
    assert_eq!(
        served,
        entered.union(&outside).cloned().collect(),
        "left: served, right: in the matrix"
    );
    assert!(entered.is_disjoint(&outside));
    for (operation, test) in ENTRANCE {
        assert!(
            tidy::is_a_test(test),
            "{operation} names {test}, which is no test"
        );
    }
}

#[tokio::test]
async fn no_operation_answers_a_wrong_caller() {
    let world = World::build().await;
    let lists = lists();
    let mut wrong = Vec::new();
    for entry in entries() {
        let mut complaints = complaints(&world, &entry).await;
        if lists.contains(entry.operation) {
            complaints.extend(cursors(&world, &entry).await);
        }
        wrong.extend(
            complaints
                .into_iter()
                .map(|complaint| format!("{}: {complaint}", entry.operation)),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn dead_credentials_tell_nothing_of_whom_they_stood_for() {
    let world = World::build().await;
    for operation in ONESELF {
        let (method, path) = operation.split_once(' ').unwrap();
        for dead in world.dead.iter().flatten() {
            let client = world.host.client.with_token(&dead.token);
            let request = client.request(method.parse().unwrap(), path);
            let answer = client
                .send(request.json(&serde_json::json!({ "tenant_id": NOBODY })))
                .await;
            answer.problem(401, dead.code);
        }
    }
}

/// Every operation with its parameters' names.
fn operations() -> Vec<(String, Vec<String>)> {
    let document = serde_json::to_value(nexusport::api::document()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let names = parameters.map(|parameter| parameter["name"].as_str().unwrap().to_owned());
            operations.push((format!("{} {path}", method.to_uppercase()), names.collect()));
        }
    }
    operations
}

/// The operations that give pages.
fn lists() -> BTreeSet<String> {
    let lists = operations()
        .into_iter()
        .filter(|(_, parameters)| parameters.iter().any(|name| name == "cursor"));
    lists.map(|(operation, _)| operation).collect()
}

/// Everything that a wrong caller gets and should not.
async fn complaints(world: &World, entry: &Entry) -> Vec<String> {
    let mut wrong = Vec::new();
    let id = (entry.target)(world);
    let owner = world.owner(entry);
    let mut callers = vec![
        ("anonymous", owner.anonymous(), 401, "credential_missing"),
        ("an operator", world.operator.clone(), 401, "credential_invalid"),
        (
            "a caller without the permission",
            world.lacking(entry).await,
            403,
            "permission_missing",
        ),
        (
            "a stranger's key at our address",
            world.other.reseller.client.at("northlight.localhost"),
            421,
            "misdirected",
        ),
    ];
    for dead in world.dead(entry) {
        callers.push((dead.who, owner.with_token(&dead.token), 401, dead.code));
    }
    for (who, caller, status, code) in callers {
        let answer = ask(&caller, entry, world, &id).await;
        if answer.status.as_u16() != status || answer.json()["code"] != code {
            wrong.push(format!("{who} was answered {}", told(&answer)));
        }
    }
    wrong.extend(strangers(world, entry, &id).await);
    if entry.operation.starts_with("GET") {
        let answer = ask(&owner, entry, world, &id).await;
        if answer.status != 200 {
            wrong.push(format!("its own caller was answered {}", answer.status));
        }
    }
    wrong
}

fn told(answer: &Answer) -> String {
    format!("{} {}", answer.status, String::from_utf8_lossy(&answer.bytes))
}

async fn ask(caller: &Client, entry: &Entry, world: &World, id: &str) -> Answer {
    guessing(caller, entry, world, id, Guess::Nothing).await
}

async fn guessing(caller: &Client, entry: &Entry, world: &World, id: &str, guess: Guess) -> Answer {
    let (name, value) = guess.header();
    let request = caller
        .request(entry.method(), &entry.path(id))
        .header(name, value);
    let body = (entry.body)(world, id);
    match body {
        Value::Null => caller.send(request).await,
        Value::String(bytes) => {
            caller
                .send(request.header("content-type", "application/wasm").body(bytes))
                .await
        }
        body => caller.send(request.json(&body)).await,
    }
}

fn same(a: &Answer, b: &Answer) -> bool {
    let kept = |headers: &HeaderMap| -> Vec<(String, Vec<u8>)> {
        let mut kept: Vec<_> = headers
            .iter()
            .filter(|(name, _)| !VARYING.contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        kept.sort();
        kept
    };
    a.status == b.status && a.bytes == b.bytes && kept(&a.headers) == kept(&b.headers)
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_caller() {
    let world = World::build().await;
    let ask = |client: &Client| {
        let request = client
            .request(reqwest::Method::POST, "/v1/roles")
            .header("idempotency-key", "one");
        let (client, body) = (
            client.clone(),
            serde_json::json!({ "name": "reader", "permissions": ["ports.read"] }),
        );
        async move { client.send(request.json(&body)).await }
    };
    let ours = ask(&world.shop.reseller.client).await.expect(201);
    for stranger in [
        &world.other.reseller.client,
        &world.customer.client,
        &world.sibling.client,
    ] {
        let theirs = ask(stranger).await;
        assert!(!theirs.headers.contains_key("idempotency-replayed"));
        assert_ne!(theirs.expect(201)["id"], ours["id"]);
    }
    assert!(
        ask(&world.shop.reseller.client)
            .await
            .headers
            .contains_key("idempotency-replayed")
    );
}
