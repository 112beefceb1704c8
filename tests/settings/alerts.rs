//! Who is called when a port is not back down, and when nobody answers.

use serde_json::{Value, json};

use crate::harness::{Stage, text};

/// A reseller with two people; its owner is on call, the second is called half an hour later.
async fn stage() -> (Stage, [String; 2]) {
    let stage = Stage::set().await;
    let client = &stage.reseller.client;
    let first = text(&client.get("/v1/memberships").await.expect(200)["items"][0]["id"]);
    client
        .post("/v1/invitations", json!({ "email": "second@northlight.example" }))
        .await
        .expect(201);
    stage.host.accept("second@northlight.example", "Second").await;
    let members = client.get("/v1/memberships?limit=200").await.expect(200);
    let members = members["items"].as_array().unwrap();
    let second = text(&members.iter().find(|member| member["name"] == "Second").unwrap()["id"]);
    let on_call = json!({
        "rotation": { "people": [first], "every": "week", "starts_on": "2026-03-02", "at": "09:00", "time_zone": "UTC" },
        "escalation": [{ "after_minutes": 30, "people": [second] }]
    });
    client.put("/v1/settings/on_call", on_call).await.expect(200);
    (stage, [first, second])
}

/// A window that cannot be brought back down at 20:00.
async fn stranded(stage: &Stage) -> Value {
    let port = stage.port("studio", 1000).await;
    let booked = stage
        .book(&port, 5000, "2026-03-04T18:00:00Z", "2026-03-04T20:00:00Z")
        .await;
    stage.go_to("2026-03-04T19:00:00Z").await;
    stage.reseller.client.delete(&credential(stage)).await.expect(204);
    stage.go_to("2026-03-04T20:01:00Z").await;
    booked
}

fn credential(stage: &Stage) -> String {
    format!("/v1/carriers/{}/credentials/oauth", stage.carrier_id)
}

async fn alerts(stage: &Stage) -> Vec<Value> {
    let all = stage.reseller.client.get("/v1/alerts").await.expect(200);
    all["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn whoever_is_on_call_is_called_and_then_the_next_until_the_port_is_back() {
    let (stage, [first, second]) = stage().await;
    let booked = stranded(&stage).await;
    let raised = alerts(&stage).await;
    assert_eq!(raised.len(), 1, "{raised:?}");
    let alert = &raised[0];
    let about = (&alert["about"], &alert["subject_id"], &alert["customer_id"]);
    assert_eq!(
        about,
        (
            &json!("return_leg"),
            &booked["return_leg"]["id"],
            &json!(stage.customer.id)
        )
    );
    assert_eq!(
        (&alert["state"], &alert["called"]),
        (&json!("open"), &json!([first]))
    );
    assert!(
        text(&alert["text"]).contains("studio is not back down"),
        "{alert}"
    );
    stage.go_to("2026-03-04T20:29:00Z").await;
    assert_eq!(alerts(&stage).await[0]["called"], json!([first]));
    stage.go_to("2026-03-04T23:00:00Z").await;
    let escalated = alerts(&stage).await;
    assert_eq!(
        (escalated.len(), &escalated[0]["called"]),
        (1, &json!([first, second]))
    );
    let secret = json!({
        "secret": { "kind": "oauth2", "client_id": stage.reseller.slug, "client_secret": "carrier-secret",
            "token_destination": "api", "token_target": "/oauth/token" },
        "destinations": ["api"],
    });
    stage
        .reseller
        .client
        .put(&credential(&stage), secret)
        .await
        .expect(200);
    stage.go_to("2026-03-05T03:00:00Z").await;
    assert_eq!(alerts(&stage).await[0]["state"], "resolved");
}

#[tokio::test]
async fn nobody_else_is_called_about_what_somebody_looks_at() {
    let (stage, [first, _]) = stage().await;
    stranded(&stage).await;
    let path = format!("/v1/alerts/{}/acknowledge", text(&alerts(&stage).await[0]["id"]));
    let customer = &stage.customer.client;
    customer
        .post(&path, json!({}))
        .await
        .problem(403, "permission_missing");
    customer
        .get("/v1/alerts")
        .await
        .problem(403, "permission_missing");
    let other = stage.host.reseller("harbour").await;
    other
        .client
        .post(&path, json!({}))
        .await
        .problem(404, "not_found");
    let acknowledged = stage.reseller.client.post(&path, json!({})).await.expect(200);
    assert_eq!(acknowledged["state"], "acknowledged");
    stage
        .reseller
        .client
        .post(&path, json!({}))
        .await
        .problem(409, "state_forbids");
    stage.go_to("2026-03-04T22:00:00Z").await;
    let now = alerts(&stage).await;
    assert_eq!(
        (now.len(), &now[0]["called"], &now[0]["step"]),
        (1, &json!([first]), &json!(0))
    );
}

#[tokio::test]
async fn what_goes_wrong_is_told_also_where_nobody_is_on_call() {
    let (stage, _) = stage().await;
    stage
        .reseller
        .client
        .delete("/v1/settings/on_call")
        .await
        .expect(200);
    stranded(&stage).await;
    let raised = alerts(&stage).await;
    assert_eq!((raised.len(), &raised[0]["called"]), (1, &json!([])));
}
