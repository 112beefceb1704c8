//! A carrier that keeps failing is left alone for a while, and nothing is lost or doubled by that.

use nexusport_simulator::{Kind as Trouble, NewPort};
use serde_json::json;

use super::*;

/// The carrier's breaker as its reseller sees it.
async fn breaker(line: &Line) -> Value {
    let path = format!("/v1/carriers/{}", line.carrier);
    line.reseller.client.get(&path).await.expect(200)["breaker"].clone()
}

async fn alerts(line: &Line) -> Vec<Value> {
    let alerts = line.reseller.client.get("/v1/alerts").await.expect(200);
    let about = |alert: &&Value| alert["about"] == "carrier";
    let alerts = alerts["items"].as_array().unwrap().clone();
    alerts.iter().filter(about).cloned().collect()
}

/// Questions that no answer comes to, as many as open the breaker.
async fn break_down(line: &Line, trouble: Trouble) -> Vec<OperationId> {
    line.fault(Fault::new(trouble).times(5));
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.push(line.ask(Kind::ReadPort, None).await);
    }
    worker::drain(&line.host.app).await.unwrap();
    asked
}

#[tokio::test]
async fn a_carrier_that_keeps_failing_is_asked_nothing_until_it_is_back() {
    let line = Line::start().await;
    assert_eq!(breaker(&line).await["state"], "closed");
    let before = line.asked("GET", "/v1/");
    let mut asked = break_down(&line, Trouble::LostRequest).await;
    let shown = breaker(&line).await;
    assert_eq!(
        (&shown["state"], &shown["failures"], &shown["since"]),
        (&json!("open"), &json!(5), &json!(line.host.app.now())),
        "{shown}"
    );
    assert!(has(&shown["reason"], "no answer"), "{shown}");
    // Whoever is asked for meanwhile waits, without a word in its journal.
    asked.push(line.order(5_000).await);
    asked.push(line.ask(Kind::ReadPort, None).await);
    line.pass(14).await;
    assert_eq!(
        (line.asked("GET", "/v1/") - before, line.asked("POST", "/v1/")),
        (5, 0)
    );
    assert_eq!(line.shown(asked[5]).await["journal"], json!([]));
    line.pass(0).await;
    line.play().await;
    for operation in &asked {
        let shown = line.shown(*operation).await;
        assert_eq!(shown["state"], "done", "{shown}");
        assert!(!has(&shown["journal"], "not_sent"), "{shown}");
    }
    let shown = breaker(&line).await;
    assert_eq!(
        (&shown["state"], &shown["failures"]),
        (&json!("closed"), &json!(0))
    );
    let totals = line.simulator.control().ledger().totals;
    assert_eq!((totals.orders, totals.duplicates), (1, 0));
}

#[tokio::test]
async fn somebody_is_called_about_a_carrier_that_is_held_back_each_time_until_it_answers() {
    let line = Line::start().await;
    for episode in 1..=2 {
        break_down(&line, Trouble::Error { status: 503 }).await;
        let raised = alerts(&line).await;
        assert_eq!(raised.len(), 1, "{raised:?}");
        assert_eq!(
            (&raised[0]["state"], &raised[0]["subject_id"]),
            (&json!("open"), &json!(line.carrier.uuid()))
        );
        assert!(
            has(&raised[0]["text"], "Simulated Networks") && has(&raised[0]["text"], "503"),
            "{raised:?}"
        );
        line.play().await;
        assert_eq!(alerts(&line).await[0]["state"], "resolved");
        let events = line
            .reseller
            .client
            .get("/v1/audit-events?limit=200")
            .await
            .expect(200);
        for action in ["carrier.hold", "carrier.resume"] {
            let told = events["items"].as_array().unwrap().iter();
            assert_eq!(
                told.filter(|event| event["action"] == action).count(),
                episode,
                "{action}"
            );
        }
    }
    // It is the reseller's alone.
    line.customer
        .client
        .get("/v1/alerts")
        .await
        .problem(403, "permission_missing");
    let path = format!("/v1/carriers/{}", line.carrier);
    line.customer
        .client
        .get(&path)
        .await
        .problem(403, "permission_missing");
}

#[tokio::test]
async fn two_resellers_at_one_carrier_have_two_breakers() {
    let line = Line::start().await;
    let other = line.host.reseller("harbour").await;
    let customer = line.host.customer(&other, "baker").await;
    let carrier = connect(&other, &line.simulator).await;
    adapter(&other, carrier).await;
    let port = NewPort::new("acme", "port-2", 1_000, 10_000);
    line.simulator.control().add_port(port).unwrap();
    break_down(&line, Trouble::LostRequest).await;
    let new = json!({
        "customer_id": customer.id, "name": "Baker", "carrier_id": carrier, "reference": "port-2", "base_mbps": 1_000,
    });
    other.client.post("/v1/ports", new).await.expect(201);
    line.pass(1).await;
    assert_eq!(breaker(&line).await["state"], "open");
    let shown = other
        .client
        .get(&format!("/v1/carriers/{carrier}"))
        .await
        .expect(200);
    assert_eq!(shown["breaker"]["state"], "closed");
    let operations = other.client.get("/v1/operations").await.expect(200);
    assert_eq!(operations["items"][0]["state"], "done", "{operations}");
}
