//! Ports: read back before they count for anything, the reseller's to add and close, and nobody else's to see.

use serde_json::{Value, json};

use crate::harness::{Stage, text};

#[tokio::test]
async fn a_port_is_what_its_first_read_back_shows() {
    let stage = Stage::set().await;
    stage.build_port("studio", 1000);
    let new = stage.new_port("studio", 2000);
    let added = stage.reseller.client.post("/v1/ports", new).await.expect(201);
    let unknown = (
        &added["base_mbps"],
        &added["intended_mbps"],
        &added["observed_mbps"],
        &added["drift_mbps"],
    );
    assert_eq!(unknown, (&Value::Null, &Value::Null, &Value::Null, &Value::Null));
    let id = text(&added["id"]);
    let wish = json!({ "port_id": id, "kind": "base", "mbps": 3000 });
    stage
        .customer
        .client
        .post("/v1/quotes", wish)
        .await
        .problem(409, "port_not_read");

    stage.work().await;
    let shown = stage.shown(&id).await;
    let known = (
        &shown["base_mbps"],
        &shown["intended_mbps"],
        &shown["observed_mbps"],
        &shown["drift_mbps"],
    );
    assert_eq!(known, (&json!(1000), &json!(1000), &json!(1000), &json!(0)));
    let noon = "2026-03-02T12:00:00Z".to_owned();
    assert_eq!(stage.intervals(&id).await, [(1000, noon, None)]);
    let audit = stage
        .reseller
        .client
        .get("/v1/audit-events?action=port.observe")
        .await
        .expect(200);
    assert_eq!(audit["items"][0]["detail"]["believed_mbps"], 2000);
    assert_eq!(audit["items"][0]["tenant_id"], stage.customer.id);
}

