//! Each fault as a client meets it, and what the ledger says of it.

use std::time::Duration;

use nexusport_simulator::{Fault, Kind};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Carrier, answer};

const ORDERS: &str = "/v1/ports/port-1/orders";

/// The last carrier call's status and fault.
fn last(carrier: &Carrier) -> (Option<u16>, Option<String>) {
    let request = carrier.control.ledger().requests.pop().unwrap();
    (request.status, request.fault)
}

fn named(status: Option<u16>, fault: &str) -> (Option<u16>, Option<String>) {
    (status, Some(fault.to_owned()))
}

/// Sends, and expects that the connection broke before any answer: no status, no timeout, no failure to connect.
async fn breaks(request: reqwest::RequestBuilder) {
    let error = request
        .send()
        .await
        .expect_err("an answer came although it should be lost");
    assert!(
        error.is_request() && !error.is_timeout() && !error.is_connect(),
        "{error:?}"
    );
    assert_eq!(error.status(), None);
}

#[tokio::test]
async fn a_lost_reply_breaks_the_connection_after_the_work_was_done() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::LostReply).on("POST", "/v1/ports/"));
    breaks(
        carrier
            .order(5_000, "change-1")
            .header("Idempotency-Key", "key-1"),
    )
    .await;
    assert_eq!(last(&carrier), named(None, "lost_reply"));

    let found = carrier.get("/v1/orders?reference=change-1").await.json;
    assert_eq!(found["orders"].as_array().unwrap().len(), 1);
    let again = answer(
        carrier
            .order(5_000, "change-1")
            .header("Idempotency-Key", "key-1"),
    )
    .await;
    assert_eq!(
        (again.status, &again.json["id"]),
        (200, &found["orders"][0]["id"])
    );
    let totals = carrier.control.ledger().totals;
    assert_eq!((totals.orders, totals.duplicates, totals.lost_replies), (1, 0, 1));
}

#[tokio::test]
async fn a_lost_request_breaks_the_connection_and_does_no_work() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::LostRequest).on("POST", "/v1/ports/"));
    breaks(carrier.order(5_000, "change-1")).await;
    assert_eq!(last(&carrier), named(None, "lost_request"));
    assert_eq!(
        carrier.get("/v1/orders?reference=change-1").await.json,
        json!({ "orders": [] })
    );
    let totals = carrier.control.ledger().totals;
    assert_eq!((totals.orders, totals.lost_replies), (0, 0));
}

#[tokio::test]
async fn a_broken_connection_was_asked_once() {
    let carrier = Carrier::new().await;
    // Warm connections are the ones a client might try again on by itself.
    carrier.get("/v1/ping").await;
    carrier.fault(Fault::new(Kind::LostRequest));
    breaks(carrier.authorized(Method::GET, "/v1/ping")).await;
    let pings = carrier
        .control
        .ledger()
        .requests
        .into_iter()
        .filter(|request| request.path == "/v1/ping");
    assert_eq!(
        pings.map(|request| request.status).collect::<Vec<_>>(),
        [Some(200), None]
    );
    assert_eq!(carrier.get("/v1/ping").await.status, 200);
}

#[tokio::test]
async fn breaking_one_connection_leaves_the_others_alone() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Slow { milliseconds: 50 }).on("GET", "/v1/ports"));
    carrier.fault(Fault::new(Kind::LostReply).on("GET", "/v1/ping"));
    let (slow, ()) = tokio::join!(
        carrier.get("/v1/ports"),
        breaks(carrier.authorized(Method::GET, "/v1/ping"))
    );
    assert_eq!(slow.status, 200);
}

#[tokio::test]
async fn a_slow_answer_is_of_work_done_at_once() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Slow {
        milliseconds: 600_000,
    }));
    let impatient = carrier
        .order(5_000, "change-1")
        .timeout(Duration::from_millis(200));
    assert!(impatient.send().await.unwrap_err().is_timeout());
    let found = carrier.get("/v1/orders?reference=change-1").await.json;
    assert_eq!(found["orders"][0]["status"], "ACCEPTED");
    let order = carrier
        .control
        .ledger()
        .requests
        .into_iter()
        .find(|request| request.path == ORDERS)
        .unwrap();
    assert_eq!((order.status, order.fault.as_deref()), (Some(202), Some("slow")));
}

