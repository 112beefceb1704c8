//! PacketFabric as its documents and its own client know it: what is bought is only raised, a burst lies on top of it, an
//! order has no name, and a workflow tells how it goes.

mod words;

use nexusport_simulator::{Order, Words};
use serde_json::json;

use super::{Real, passes_the_whole_path};
use crate::harness::{Adapter, oauth2};

const PACKETFABRIC: Real = Real {
    plugin: "carrier-packetfabric",
    adapter,
    words: Words {
        token_path: "/oauth2/token",
        routes: words::routes,
        problem: |_, _, message| json!({ "message": message, "request_id": words::REQUEST }),
    },
    order: ("POST", "/v2/services"),
    back: ("DELETE", "/v2/services"),
    read: "/v2",
    port: "PF-BC-LAX-NYC-1000001-PF",
    until: "2026-03-04T22:00:00Z",
};

passes_the_whole_path!(PACKETFABRIC);

/// With tokens where PacketFabric takes an API key: what a fault does to one, a host sees in the same way.
fn adapter() -> Adapter {
    Adapter {
        component: nexusport_plugins::CARRIER_PACKETFABRIC,
        destinations: &[("api", "")],
        credential: ("key", |client| oauth2(client, "api", "/oauth2/token")),
        settings: json!({}),
    }
}

#[tokio::test]
async fn what_stays_is_bought_and_a_window_on_top_is_a_burst() {
    let stage = PACKETFABRIC.stage().await;
    let port = stage.port(PACKETFABRIC.port, 1000).await;
    let wish =
        |mbps: u32, at: &str| json!({ "port_id": port, "kind": "base", "mbps": mbps, "starts_at": at });
    let base = stage.book_wish(wish(2000, "2026-03-04T12:00:00Z")).await;
    let window = stage
        .book(&port, 5000, "2026-03-04T18:00:00Z", "2026-03-04T22:00:00Z")
        .await;
    let inside = stage.book_wish(wish(3000, "2026-03-04T20:00:00Z")).await;
    stage.go_to("2026-03-05T12:00:00Z").await;
    for booked in [&base, &window, &inside] {
        assert_eq!(stage.change(booked).await["state"], "verified");
    }
    let orders: Vec<_> = stage
        .carrier
        .ledger()
        .orders
        .into_iter()
        .map(|entry| entry.order)
        .collect();
    let told: Vec<_> = orders.iter().map(|order| (what(order), order.mbps)).collect();
    assert_eq!(
        told,
        [
            ("modify", 2000),
            ("burst", 5000),
            ("removal", 2000),
            ("modify", 3000)
        ]
    );

    let lower = stage
        .customer
        .client
        .post("/v1/quotes", wish(1000, "2026-03-06T12:00:00Z"))
        .await;
    lower.problem(422, "decrease_not_allowed");
}

#[tokio::test]
async fn a_window_off_the_steps_of_a_burst_is_refused_when_it_is_booked() {
    let stage = PACKETFABRIC.stage().await;
    let port = stage.port(PACKETFABRIC.port, 1000).await;
    let client = &stage.customer.client;
    let window = |mbps: u32, day: &str| {
        let [from, until] = ["18", "22"].map(|hour| format!("2026-03-{day}T{hour}:00:00Z"));
        json!({ "port_id": port, "kind": "window", "mbps": mbps, "starts_at": from, "ends_at": until })
    };
    let base =
        |mbps: u32, at: &str| json!({ "port_id": port, "kind": "base", "mbps": mbps, "starts_at": at });
    let off = client.post("/v1/quotes", window(1550, "04")).await;
    let why = off.problem(422, "window_off_step");
    assert!(
        why.contains("multiples of 100 Mbps from the port's 1000 Mbps"),
        "{why}"
    );

    stage.book_wish(window(1500, "04")).await;
    for (mbps, code) in [(1050, "window_off_step"), (2000, "window_below_base")] {
        let under = base(mbps, "2026-03-04T12:00:00Z");
        client.post("/v1/quotes", under).await.problem(409, code);
    }

    // Inside a window that has begun it harms nobody, and the next window is counted from it.
    stage.book_wish(base(1050, "2026-03-04T20:00:00Z")).await;
    let next = client.post("/v1/quotes", window(1500, "05")).await;
    next.problem(422, "window_off_step");
    client.post("/v1/quotes", window(1550, "05")).await.expect(201);
}

/// Which of the orders it is.
fn what(order: &Order) -> &str {
    order.reference.split(' ').nth(1).unwrap_or_default()
}
