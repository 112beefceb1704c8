//! Equinix Fabric v4: a connection's bandwidth is patched, once in 24 hours, and the connection tells its latest change.

mod words;

use chrono::TimeDelta;
use nexusport::carriers::operations::Kind::{ChangeBandwidth, CheckChange};
use nexusport_simulator::{Kind, Words};
use serde_json::{Value, json};

use super::{
    Real,
    asked::ask,
    exchanges::keep,
    faults::drifted_before_its_start,
    passes_the_whole_path,
    path::{booked, check_returned, go_past},
};
use crate::harness::{Adapter, Stage, oauth2, text};

const FABRIC: Real = Real {
    plugin: "carrier-equinix-fabric",
    adapter,
    words: Words {
        token_path: "/oauth2/v1/token",
        routes: words::routes,
        problem: |status, _, message| {
            let code = match status.as_u16() {
                401 => "EQ-3000039",
                _ => "EQ-3045004",
            };
            json!([{ "errorCode": code, "errorMessage": message }])
        },
    },
    order: ("PATCH", "/fabric/v4/connections/"),
    back: ("PATCH", "/fabric/v4/connections/"),
    read: "/fabric/v4/connections/",
    port: "5b7c1d6e-0f52-4b8e-9d37-2a64c8e1f903",
    // As short as the carrier allows.
    until: "2026-03-05T18:00:00Z",
};

passes_the_whole_path!(FABRIC);

#[tokio::test]
async fn what_somebody_changed_before_a_window_is_where_it_begins() {
    drifted_before_its_start(&FABRIC).await;
}

fn adapter() -> Adapter {
    Adapter {
        component: nexusport_plugins::CARRIER_EQUINIX_FABRIC,
        destinations: &[("api", "")],
        credential: ("oauth", |client| {
            let mut secret = oauth2(client, "api", "/oauth2/v1/token");
            secret["token_request"] = json!("json");
            secret
        }),
        settings: json!({}),
    }
}

async fn quoted(stage: &Stage, port: &str, from: &str, until: &str, status: u16) -> Value {
    let wish =
        json!({ "port_id": port, "kind": "window", "mbps": 5000, "starts_at": from, "ends_at": until });
    stage
        .customer
        .client
        .post("/v1/quotes", wish)
        .await
        .expect(status)
}

#[tokio::test]
async fn what_the_lock_out_forbids_is_refused_with_the_rule_before_anything_is_booked() {
    let stage = FABRIC.stage().await;
    let port = stage.port(FABRIC.port, 1000).await;
    let from = "2026-03-04T18:00:00Z";
    let short = quoted(&stage, &port, from, "2026-03-04T22:00:00Z", 422).await;
    assert_eq!(short["code"], "window_too_short", "{short}");
    assert!(text(&short["detail"]).contains("86400 s at least"), "{short}");
    stage.book(&port, 5000, from, FABRIC.until).await;
    let soon = ("2026-03-06T17:00:00Z", "2026-03-08T00:00:00Z");
    let near = quoted(&stage, &port, soon.0, soon.1, 409).await;
    assert_eq!(near["code"], "carrier_locked_out", "{near}");
    assert!(
        text(&near["detail"]).contains("86400 s between changes"),
        "{near}"
    );
    quoted(&stage, &port, FABRIC.until, "2026-03-06T18:00:00Z", 201).await;
    assert_eq!(stage.carrier.ledger().orders, []);
}

#[tokio::test]
async fn a_change_that_somebody_else_made_locks_out_ours_and_is_told() {
    let stage = FABRIC.stage().await;
    let port = stage.port(FABRIC.port, 1000).await;
    let booked = stage
        .book(&port, 5000, "2026-03-04T18:00:00Z", FABRIC.until)
        .await;
    stage.go_to("2026-03-04T12:00:00Z").await;
    let theirs = ask(&FABRIC, &stage, &port, ChangeBandwidth, Some(2000)).await;
    assert_eq!(theirs["kind"], "applied", "{theirs}");
    let checked = ask(&FABRIC, &stage, &port, CheckChange, Some(5000)).await;
    assert_eq!(
        (&checked["kind"], &checked["code"]),
        (&json!("rejected"), &json!("EQ-3142999"))
    );
    stage.go_to("2026-03-04T20:00:00Z").await;
    let change = stage.change(&booked).await;
    assert_eq!(change["state"], "rejected", "{change}");
    let why = text(&change["reason"]);
    assert!(why.contains("not before 2026-03-05T12:00:"), "{change}");
    assert_eq!(stage.carrier.ledger().totals.orders, 1);

    // What is sold comes back as soon as the carrier lets it.
    assert_eq!(change["return_leg"]["state"], "failed", "{change}");
    stage.go_to("2026-03-06T00:00:00Z").await;
    assert_eq!(stage.change(&booked).await["return_leg"]["state"], "verified");
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
    let ledger = stage.carrier.ledger();
    let orders = ledger.requests.iter().filter(|it| it.method == "PATCH");
    let (dry, real): (Vec<_>, Vec<_>) = orders.partition(|it| it.path.ends_with("dryRun=true"));
    assert_eq!((dry.len(), real.len(), ledger.totals.orders), (1, 2, 2));
    keep(&FABRIC, &stage).await;
}

#[tokio::test]
async fn the_shortest_window_that_began_late_comes_back_without_a_refused_order() {
    let stage = FABRIC.stage().await;
    let (port, booked) = booked(&FABRIC, &stage).await;
    let late = FABRIC.on_orders(Kind::LostRequest, 2);
    stage.carrier.fault(late).unwrap();
    go_past(&FABRIC, &stage).await;
    check_returned(&stage, &port, &booked, "late").await;
    let ledger = stage.carrier.ledger();
    let refused = ledger
        .requests
        .iter()
        .filter(|request| request.status == Some(400));
    assert_eq!(refused.count(), 0);
    let [up, down] = [0, 1].map(|n| ledger.orders[n].order.created_at);
    assert_eq!(down - up, TimeDelta::hours(24));
}
