//! One workflow, twice: two resellers whose settings differ in everything run the very same code (C32), and an edit
//! between two of its steps counts from the next one on, on every host (C33).

use nexusport_simulator::{NewPort, Simulator};
use serde_json::{Value, json};

use super::houses::{House, harbour, northlight};
use crate::harness::{Customer, Host, Shop, text};

/// The port that the workflow makes, with its booked window.
async fn book(
    host: &Host,
    carrier: &Simulator,
    shop: &Shop,
    customer: &Customer,
    house: &House,
    other: &House,
) -> (Value, Value) {
    let reseller = &shop.reseller.client;
    carrier
        .control()
        .add_port(NewPort::new(&shop.reseller.slug, house.slug, 1000, 10_000))
        .unwrap();
    let new = |name: &str, fields: &Value| {
        json!({ "customer_id": customer.id, "name": name, "carrier_id": shop.carrier_id, "reference": house.slug,
            "base_mbps": 1000, "fields": fields })
    };
    let [good, bad] = house.names;
    reseller
        .post("/v1/ports", new(bad, &house.fields))
        .await
        .problem(422, "name_against_rule");
    reseller
        .post("/v1/ports", new(good, &other.fields))
        .await
        .problem(422, "field_unknown");
    let port = reseller
        .post("/v1/ports", new(good, &house.fields))
        .await
        .expect(201);
    host.wait(carrier, chrono::TimeDelta::minutes(5)).await;
    let seen = customer
        .client
        .get(&format!("/v1/ports?{}", house.found_by))
        .await;
    let seen = &seen.expect(200)["items"];
    assert_eq!(
        (seen[0]["id"].clone(), seen.as_array().unwrap().len()),
        (port["id"].clone(), 1)
    );
    assert_eq!(
        (&seen[0]["fields"], &seen[0]["state_name"]),
        (&house.fields, &json!(house.words[0]))
    );
    customer
        .client
        .get(&format!("/v1/ports?{}", other.found_by))
        .await
        .problem(400, "field_unknown");
    let change = customer
        .book(
            &text(&port["id"]),
            5000,
            "2026-03-04T18:00:00Z",
            "2026-03-04T22:00:00Z",
        )
        .await;
    (port, change)
}

/// Takes the booked window to its end, by way of an approval where the house wants one.
async fn finish(shop: &Shop, customer: &Customer, house: &House, change: &Value) {
    let [_, waiting, booked, _] = house.words;
    let path = format!("/v1/bandwidth-changes/{}", text(&change["id"]));
    if house.because.is_empty() {
        assert_eq!(
            (&change["state_name"], &change["approval"]),
            (&json!(booked), &Value::Null)
        );
        return;
    }
    assert_eq!(change["state_name"], waiting);
    assert_eq!(change["approval"]["because"], json!(house.because));
    assert_eq!(change["approval"]["expires_at"].as_str(), house.late);
    let theirs = customer.client.post(&format!("{path}/approve"), json!({})).await;
    theirs.problem(409, "four_eyes");
    let approved = shop
        .reseller
        .client
        .post(&format!("{path}/approve"), json!({}))
        .await
        .expect(200);
    assert_eq!(approved["state"], "scheduled");
    assert_eq!(customer.client.get(&path).await.expect(200)["state_name"], booked);
}

