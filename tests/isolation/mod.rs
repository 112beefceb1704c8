//! The isolation matrix (C13): every operation of the OpenAPI document against every kind of wrong caller. An operation
//! without an entry fails; a stranger's thing must answer exactly like one that nobody has.

mod entries;
mod fence;
mod world;

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::harness::{Answer, Client};
use entries::{EXEMPT, Entry, entries};
use world::{NOBODY, World};

/// Headers that may differ between two answers to the same question.
const VARYING: &[&str] = &["date"];

#[tokio::test]
async fn every_operation_has_an_entry_and_every_exception_an_operation() {
    let document = serde_json::to_value(nexusport::api::document()).unwrap();
    let mut served = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        served.extend(
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    let entered: BTreeSet<_> = entries().iter().map(|entry| entry.operation.to_owned()).collect();
    let exempt: BTreeSet<_> = EXEMPT
        .iter()
        .map(|(operation, _)| (*operation).to_owned())
        .collect();
    assert_eq!(
        served,
        entered.union(&exempt).cloned().collect(),
        "left: served, right: in the matrix"
    );
    assert!(entered.is_disjoint(&exempt));
    assert!(EXEMPT.len() <= 10, "exceptions may only become fewer");
}

#[tokio::test]
async fn no_operation_answers_a_wrong_caller() {
    let world = World::build().await;
    let mut wrong = Vec::new();
    for entry in entries() {
        for complaint in complaints(&world, &entry).await {
            wrong.push(format!("{}: {complaint}", entry.operation));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Everything that a wrong caller gets and should not.
async fn complaints(world: &World, entry: &Entry) -> Vec<String> {
    let mut wrong = Vec::new();
    let id = (entry.target)(world);
    let owner = world.owner(entry);
    let lacking = world.lacking(entry).await;
    for (who, caller, status, code) in [
        ("anonymous", owner.anonymous(), 401, "credential_missing"),
        (
            "a removed member",
            owner.with_token(&world.removed_session),
            401,
            "credential_invalid",
        ),
        (
            "a made-up token",
            owner.with_token("key_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            401,
            "credential_invalid",
        ),
        (
            "a caller without the permission",
            lacking,
            403,
            "permission_missing",
        ),
        (
            "a stranger's key at our address",
            world.other.reseller.client.at("northlight.localhost"),
            421,
            "misdirected",
        ),
    ] {
        let answer = ask(&caller, entry, world, &id).await;
        if answer.status.as_u16() != status || answer.json()["code"] != code {
            wrong.push(format!(
                "{who} was answered {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.bytes)
            ));
        }
    }
    wrong.extend(strangers(world, entry, &id).await);
    wrong.extend(cursors(world, entry, &id).await);
    if entry.operation.starts_with("GET") {
        let answer = ask(&owner, entry, world, &id).await;
        if answer.status != 200 {
            wrong.push(format!("its own caller was answered {}", answer.status));
        }
    }
    wrong
}

/// The other reseller, the sibling customer, and the customer that reaches up.
async fn strangers(world: &World, entry: &Entry, id: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut strangers = vec![("the other reseller", &world.other.reseller.client)];
    if entry.for_customers() {
        strangers.push(("the sibling customer", &world.sibling.client));
    } else {
        for (who, customer) in [
            ("the customer below", &world.customer),
            ("the sibling customer", &world.sibling),
        ] {
            let answer = ask(&customer.client, entry, world, id).await;
            if answer.status != 403 {
                wrong.push(format!("{who} was answered {}", answer.status));
            }
        }
    }
    for (who, stranger) in strangers {
        let answer = ask(stranger, entry, world, id).await;
        if entry.names_something() {
            let nobody = ask(stranger, entry, world, NOBODY).await;
            if answer.status.is_success() || !same(&answer, &nobody) {
                let (a, b) = (
                    String::from_utf8_lossy(&answer.bytes),
                    String::from_utf8_lossy(&nobody.bytes),
                );
                wrong.push(format!(
                    "{who} was answered {} {a} where nobody's is {} {b}",
                    answer.status, nobody.status
                ));
            }
        } else if let Some(seen) = world
            .secrets
            .iter()
            .find(|id| String::from_utf8_lossy(&answer.bytes).contains(*id))
        {
            wrong.push(format!("{who} saw {seen}"));
        }
    }
    wrong
}

/// Lists refuse cursors that they did not give to this tenant.
async fn cursors(world: &World, entry: &Entry, id: &str) -> Vec<String> {
    if !entry.is_list() {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    let path = entry.path(id);
    let theirs = world.other.reseller.client.get(&format!("{path}?limit=1")).await;
    let theirs = theirs.json()["next"].as_str().map(str::to_owned);
    for cursor in [Some("forged".to_owned()), theirs].into_iter().flatten() {
        let answer = world.owner(entry).get(&format!("{path}?cursor={cursor}")).await;
        if answer.status != 400 || answer.json()["code"] != "cursor_invalid" {
            wrong.push(format!("the cursor {cursor} was answered {}", answer.status));
        }
    }
    wrong
}

async fn ask(caller: &Client, entry: &Entry, world: &World, id: &str) -> Answer {
    let path = entry.path(id);
    let request = caller.request(entry.method(), &path);
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
