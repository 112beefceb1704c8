//! Having a drift corrected: one more order, seen before it counts, and at no time two speeds asked of a port.

use nexusport_simulator::{Fault, Kind, Match};
use serde_json::{Value, json};

use super::{
    at,
    drift::{alerts, drifted, drifts, look},
    of, states,
};
use crate::harness::{Stage, text};

fn path(drift: &Value, what: &str) -> String {
    format!("/v1/drifts/{}{what}", text(&drift["id"]))
}

async fn shown(stage: &Stage, drift: &Value) -> Value {
    stage.reseller.client.get(&path(drift, "")).await.expect(200)
}

#[tokio::test]
async fn a_drift_that_is_corrected_ends_when_the_port_is_seen_with_what_is_meant() {
    let stage = Stage::set().await;
    let (port, drift) = drifted(&stage, 3000, &at("14:00:00")).await;
    let client = &stage.reseller.client;
    let (correct, adopt) = (path(&drift, "/correct"), path(&drift, "/adopt"));
    stage
        .customer
        .client
        .post(&correct, json!({}))
        .await
        .problem(403, "permission_missing");
    let correcting = client.post(&correct, json!({})).await.expect(200);
    assert_eq!(correcting["state"], "correcting");
    stage.work().await;
    for again in [&correct, &adopt] {
        client.post(again, json!({})).await.problem(409, "drift_not_open");
    }
    let close = format!("/v1/ports/{port}/close");
    client
        .post(&close, json!({}))
        .await
        .problem(409, "port_has_changes");
    // A look before the order is done says nothing.
    look(&stage, &port).await;
    assert_eq!(shown(&stage, &drift).await["state"], "correcting");
    stage.go_to(&at("14:01:00")).await;
    let ended = shown(&stage, &drift).await;
    assert_eq!(
        (&ended["state"], &ended["outcome"], &ended["note"]),
        (&json!("ended"), &json!("corrected"), &Value::Null)
    );
    assert_eq!(ended["settled_by"]["kind"], "api_key");
    assert_eq!(stage.shown(&port).await["drift_mbps"], 0);
    assert_eq!(stage.carrier.ledger().totals.orders, 1);
    assert!(alerts(&stage).await.iter().all(|(_, state)| state == "resolved"));
    client
        .post(&correct, json!({}))
        .await
        .problem(409, "drift_not_open");
    let audit = client
        .get("/v1/audit-events?action=drift.correct")
        .await
        .expect(200);
    let detail = &audit["items"][0]["detail"];
    assert_eq!(
        (&detail["from_mbps"], &detail["to_mbps"]),
        (&json!(3000), &json!(1000))
    );
}

#[tokio::test]
async fn a_correction_that_the_carrier_rejects_leaves_the_drift_open_and_says_why() {
    let stage = Stage::set().await;
    let (_, drift) = drifted(&stage, 3000, &at("14:00:00")).await;
    let (code, message) = ("no_capacity".to_owned(), "no capacity today".to_owned());
    let reject = Fault {
        kind: Kind::Reject { code, message },
        count: 1,
        matching: Match::default(),
    };
    stage.carrier.fault(reject).unwrap();
    let correct = path(&drift, "/correct");
    stage.reseller.client.post(&correct, json!({})).await.expect(200);
    stage.go_to(&at("14:05:00")).await;
    let open = shown(&stage, &drift).await;
    assert_eq!(
        (&open["state"], &open["note"]),
        (&json!("open"), &json!("no capacity today (no_capacity)"))
    );
    assert!(alerts(&stage).await.iter().all(|(_, state)| state == "open"));
    stage.reseller.client.post(&correct, json!({})).await.expect(200);
    stage.go_to(&at("14:10:00")).await;
    assert_eq!(shown(&stage, &drift).await["outcome"], "corrected");
}

#[tokio::test]
async fn a_window_that_is_due_waits_for_a_correction_and_a_correction_for_a_window() {
    let stage = Stage::set().await;
    let (port, drift) = drifted(&stage, 3000, &at("17:59:50")).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    let client = &stage.reseller.client;
    client
        .post(&path(&drift, "/correct"), json!({}))
        .await
        .expect(200);
    stage.go_to(&at("18:00:05")).await;
    assert_eq!(stage.carrier.ledger().totals.orders, 1);
    assert_eq!(states(&stage.change(&booked).await), of("scheduled", "reserved"));
    stage.go_to(&at("18:05:00")).await;
    // What is there is not what was meant when the drift began, and no drift any more.
    assert_eq!(shown(&stage, &drift).await["state"], "ended");
    assert_eq!(states(&stage.change(&booked).await), of("verified", "reserved"));
    stage.go_to(&at("23:00:00")).await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    let totals = stage.carrier.ledger().totals;
    assert_eq!((totals.orders, totals.duplicates), (3, 0));
    assert_eq!(stage.shown(&port).await["drift_mbps"], 0);
}

#[tokio::test]
async fn a_correction_that_was_given_up_is_ordered_anew_and_not_taken_up() {
    let stage = Stage::set().await;
    let (port, drift) = drifted(&stage, 3000, &at("14:00:00")).await;
    let client = &stage.reseller.client;
    let correcting = client
        .post(&path(&drift, "/correct"), json!({}))
        .await
        .expect(200);
    stage.work().await;
    let operation = format!("/v1/operations/{}", text(&correcting["operation_id"]));
    client
        .post(&format!("{operation}/cancel"), json!({}))
        .await
        .expect(200);
    client
        .post(&format!("{operation}/retry"), json!({}))
        .await
        .problem(409, "correction");
    stage.work().await;
    let open = shown(&stage, &drift).await;
    assert_eq!(
        (&open["state"], &open["note"]),
        (&json!("open"), &json!("cancelled by hand"))
    );
    // The carrier had the order, and carries it out.
    stage.go_to(&at("14:01:00")).await;
    look(&stage, &port).await;
    assert_eq!(shown(&stage, &drift).await["outcome"], "gone");
}

#[tokio::test]
async fn a_return_that_nobody_could_tell_of_is_drift_from_the_windows_end_on() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("21:00:00")).await;
    // The carrier takes no orders for a while, and answers every question.
    let broken = Fault {
        kind: Kind::Error { status: 500 },
        count: 10_000,
        matching: Match {
            method: Some("POST".to_owned()),
            ..Match::default()
        },
    };
    stage.carrier.fault(broken).unwrap();
    stage.go_to("2026-03-05T06:00:00Z").await;
    assert_eq!(
        states(&stage.change(&booked).await),
        of("verified", "indeterminate")
    );
    let open = drifts(&stage.reseller.client, "state=open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    let drift = &open[0];
    let speeds = (
        &drift["intended_mbps"],
        &drift["observed_mbps"],
        &drift["billed_mbps"],
    );
    assert_eq!(speeds, (&json!(1000), &json!(5000), &json!(1000)));
    assert_eq!(
        (&drift["since"], &drift["payer"]),
        (&json!(at("22:00:00")), &json!("reseller"))
    );
    assert_eq!(alerts(&stage).await, [], "the return leg has called somebody");
}