#[tokio::test]
async fn two_resellers_that_differ_in_everything_run_the_same_workflow() {
    let host = Host::start().await;
    let carrier = host.carrier().await;
    let mut open = Vec::new();
    let houses = [northlight(), harbour()];
    for house in &houses {
        let shop = host.shop(house.slug, house.pricing, &carrier).await;
        for (key, value) in &house.settings {
            shop.reseller
                .client
                .put(&format!("/v1/settings/{key}"), value.clone())
                .await
                .expect(200);
        }
        let customer = host.customer(&shop.reseller, "quay").await;
        open.push((shop, customer));
    }
    let mut changes = Vec::new();
    for (n, (shop, customer)) in open.iter().enumerate() {
        changes.push(book(&host, &carrier, shop, customer, &houses[n], &houses[1 - n]).await);
    }
    for (n, (shop, customer)) in open.iter().enumerate() {
        finish(shop, customer, &houses[n], &changes[n].1).await;
    }
    host.pass(&carrier, "2026-04-01T12:00:00Z".parse().unwrap()).await;
    for (n, (shop, customer)) in open.iter().enumerate() {
        let (house, (port, change)) = (&houses[n], &changes[n]);
        let ended = customer
            .client
            .get(&format!("/v1/bandwidth-changes/{}", text(&change["id"])))
            .await
            .expect(200);
        assert_eq!(
            (&ended["state"], &ended["state_name"]),
            (&json!("verified"), &json!(house.words[3]))
        );
        assert_eq!(ended["return_leg"]["state"], "verified");
        let run = json!({ "customer_id": customer.id, "period": "2026-03" });
        assert!(
            shop.reseller
                .client
                .post("/v1/billing-runs", run)
                .await
                .status
                .is_success()
        );
        let invoice = customer.client.get("/v1/invoices").await.expect(200)["items"][0].clone();
        let issued = if n == 0 { "Ausgestellt" } else { "Issued" };
        assert_eq!(
            (&invoice["state"], &invoice["state_name"]),
            (&json!("issued"), &json!(issued))
        );
        let exported = customer
            .client
            .get(&format!("/v1/ports/{}", text(&port["id"])))
            .await
            .expect(200);
        assert_eq!(exported["fields"], house.fields);
        let all = customer.client.get("/v1/settings").await.expect(200);
        for item in all["items"].as_array().unwrap() {
            let set = house.settings.iter().find(|(key, _)| item["key"] == *key);
            let expected = set.map_or("platform", |_| "reseller");
            assert_eq!(item["source"], expected, "{item}");
            assert!(set.is_none_or(|(_, value)| item["value"] == *value));
        }
    }
}

#[tokio::test]
async fn an_edit_between_two_steps_counts_at_the_next_one_on_every_host() {
    let host = Host::start().await;
    let carrier = host.carrier().await;
    let (house, other) = (northlight(), harbour());
    let shop = host.shop(house.slug, house.pricing, &carrier).await;
    let customer = host.customer(&shop.reseller, "quay").await;
    let beside = host.another().await;
    let (here, there) = (&shop.reseller.client, beside.with_token(&shop.reseller.key));
    for (key, value) in &house.settings {
        there
            .put(&format!("/v1/settings/{key}"), value.clone())
            .await
            .expect(200);
    }
    let (port, change) = book(&host, &carrier, &shop, &customer, &house, &other).await;
    assert_eq!(change["state"], "awaiting_approval");
    for (key, value) in &other.settings {
        there
            .put(&format!("/v1/settings/{key}"), value.clone())
            .await
            .expect(200);
    }
    // What waits keeps the rules of its booking; everything else is the other's from here on.
    let path = format!("/v1/ports/{}", text(&port["id"]));
    for client in [here, &there] {
        let seen = client.get(&path).await.expect(200);
        assert_eq!(
            (&seen["state_name"], &seen["fields"]),
            (&json!("Berthed"), &json!({}))
        );
        assert_eq!(
            seen["former_fields"],
            json!({ "cost_centre": "4711", "contact": "Ada" })
        );
        client
            .patch(&path, json!({ "name": "VIE-02" }))
            .await
            .problem(422, "name_against_rule");
    }
    let waiting = customer
        .client
        .get(&format!("/v1/bandwidth-changes/{}", text(&change["id"])))
        .await
        .expect(200);
    assert_eq!(
        (&waiting["state"], &waiting["state_name"]),
        (&json!("awaiting_approval"), &json!("Awaiting approval"))
    );
    let free = customer
        .book(
            &text(&port["id"]),
            3000,
            "2026-03-11T18:00:00Z",
            "2026-03-11T22:00:00Z",
        )
        .await;
    assert_eq!(free["state_name"], "On the tide table");
    let edit = json!({ "name": "berth 8", "fields": { "berth": "north", "contact": null } });
    let edited = there.patch(&path, edit).await.expect(200);
    assert_eq!(
        (&edited["fields"], &edited["former_fields"]),
        (&json!({ "berth": "north" }), &json!({ "cost_centre": "4711" }))
    );
}