#[tokio::test]
async fn ports_are_added_by_the_reseller_for_its_own_customers_at_its_own_carriers() {
    let stage = Stage::set().await;
    stage.port("studio", 1000).await;
    let other = stage.host.reseller("harbour").await;
    let stranger = stage.host.customer(&other, "stranger").await;
    let theirs = text(
        &other
            .client
            .post("/v1/carriers", json!({ "name": "X" }))
            .await
            .expect(201)["id"],
    );
    let new = |more: Value| {
        let mut new = stage.new_port("another", 1000);
        new.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        new
    };
    let client = &stage.reseller.client;
    client
        .post("/v1/ports", new(json!({ "customer_id": stranger.id })))
        .await
        .problem(404, "not_found");
    client
        .post("/v1/ports", new(json!({ "customer_id": stage.reseller.id })))
        .await
        .problem(404, "not_found");
    client
        .post("/v1/ports", new(json!({ "carrier_id": theirs })))
        .await
        .problem(404, "not_found");
    client
        .post("/v1/ports", new(json!({ "name": "studio" })))
        .await
        .problem(409, "name_taken");
    client
        .post("/v1/ports", new(json!({ "reference": "studio" })))
        .await
        .problem(409, "reference_taken");
    client
        .post("/v1/ports", new(json!({ "name": " " })))
        .await
        .problem(422, "name_invalid");
    client
        .post("/v1/ports", new(json!({ "reference": "" })))
        .await
        .problem(422, "reference_invalid");
    let customer = &stage.customer.client;
    customer
        .post("/v1/ports", new(json!({})))
        .await
        .problem(403, "permission_missing");
    other
        .client
        .post("/v1/ports", new(json!({ "customer_id": stranger.id })))
        .await
        .problem(404, "not_found");
    client.post("/v1/ports", new(json!({}))).await.expect(201);
    assert_eq!(
        client.get("/v1/ports").await.expect(200)["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_port_is_missing_for_everybody_else() {
    let stage = Stage::set().await;
    let id = stage.port("studio", 1000).await;
    let sibling = stage.host.customer(&stage.reseller, "sibling").await;
    let other = stage.host.reseller("harbour").await;
    let wish = json!({ "port_id": id, "kind": "base", "mbps": 2000 });
    for client in [&sibling.client, &other.client] {
        for path in ["", "/observations", "/intervals"] {
            client
                .get(&format!("/v1/ports/{id}{path}"))
                .await
                .problem(404, "not_found");
        }
        client
            .post("/v1/quotes", wish.clone())
            .await
            .problem(404, "not_found");
        assert_eq!(client.get("/v1/ports").await.expect(200)["items"], json!([]));
    }
    let path = format!("/v1/ports/{id}/close");
    other
        .client
        .post(&path, json!({}))
        .await
        .problem(404, "not_found");
    stage
        .customer
        .client
        .post(&path, json!({}))
        .await
        .problem(403, "permission_missing");
}

#[tokio::test]
async fn what_the_carrier_changed_by_itself_shows_as_drift() {
    let stage = Stage::set().await;
    let id = stage.port("studio", 1000).await;
    stage.go_to("2026-03-03T12:00:00Z").await;
    stage.carrier.drift("studio", 3000).unwrap();
    stage.go_to("2026-03-03T13:00:00Z").await;
    assert_eq!(stage.shown(&id).await["drift_mbps"], 0);
    let path = format!("/v1/ports/{id}/observations");
    stage.reseller.client.post(&path, json!({})).await.expect(202);
    stage.work().await;
    let shown = stage.shown(&id).await;
    assert_eq!(
        (&shown["observed_mbps"], &shown["drift_mbps"]),
        (&json!(3000), &json!(2000))
    );
    let noon = |day: u32| format!("2026-03-0{day}T12:00:00Z");
    assert_eq!(
        stage.intervals(&id).await,
        [(1000, noon(2), Some(noon(3))), (3000, noon(3), None)]
    );
    let seen = stage.customer.client.get(&path).await.expect(200);
    assert_eq!(seen["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_first_read_back_that_fails_can_be_asked_for_again() {
    let stage = Stage::set().await;
    let new = stage.new_port("studio", 1000);
    let id = text(&stage.reseller.client.post("/v1/ports", new).await.expect(201)["id"]);
    stage.work().await;
    assert_eq!(stage.shown(&id).await["base_mbps"], Value::Null);
    stage.build_port("studio", 1000);
    let path = format!("/v1/ports/{id}/observations");
    stage.reseller.client.post(&path, json!({})).await.expect(202);
    stage.work().await;
    assert_eq!(stage.shown(&id).await["base_mbps"], 1000);
}

#[tokio::test]
async fn a_closed_port_refuses_changes_and_its_interval_ends() {
    let stage = Stage::set().await;
    let id = stage.port("studio", 1000).await;
    let booked = stage
        .book(&id, 5000, "2026-03-04T18:00:00Z", "2026-03-04T22:00:00Z")
        .await;
    let close = format!("/v1/ports/{id}/close");
    stage
        .reseller
        .client
        .post(&close, json!({}))
        .await
        .problem(409, "port_has_changes");
    let cancel = format!("/v1/bandwidth-changes/{}/cancel", text(&booked["id"]));
    stage.customer.client.post(&cancel, json!({})).await.expect(200);
    stage.go_to("2026-03-03T12:00:00Z").await;
    let closed = stage.reseller.client.post(&close, json!({})).await.expect(200);
    assert_eq!(closed["state"], "closed");
    let noon = |day: u32| format!("2026-03-0{day}T12:00:00Z");
    assert_eq!(stage.intervals(&id).await, [(1000, noon(2), Some(noon(3)))]);
    stage
        .reseller
        .client
        .post(&close, json!({}))
        .await
        .problem(409, "port_closed");
    let wish = json!({ "port_id": id, "kind": "base", "mbps": 2000 });
    stage
        .customer
        .client
        .post("/v1/quotes", wish)
        .await
        .problem(409, "port_closed");
}
