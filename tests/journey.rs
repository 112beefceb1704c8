//! The one question (C21): can a new reseller, and a new customer under it, come all the way by itself?

use chrono::TimeDelta;
use nexusport::{identity::operator::structure, trial::Trial};
use nexusport_simulator::Simulator;
use serde_json::{Value, json};

use crate::harness::{Client, Customer, Host, PASSWORD, Pricing, Reseller, Shop, sign_up, text};

#[tokio::test]
async fn a_reseller_and_its_customers_come_from_sign_up_to_an_invoice_with_nobodys_help() {
    let host = Host::start_at("2026-02-27T09:00:00Z".parse().unwrap()).await;
    let carrier = host.carrier().await;
    let shop = host.shop("northlight", Pricing::Committed, &carrier).await;
    let roles = items(&shop.reseller.client, "/v1/roles").await;
    assert_eq!(
        roles[0]["name"], "owner",
        "a reseller starts with a role that may do everything"
    );
    // The second customer comes the way of the first, on the same host.
    for (slug, reference, month) in [("alpine", "a-1", "2026-03"), ("danube", "d-1", "2026-04")] {
        let customer = host.customer(&shop.reseller, slug).await;
        let roles = items(&customer.client, "/v1/roles").await;
        assert_eq!(roles[0]["name"], "owner");
        let port = shop.port(&host, &carrier, &customer, reference, 1000).await;
        window(&host, &carrier, &customer, &port, month).await;
        invoiced(&shop, &customer, reference, month).await;
    }
    // Nobody but those two sides did anything.
    let actors = items(&shop.reseller.client, "/v1/audit-events?limit=200").await;
    let mut actors = actors.iter().map(|event| text(&event["actor_kind"]));
    assert!(actors.all(|actor| ["user", "api_key", "system"].contains(&actor.as_str())));
}

#[tokio::test]
async fn a_reseller_comes_from_its_sign_up_to_an_invoice_on_the_carrier_it_began_with() {
    let host = Host::with_trial("2026-02-27T09:00:00Z".parse().unwrap()).await;
    let trial = host.app.trial.clone().unwrap();
    let carrier = trial.simulator();
    let began = host.client.post("/v1/signup", sign_up("northlight")).await;
    let began = began.expect(201);
    let proof = host.mail("owner@northlight.example").await.token();
    let proof = json!({ "token": proof, "password": PASSWORD });
    host.client.post("/v1/address-proofs", proof).await.expect(204);
    let session = text(&began["token"]);
    let owner = host.client.with_token(&session);
    let key = owner.post("/v1/api-keys", json!({ "name": "all" })).await;
    let key = text(&key.expect(201)["secret"]);
    let reseller = Reseller {
        id: text(&began["reseller"]["id"]),
        slug: "northlight".to_owned(),
        client: host.client.with_token(&key),
        session,
        key,
    };
    let ports = &began["simulated_carrier"]["ports"];
    assert_eq!(ports, &json!(["northlight-1", "northlight-2", "northlight-3"]));
    let shop = Shop {
        carrier_id: text(&began["simulated_carrier"]["carrier_id"]),
        reseller,
    };
    shop.activate(
        "brand",
        nexusport_plugins::BRAND_NORTHLIGHT,
        json!({ "settings": {} }),
    )
    .await;
    let pricing = json!({ "settings": Pricing::Committed.settings() });
    shop.activate("pricing", Pricing::Committed.component(), pricing)
        .await;
    let customer = host.customer(&shop.reseller, "alpine").await;
    let reference = text(&ports[0]);
    let port = json!({
        "customer_id": customer.id, "name": reference, "carrier_id": shop.carrier_id, "reference": reference,
        "base_mbps": 1000,
    });
    let port = shop.reseller.client.post("/v1/ports", port).await.expect(201);
    host.wait(carrier, TimeDelta::minutes(5)).await;
    window(&host, carrier, &customer, &text(&port["id"]), "2026-03").await;
    invoiced(&shop, &customer, &reference, "2026-03").await;
    assert_eq!(carrier.control().ledger().totals.duplicates, 0);
    let events = items(&shop.reseller.client, "/v1/audit-events?limit=200").await;
    for action in [
        "carrier.add",
        "credential.set",
        "release.approve",
        "activation.add",
    ] {
        let of_the_owner = |event: &&Value| event["action"] == action && event["actor_kind"] == "user";
        assert!(events.iter().any(|event| of_the_owner(&event)), "{action}");
    }
}

