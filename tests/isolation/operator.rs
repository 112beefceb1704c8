//! The operators' operations in the matrix: no credential of a tenant's, whatever it may do there, leads to them, and at a
//! reseller's address nobody's does (C14, C17).

use reqwest::Method;
use serde_json::{Value, json};

use super::{entries::entries, same, world::World};
use crate::harness::{Answer, Client};

/// One of the operators' operations, with a body that would be carried out.
struct Operation {
    operation: &'static str,
    target: fn(&World) -> String,
    body: fn(&World) -> Value,
}

const OPERATIONS: &[Operation] = &[
    Operation {
        operation: "GET /v1/operator/tenants",
        target: |_| String::new(),
        body: |_| Value::Null,
    },
    Operation {
        operation: "GET /v1/operator/tenants/{id}",
        target: |w| w.customer.id.clone(),
        body: |_| Value::Null,
    },
    Operation {
        operation: "GET /v1/operator/plans",
        target: |_| String::new(),
        body: |_| Value::Null,
    },
    Operation {
        operation: "PUT /v1/operator/plans/{name}",
        target: |_| String::new(),
        body: |_| json!({ "limits": {} }),
    },
    Operation {
        operation: "PUT /v1/operator/tenants/{id}/plan",
        target: |w| w.shop.reseller.id.clone(),
        body: |_| json!({ "plan": "standard" }),
    },
    Operation {
        operation: "GET /v1/operator/tenants/{id}/limits",
        target: |w| w.customer.id.clone(),
        body: |_| Value::Null,
    },
    Operation {
        operation: "PUT /v1/operator/tenants/{id}/limits/{limit}",
        target: |w| w.customer.id.clone(),
        body: |_| json!({ "value": 50_000 }),
    },
    Operation {
        operation: "DELETE /v1/operator/tenants/{id}/limits/{limit}",
        target: |w| w.customer.id.clone(),
        body: |_| Value::Null,
    },
    Operation {
        operation: "PUT /v1/operator/tenants/{id}/suspension",
        target: |w| w.sibling.id.clone(),
        body: |_| json!({ "reason": "to see who is let in" }),
    },
    Operation {
        operation: "DELETE /v1/operator/tenants/{id}/suspension",
        target: |w| w.sibling.id.clone(),
        body: |_| Value::Null,
    },
    Operation {
        operation: "GET /v1/operator/visits",
        target: |_| String::new(),
        body: |_| Value::Null,
    },
    Operation {
        operation: "POST /v1/operator/visits",
        target: |_| String::new(),
        body: |w| json!({ "tenant_id": w.customer.id, "reason": "to see who is let in", "minutes": 1 }),
    },
    Operation {
        operation: "DELETE /v1/operator/visits/{id}",
        target: |w| w.visit.clone(),
        body: |_| Value::Null,
    },
];

/// What is served to operators.
pub fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.operation)
}

impl Operation {
    async fn ask(&self, caller: &Client, world: &World) -> Answer {
        let (method, path) = self.operation.split_once(' ').unwrap();
        let path = path
            .replace("{id}", &(self.target)(world))
            .replace("{name}", "gold")
            .replace("{limit}", "requests_per_minute");
        let request = caller.request(method.parse().unwrap(), &path);
        match (self.body)(world) {
            Value::Null => caller.send(request).await,
            body => caller.send(request.json(&body)).await,
        }
    }
}

#[tokio::test]
async fn no_credential_of_a_tenant_leads_to_the_operators_operations() {
    let world = World::build().await;
    let visit = json!({ "tenant_id": world.shop.reseller.id, "reason": "to be told apart", "minutes": 60,
        "may_write": true });
    let visit = world
        .operator
        .post("/v1/operator/visits", visit)
        .await
        .expect(201);
    let here = world.host.client.anonymous();
    let wrong = [
        ("a reseller's key with every permission", &world.shop.reseller.key),
        ("its owner's session", &world.shop.reseller.session),
        ("a customer's key", &world.customer.key),
        ("its owner's session", &world.customer.session),
        ("a visit", &visit["token"].as_str().unwrap().to_owned()),
        ("a made-up key", &format!("opk_{}", "A".repeat(43))),
    ];
    let dead = world.dead.iter().flatten().map(|dead| (dead.who, &dead.token));
    let wrong: Vec<_> = wrong.into_iter().chain(dead).collect();
    for operation in OPERATIONS {
        let nobody = operation.ask(&here.with_token("nothing"), &world).await;
        nobody.problem(401, "credential_invalid");
        for (who, token) in &wrong {
            let answer = operation.ask(&here.with_token(token), &world).await;
            assert!(
                same(&answer, &nobody),
                "{}: {who}: {answer:?}",
                operation.operation
            );
        }
        operation
            .ask(&here, &world)
            .await
            .problem(401, "credential_missing");
    }
}

#[tokio::test]
async fn at_a_resellers_address_nobody_finds_the_operators_operations() {
    let world = World::build().await;
    let here = world.host.client.anonymous().at("northlight.localhost");
    let operator = world.operator.at("northlight.localhost");
    let reseller = world.shop.reseller.client.at("northlight.localhost");
    for caller in [&here, &operator, &reseller] {
        let unknown = caller.get("/v1/nothing-is-here").await;
        unknown.problem(404, "no_such_path");
        for operation in OPERATIONS {
            let answer = operation.ask(caller, &world).await;
            assert!(same(&answer, &unknown), "{}: {answer:?}", operation.operation);
        }
    }
}

#[tokio::test]
async fn the_operators_own_lists_refuse_a_tenants_cursor() {
    let world = World::build().await;
    let theirs = world
        .other
        .reseller
        .client
        .get("/v1/ports?limit=1")
        .await
        .expect(200);
    let cursor = theirs["next"].as_str().unwrap();
    world
        .operator
        .get(&format!("/v1/operator/tenants?cursor={cursor}"))
        .await
        .problem(400, "cursor_invalid");
}

#[tokio::test]
async fn a_reading_visit_is_answered_what_it_asks_to_see_and_nothing_else_of_any_operation() {
    let world = World::build().await;
    for (tenant, customers) in [(&world.customer.id, true), (&world.shop.reseller.id, false)] {
        let visit = json!({ "tenant_id": tenant, "reason": "to be told apart", "minutes": 60 });
        let visit = world
            .operator
            .post("/v1/operator/visits", visit)
            .await
            .expect(201);
        let inside = world.host.client.with_token(visit["token"].as_str().unwrap());
        for entry in entries() {
            if entry.for_customers() != customers {
                continue;
            }
            let answer = super::ask(&inside, &entry, &world, &(entry.target)(&world)).await;
            if !entry.permission.is_read() {
                assert_eq!(answer.status, 403, "{}", entry.operation);
                assert_eq!(answer.json()["code"], "permission_missing");
            } else if entry.method() == Method::GET {
                assert_eq!(answer.status, 200, "{}", entry.operation);
            }
        }
    }
}
