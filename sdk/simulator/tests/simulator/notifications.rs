//! Notifications as a webhook receives them.

use std::time::Duration;

use axum::{Router, extract::State, http::StatusCode, routing::post};
use nexusport_simulator::{Fault, Kind};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use crate::harness::Carrier;

/// A webhook that passes on what it gets and answers with `status`; returns its URL and what it got.
async fn webhook(status: StatusCode) -> (String, UnboundedReceiver<Value>) {
    let (sender, receiver) = unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let take = async move |State(sender): State<UnboundedSender<Value>>, body: axum::Json<Value>| {
        sender.send(body.0).unwrap();
        status
    };
    let app = Router::new().route("/hook", post(take)).with_state(sender);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, receiver)
}

/// The next thing the webhook got. A notification that never comes fails the test instead of hanging it.
async fn next(received: &mut UnboundedReceiver<Value>) -> Value {
    timeout(Duration::from_secs(30), received.recv())
        .await
        .expect("no notification came")
        .unwrap()
}

#[tokio::test]
async fn each_new_status_is_told_once() {
    let carrier = Carrier::new().await;
    let (url, mut received) = webhook(StatusCode::NO_CONTENT).await;
    let set = carrier
        .control(Method::PUT, "/control/webhook", json!({ "url": url }))
        .await;
    assert_eq!(set.status, 200);
    let order = carrier.placed(5_000, "r").await;
    for (at_ms, status) in [(10_000, "PROVISIONING"), (20_000, "COMPLETED")] {
        carrier.at_ms(at_ms);
        let told = next(&mut received).await;
        assert_eq!(told["event"], "order.updated");
        assert_eq!(
            (&told["order"]["id"], &told["order"]["status"]),
            (&order["id"], &json!(status))
        );
    }
    // Were anything told twice or about acceptance, it would come before the next order's end.
    let later = carrier.placed(6_000, "s").await;
    carrier
        .post(
            &format!("/v1/orders/{}/cancel", later["id"].as_str().unwrap()),
            json!({}),
        )
        .await;
    let told = next(&mut received).await;
    assert_eq!(
        (&told["order"]["id"], &told["order"]["status"]),
        (&later["id"], &json!("CANCELLED"))
    );
}

#[tokio::test]
async fn a_duplicate_notification_comes_twice() {
    let carrier = Carrier::new().await;
    let (url, mut received) = webhook(StatusCode::NO_CONTENT).await;
    carrier.control.set_webhook(&url).unwrap();
    carrier.fault(Fault::new(Kind::DuplicateNotification));
    carrier.placed(5_000, "r").await;
    carrier.at_ms(20_000);
    let (first, second) = (next(&mut received).await, next(&mut received).await);
    assert_eq!(
        (&first["order"]["status"], &second),
        (&json!("COMPLETED"), &first)
    );
    let later = carrier.placed(6_000, "s").await;
    carrier.at_ms(40_000);
    assert_eq!(next(&mut received).await["order"]["id"], later["id"]);
}

#[tokio::test]
async fn a_failed_notification_is_tried_once_more_and_given_up() {
    let carrier = Carrier::new().await;
    let (url, mut received) = webhook(StatusCode::INTERNAL_SERVER_ERROR).await;
    carrier.control.set_webhook(&url).unwrap();
    let first = carrier.placed(5_000, "r").await;
    carrier.at_ms(20_000);
    let second = carrier.placed(6_000, "s").await;
    carrier.at_ms(40_000);
    let mut told = vec![];
    for _ in 0..4 {
        told.push(next(&mut received).await["order"]["id"].clone());
    }
    assert_eq!(
        told,
        [&first["id"], &first["id"], &second["id"], &second["id"]].map(Value::clone)
    );
}

#[tokio::test]
async fn a_webhook_is_not_told_what_happened_before_it_was_set() {
    let carrier = Carrier::new().await;
    carrier.placed(5_000, "r").await;
    carrier.at_ms(20_000);
    let (url, mut received) = webhook(StatusCode::NO_CONTENT).await;
    carrier.control.set_webhook(&url).unwrap();
    let later = carrier.placed(6_000, "s").await;
    carrier.at_ms(40_000);
    assert_eq!(next(&mut received).await["order"]["id"], later["id"]);
}

#[tokio::test]
async fn with_the_systems_clock_a_notification_comes_unasked() {
    let simulator = nexusport_simulator::Simulator::start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let control = simulator.control();
    control
        .add_account(nexusport_simulator::Account::new("c", "s", "acme"))
        .unwrap();
    control
        .add_port(nexusport_simulator::NewPort::new("acme", "p", 100, 1_000))
        .unwrap();
    control.set_provision_seconds(1);
    let (url, mut received) = webhook(StatusCode::NO_CONTENT).await;
    control.set_webhook(&url).unwrap();
    let mut carrier = Carrier {
        client: crate::harness::client(),
        token: String::new(),
        control,
        simulator,
    };
    carrier.token = carrier.token_of("c", "s").await;
    carrier
        .post("/v1/ports/p/orders", json!({ "mbps": 200, "reference": "r" }))
        .await;
    let mut statuses = vec![];
    while statuses.last() != Some(&json!("COMPLETED")) {
        statuses.push(next(&mut received).await["order"]["status"].clone());
    }
    assert!(statuses.len() <= 2, "{statuses:?}");
}