#[tokio::test]
async fn a_simulated_carrier_shows_each_reseller_its_own_ports_and_is_there_where_it_was_asked_for() {
    let host = Host::with_trial("2026-02-27T09:00:00Z".parse().unwrap()).await;
    let trial = host.app.trial.clone().unwrap();
    let northlight = host.reseller("northlight").await;
    let harbour = host.reseller("harbour").await;
    let mut carriers = Vec::new();
    for reseller in [&northlight, &harbour] {
        let carrier = items(&reseller.client, "/v1/carriers").await;
        let path = format!("/v1/carriers/{}", text(&carrier[0]["id"]));
        let carrier = reseller.client.get(&path).await.expect(200);
        assert_eq!(carrier["destinations"][0]["base_url"], trial.simulator().url());
        let plugins = items(&reseller.client, "/v1/plugins").await;
        assert_eq!(plugins.len(), 1, "the adapter is the reseller's own");
        carriers.push(path);
    }
    northlight
        .client
        .get(&carriers[1])
        .await
        .problem(404, "not_found");
    // The neighbour's port is nobody's at this account.
    let customer = host.customer(&harbour, "thames").await;
    let mut seen = Vec::new();
    for reference in ["northlight-1", "harbour-1"] {
        let carrier_id = carriers[1].rsplit('/').next().unwrap();
        let port = json!({
            "customer_id": customer.id, "name": reference, "carrier_id": carrier_id, "reference": reference,
            "base_mbps": 1000,
        });
        let port = harbour.client.post("/v1/ports", port).await.expect(201);
        host.wait(trial.simulator(), TimeDelta::minutes(5)).await;
        let path = format!("/v1/ports/{}", text(&port["id"]));
        seen.push(harbour.client.get(&path).await.expect(200)["observed_mbps"].clone());
    }
    assert_eq!(seen, [json!(null), json!(1000)]);
    // The simulator remembers nothing; another one is told of everybody who is here.
    let here = structure::all(&host.app).await.unwrap();
    let again = Trial::start(&host.app, ([127, 0, 0, 1], 0).into(), &here);
    let again = again.await.unwrap();
    let again = again.simulator().control();
    assert!(again.drift("northlight-3", 500).is_ok() && again.drift("harbour-3", 500).is_ok());
    let production = Host::start().await;
    let began = production
        .client
        .post("/v1/signup", sign_up("northlight"))
        .await
        .expect(201);
    assert_eq!(began["simulated_carrier"], json!(null));
    let owner = production.client.with_token(&text(&began["token"]));
    assert_eq!(items(&owner, "/v1/carriers").await, Vec::<Value>::new());
}

/// A port of the customer is up for an evening and down again, as the carrier shows, and the month is over.
async fn window(host: &Host, carrier: &Simulator, customer: &Customer, port: &str, month: &str) {
    let (from, to) = (format!("{month}-10T18:00:00Z"), format!("{month}-10T22:00:00Z"));
    let change = customer.book(port, 5000, &from, &to).await;
    host.pass(carrier, format!("{month}-10T20:00:00Z").parse().unwrap())
        .await;
    let path = format!("/v1/ports/{port}");
    assert_eq!(
        customer.client.get(&path).await.expect(200)["observed_mbps"],
        5000,
        "seen up"
    );
    let after = if month == "2026-03" {
        "2026-04-01T09:00:00Z"
    } else {
        "2026-05-01T09:00:00Z"
    };
    host.pass(carrier, after.parse().unwrap()).await;
    assert_eq!(
        customer.client.get(&path).await.expect(200)["observed_mbps"],
        1000,
        "seen down"
    );
    let path = format!("/v1/bandwidth-changes/{}", text(&change["id"]));
    let change = customer.client.get(&path).await.expect(200);
    assert_eq!(
        (&change["state"], &change["return_leg"]["state"]),
        (&json!("verified"), &json!("verified"))
    );
}

/// The reseller bills the month, and the customer reads the invoice, line by line and as a page.
async fn invoiced(shop: &Shop, customer: &Customer, reference: &str, month: &str) {
    let run = json!({ "customer_id": customer.id, "period": month });
    let run = shop.reseller.client.post("/v1/billing-runs", run).await;
    assert!(run.status.is_success(), "{run:?}");
    let id = text(&items(&customer.client, "/v1/invoices").await[0]["id"]);
    let path = format!("/v1/invoices/{id}");
    let invoice = customer.client.get(&path).await.expect(200);
    let lines = invoice["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 3, "before, during and after the window");
    assert!(lines.iter().all(|line| line["port"] == reference));
    assert_eq!(customer.client.get(&format!("{path}/html")).await.status, 200);
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"]
        .as_array()
        .unwrap()
        .clone()
}
