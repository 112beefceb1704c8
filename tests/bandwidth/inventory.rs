//! What a carrier has already, and taking it in.

use nexusport_simulator::{Fault, Kind};
use serde_json::{Value, json};

use crate::harness::{Client, Stage, text};

fn path(stage: &Stage) -> String {
    format!("/v1/carriers/{}/inventory", stage.carrier_id)
}

/// Every page of the carrier's inventory.
async fn listed(client: &Client, path: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), format!("{path}/ports?limit=30"));
    loop {
        let page = client.get(&next).await.expect(200);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str().or(page["next"].as_str()) {
            Some(cursor) => next = format!("{path}/ports?limit=30&cursor={cursor}"),
            None => return all,
        }
    }
}

fn wanted(stage: &Stage, reference: &str) -> Value {
    json!({ "reference": reference, "customer_id": stage.customer.id, "name": format!("of {reference}") })
}

#[tokio::test]
async fn what_a_carrier_has_is_listed_and_taken_in() {
    let stage = Stage::set().await;
    let known = stage.port("p-000", 1000).await;
    for n in 1..130 {
        stage.build_port(&format!("p-{n:03}"), 1000 + n * 10);
    }
    let (client, path) = (&stage.reseller.client, path(&stage));
    client.get(&path).await.expect(404);
    client.get(&format!("{path}/ports")).await.expect(404);
    let asked = client.post(&path, Value::Null).await.expect(202);
    assert_eq!(asked["state"], "reading");
    client
        .post(&path, Value::Null)
        .await
        .problem(409, "inventory_being_read");
    stage.work().await;
    let read = client.get(&path).await.expect(200);
    assert_eq!((&read["state"], &read["reason"]), (&json!("read"), &Value::Null));
    assert!(read["pages"].as_u64().unwrap() > 1, "{read}");
    let all = listed(client, &path).await;
    assert_eq!(all.len(), 130);
    let of = |reference: &str| all.iter().find(|port| port["reference"] == reference).unwrap();
    assert_eq!(
        (&of("p-000")["port_id"], &of("p-000")["customer_id"]),
        (&json!(known), &json!(stage.customer.id))
    );
    assert_eq!(
        (&of("p-077")["mbps"], &of("p-077")["port_id"]),
        (&json!(1770), &Value::Null)
    );

    let ports = [
        wanted(&stage, "p-007"),
        wanted(&stage, "p-000"),
        wanted(&stage, "nowhere"),
        json!({ "reference": "p-008", "customer_id": stage.reseller.id, "name": "whose" }),
        wanted(&stage, "p-009"),
    ];
    let taken = client
        .post(&format!("{path}/ports"), json!({ "ports": ports }))
        .await
        .expect(200);
    let codes: Vec<_> = taken["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| port["code"].clone())
        .collect();
    assert_eq!(
        codes,
        [
            Value::Null,
            json!("reference_taken"),
            json!("not_in_inventory"),
            json!("customer_unknown"),
            Value::Null
        ]
    );
    stage.work().await;
    let port = text(&taken["ports"][0]["port_id"]);
    let shown = stage.shown(&port).await;
    assert_eq!(
        (&shown["base_mbps"], &shown["reference"]),
        (&json!(1070), &json!("p-007"))
    );
    let all = listed(client, &path).await;
    assert_eq!(
        all.iter().filter(|port| port["port_id"] != Value::Null).count(),
        3
    );
    // Asked again, it says what is there then.
    stage.build_port("p-130", 1000);
    client.post(&path, Value::Null).await.expect(202);
    stage.work().await;
    assert_eq!(listed(client, &path).await.len(), 131);
}

#[tokio::test]
async fn an_inventory_that_could_not_be_read_says_why_and_is_read_again() {
    let stage = Stage::set().await;
    stage.port("p-1", 1000).await;
    let (client, path) = (&stage.reseller.client, path(&stage));
    let fault = Fault::new(Kind::Error { status: 404 });
    stage.carrier.fault(fault).unwrap();
    let asked = client.post(&path, Value::Null).await.expect(202);
    stage.work().await;
    let read = client.get(&path).await.expect(200);
    assert_eq!(read["state"], "failed", "{read}");
    assert!(text(&read["reason"]).contains("404"), "{read}");
    let operation = format!("/v1/operations/{}", text(&asked["operation_id"]));
    assert_eq!(client.get(&operation).await.expect(200)["kind"], "list_ports");
    client.post(&path, Value::Null).await.expect(202);
    stage.work().await;
    assert_eq!(client.get(&path).await.expect(200)["state"], "read");
    let none = json!({ "ports": [] });
    client
        .post(&format!("{path}/ports"), none)
        .await
        .problem(422, "too_many_ports");
    // Which ports a carrier has is the reseller's business.
    let theirs = &stage.customer.client;
    theirs.get(&path).await.problem(403, "permission_missing");
    theirs
        .post(&path, Value::Null)
        .await
        .problem(403, "permission_missing");
}
