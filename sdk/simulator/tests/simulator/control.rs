//! The control API over HTTP, and the ledger.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Carrier, answer, start};

#[tokio::test]
async fn everything_can_be_set_up_over_http() {
    let mut carrier = Carrier::new().await;
    let account = json!({ "client_id": "c", "client_secret": "s", "account": "globex" });
    assert_eq!(
        carrier
            .control(Method::POST, "/control/accounts", account)
            .await
            .status,
        201
    );
    let port = json!({ "account": "globex", "id": "g-1", "mbps": 500, "max_mbps": 1000 });
    assert_eq!(
        carrier.control(Method::POST, "/control/ports", port).await.status,
        201
    );
    let clock = json!({ "now": "2026-04-01T02:00:00+02:00" });
    let clock = carrier.control(Method::PUT, "/control/clock", clock).await;
    assert_eq!(
        (clock.status, clock.json),
        (200, json!({ "now": "2026-04-01T00:00:00.000Z" }))
    );
    let timing = carrier
        .control(Method::PUT, "/control/timing", json!({ "provision_seconds": 0 }))
        .await;
    assert_eq!(timing.status, 200);

    carrier.token = carrier.token_of("c", "s").await;
    let order = carrier
        .post("/v1/ports/g-1/orders", json!({ "mbps": 700, "reference": "r" }))
        .await
        .json;
    assert_eq!(
        (&order["status"], &order["completed_at"]),
        (&json!("COMPLETED"), &json!("2026-04-01T00:00:00.000Z"))
    );
    let drift = carrier
        .control(Method::POST, "/control/ports/g-1/drift", json!({ "mbps": 250 }))
        .await;
    assert_eq!(drift.status, 200);
    assert_eq!(carrier.get("/v1/ports/g-1").await.json["mbps"], 250);
}