#[tokio::test]
async fn a_slow_answer_arrives_in_the_end() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Slow { milliseconds: 100 }));
    let asked = std::time::Instant::now();
    assert_eq!(carrier.get("/v1/ping").await.status, 200);
    assert!(asked.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_throttled_call_is_told_when_to_come_back() {
    let carrier = Carrier::new().await;
    carrier.fault(
        Fault::new(Kind::Throttle {
            retry_after_seconds: 7,
        })
        .times(2),
    );
    for _ in 0..2 {
        let throttled = answer(carrier.order(5_000, "r")).await;
        assert_eq!(throttled.code(), (429, "throttled"));
        assert_eq!(throttled.headers["retry-after"], "7");
    }
    assert_eq!(last(&carrier), named(Some(429), "throttle"));
    carrier.placed(5_000, "r").await;
    let totals = carrier.control.ledger().totals;
    assert_eq!((totals.throttled, totals.orders), (2, 1));
}

#[tokio::test]
async fn an_error_does_no_work() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Error { status: 503 }));
    assert_eq!(answer(carrier.order(5_000, "r")).await.code(), (503, "error"));
    assert_eq!(last(&carrier), named(Some(503), "error"));
    assert_eq!(carrier.control.ledger().totals.orders, 0);
}

#[tokio::test]
async fn a_revoked_token_is_worthless_and_a_new_one_is_not() {
    let mut carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::TokenRevoked));
    assert_eq!(carrier.get("/v1/ping").await.code(), (401, "unauthorized"));
    assert_eq!(last(&carrier), named(Some(401), "token_revoked"));
    assert_eq!(carrier.get("/v1/ping").await.code(), (401, "unauthorized"));
    assert_eq!(last(&carrier), (Some(401), None));
    carrier.token = carrier.token_of("client", "secret").await;
    assert_eq!(carrier.get("/v1/ping").await.status, 200);
}

#[tokio::test]
async fn a_rejection_comes_when_the_order_is_due() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Reject {
        code: "no_capacity".into(),
        message: "the node is full".into(),
    }));
    let order = carrier.placed(5_000, "r").await;
    carrier.at_ms(19_999);
    let before = carrier.order_now(&order).await;
    assert_eq!(
        (&before["status"], &before["reason"]),
        (&json!("PROVISIONING"), &json!(null))
    );
    carrier.at_ms(20_000);
    let after = carrier.order_now(&order).await;
    assert_eq!(after["status"], "REJECTED");
    assert_eq!(
        after["reason"],
        json!({ "code": "no_capacity", "message": "the node is full" })
    );
    assert_eq!(after["completed_at"], "2026-03-02T10:00:20.000Z");
    assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], 1_000);
    assert_eq!(carrier.control.ledger().totals.rejected, 1);
    let next = carrier.placed(6_000, "s").await;
    carrier.at_ms(40_000);
    assert_eq!(carrier.order_now(&next).await["status"], "COMPLETED");
}

#[tokio::test]
async fn a_call_that_is_refused_for_its_token_spends_no_fault() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Error { status: 500 }));
    let stranger = carrier.request(Method::GET, "/v1/ping").bearer_auth("guess");
    assert_eq!(answer(stranger).await.status, 401);
    assert_eq!(carrier.get("/v1/ping").await.status, 500);
}

#[tokio::test]
async fn a_fault_can_be_aimed_at_the_token_endpoint() {
    let carrier = Carrier::new().await;
    carrier.fault(Fault::new(Kind::Error { status: 503 }).on("POST", "/oauth/token"));
    assert_eq!(carrier.get("/v1/ping").await.status, 200);
    let token = carrier
        .request(Method::POST, "/oauth/token")
        .basic_auth("client", Some("secret"));
    assert_eq!(answer(token).await.code(), (503, "error"));
    carrier.token_of("client", "secret").await;
}