#[tokio::test]
async fn every_kind_of_fault_can_be_asked_for_over_http() {
    let carrier = Carrier::new().await;
    let kinds = [
        json!({ "kind": "slow", "milliseconds": 1 }),
        json!({ "kind": "throttle", "retry_after_seconds": 1 }),
        json!({ "kind": "error" }),
        json!({ "kind": "error", "status": 503 }),
        json!({ "kind": "lost_reply", "count": 2, "match": { "method": "POST", "path_prefix": "/v1/ports" } }),
        json!({ "kind": "lost_request", "match": { "method": "POST" } }),
        json!({ "kind": "reject", "code": "c", "message": "m" }),
        json!({ "kind": "token_revoked" }),
        json!({ "kind": "duplicate_notification" }),
    ];
    for fault in kinds {
        let answer = carrier
            .control(Method::POST, "/control/faults", fault.clone())
            .await;
        assert_eq!(
            (answer.status, &answer.json["kind"]),
            (201, &fault["kind"]),
            "{fault}"
        );
    }
    assert_eq!(carrier.get("/v1/ping").await.status, 200);
    assert_eq!(carrier.get("/v1/ping").await.status, 429);
    assert_eq!(carrier.get("/v1/ping").await.status, 500);
    assert_eq!(carrier.get("/v1/ping").await.status, 503);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let carrier = Carrier::new().await;
    let cases = [
        (json!({ "kind": "lost_reply", "count": 0 }), (422, "bad_fault")),
        (json!({ "kind": "error", "status": 200 }), (422, "bad_fault")),
        (
            json!({ "kind": "slow", "milliseconds": 600_001 }),
            (422, "bad_fault"),
        ),
        (
            json!({ "kind": "duplicate_notification", "match": { "method": "POST" } }),
            (422, "bad_fault"),
        ),
        (json!({ "kind": "slow" }), (400, "bad_request")),
        (json!({ "kind": "earthquake" }), (400, "bad_request")),
        (
            json!({ "kind": "lost_reply", "match": { "verb": "POST" } }),
            (400, "bad_request"),
        ),
    ];
    for (fault, expect) in cases {
        let answer = carrier
            .control(Method::POST, "/control/faults", fault.clone())
            .await;
        assert_eq!(answer.code(), expect, "{fault}");
    }
    assert_eq!(carrier.get("/v1/ping").await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_set_up_is_refused() {
    let carrier = Carrier::new().await;
    let port = |account: &str, id: &str, mbps: u32| json!({ "account": account, "id": id, "mbps": mbps, "max_mbps": 1000 });
    let (post, put) = (Method::POST, Method::PUT);
    let cases: [(&Method, &str, Value, (u16, &str)); 11] = [
        (
            &post,
            "/control/ports",
            port("acme", "port-1", 100),
            (409, "taken"),
        ),
        (
            &post,
            "/control/ports",
            port("nobody", "port-9", 100),
            (404, "not_found"),
        ),
        (
            &post,
            "/control/ports",
            port("acme", "port-9", 1100),
            (422, "too_fast"),
        ),
        (
            &post,
            "/control/ports",
            port("acme", "a/b", 100),
            (400, "bad_request"),
        ),
        (
            &post,
            "/control/ports",
            json!({ "account": "acme" }),
            (400, "bad_request"),
        ),
        (
            &post,
            "/control/ports/port-9/drift",
            json!({ "mbps": 1 }),
            (404, "not_found"),
        ),
        (
            &post,
            "/control/accounts",
            json!({ "client_id": "", "client_secret": "s", "account": "a" }),
            (400, "bad_request"),
        ),
        (
            &put,
            "/control/clock",
            json!({ "now": "yesterday" }),
            (400, "bad_request"),
        ),
        (
            &put,
            "/control/webhook",
            json!({ "url": "https://127.0.0.1/" }),
            (400, "bad_request"),
        ),
        (&put, "/control/ledger", json!({}), (405, "method_not_allowed")),
        (&put, "/control/nonsense", json!({}), (404, "not_found")),
    ];
    for (method, path, body, expect) in cases {
        let answer = carrier.control(method.clone(), path, body.clone()).await;
        assert_eq!(answer.code(), expect, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn the_ledger_holds_every_carrier_call_and_no_control_call() {
    let carrier = Carrier::new().await;
    carrier.at_ms(1_500);
    carrier.placed(5_000, "r").await;
    carrier.get("/v1/orders?reference=r").await;
    carrier.get("/v1/nonsense").await;
    answer(carrier.request(Method::GET, "/v1/ping")).await;
    let ledger = answer(carrier.request(Method::GET, "/control/ledger")).await.json;
    let call = |at: &str, account: Value, method: &str, path: &str, status: u16| {
        let at = format!("2026-03-02T10:00:{at}Z");
        json!({ "at": at, "account": account, "method": method, "path": path, "status": status, "fault": null })
    };
    let expect = json!([
        call("00.000", json!("acme"), "POST", "/oauth/token", 200),
        call("01.500", json!("acme"), "POST", "/v1/ports/port-1/orders", 202),
        call("01.500", json!("acme"), "GET", "/v1/orders?reference=r", 200),
        call("01.500", json!("acme"), "GET", "/v1/nonsense", 404),
        call("01.500", Value::Null, "GET", "/v1/ping", 401),
    ]);
    assert_eq!(ledger["requests"], expect);
    assert_eq!(ledger["orders"][0]["reference"], "r");
    assert_eq!(ledger["orders"][0]["account"], "acme");
    assert_eq!(ledger["orders"][0]["idempotency_key"], Value::Null);
    let totals = json!({ "orders": 1, "duplicates": 0, "lost_replies": 0, "throttled": 0, "rejected": 0 });
    assert_eq!(ledger["totals"], totals);
}

#[tokio::test]
async fn times_are_whole_milliseconds_inside_as_on_the_wire() {
    let carrier = Carrier::new().await;
    carrier
        .control
        .set_clock(start() + TimeDelta::microseconds(1_900));
    let order = carrier.placed(5_000, "r").await;
    assert_eq!(order["created_at"], "2026-03-02T10:00:00.001Z");
    carrier.at_ms(20_001);
    assert_eq!(carrier.order_now(&order).await["status"], "COMPLETED");
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "this is about the system's clock")]
async fn before_it_is_driven_the_clock_is_the_systems() {
    let simulator = nexusport_simulator::Simulator::start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let before = chrono::Utc::now() - TimeDelta::milliseconds(1);
    let now = simulator.control().now();
    assert!(before <= now && now <= chrono::Utc::now(), "{now}");
}
