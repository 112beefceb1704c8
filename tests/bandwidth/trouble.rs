//! Carriers that reject, lose, delay and change things by themselves: the port comes back down.

use nexusport_simulator::{Fault, Kind, Match};

use super::{at, of, states};
use crate::harness::{Stage, text};
use serde_json::json;

/// Something that goes wrong for the next orders.
fn orders(kind: Kind, count: u32) -> Fault {
    let matching = Match {
        method: Some("POST".to_owned()),
        ..Match::default()
    };
    Fault {
        kind,
        count,
        matching,
    }
}

fn reject() -> Kind {
    Kind::Reject {
        code: "no_capacity".to_owned(),
        message: "no capacity today".to_owned(),
    }
}

#[tokio::test]
async fn what_the_carrier_rejects_releases_its_return_leg() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage
        .carrier
        .fault(Fault {
            kind: reject(),
            count: 1,
            matching: Match::default(),
        })
        .unwrap();
    stage.go_to("2026-03-05T00:00:00Z").await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), of("rejected", "released"));
    assert_eq!(change["reason"], "no capacity today (no_capacity)");
    assert_eq!(stage.shown(&port).await["drift_mbps"], 0);
    // More than the port can do, which only the carrier knows.
    let booked = stage
        .book(&port, 20_000, "2026-03-05T18:00:00Z", "2026-03-05T22:00:00Z")
        .await;
    stage.go_to("2026-03-06T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("rejected", "released"));
}

#[tokio::test]
async fn a_lost_reply_is_no_second_order() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.carrier.fault(orders(Kind::LostReply, 1)).unwrap();
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    let totals = stage.carrier.ledger().totals;
    assert_eq!((totals.orders, totals.duplicates, totals.lost_replies), (2, 0, 1));
}

#[tokio::test]
async fn a_return_leg_is_tried_until_the_port_is_back() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("21:00:00")).await;
    stage
        .carrier
        .fault(Fault {
            kind: reject(),
            count: 3,
            matching: Match::default(),
        })
        .unwrap();
    stage.go_to(&at("22:00:30")).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), of("verified", "failed"));
    assert_eq!(change["return_leg"]["reason"], "no capacity today (no_capacity)");
    let operations = stage
        .reseller
        .client
        .get(&format!("/v1/operations?port_id={port}"))
        .await
        .expect(200);
    let mut latest = operations["items"].as_array().unwrap().iter().rev();
    let last = latest
        .find(|operation| operation["kind"] == "change_bandwidth")
        .unwrap();
    assert!(text(&last["attention"]).contains("no capacity today"), "{last}");
    stage.go_to("2026-03-05T02:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
}

#[tokio::test]
async fn a_speed_that_is_never_seen_cannot_be_told_and_comes_back_down() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("18:00:05")).await;
    // The read-back has to wait, and meanwhile somebody else changes the port.
    let reads = Match {
        method: Some("GET".to_owned()),
        path_prefix: Some("/v1/ports".to_owned()),
    };
    let wait = Kind::Throttle {
        retry_after_seconds: 60,
    };
    stage
        .carrier
        .fault(Fault {
            kind: wait,
            count: 1,
            matching: reads,
        })
        .unwrap();
    stage.go_to(&at("18:00:50")).await;
    assert_eq!(states(&stage.change(&booked).await), of("applied", "reserved"));
    stage.carrier.drift("studio", 3000).unwrap();
    stage.go_to(&at("19:00:00")).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), of("indeterminate", "reserved"));
    assert_eq!(
        change["reason"],
        "5000 Mbps was asked, the carrier shows 3000 Mbps"
    );
    let seen = stage
        .customer
        .client
        .get(&format!("/v1/ports/{port}/observations"))
        .await
        .expect(200);
    // Once when the port was added, five times before it was given up.
    assert_eq!(seen["items"].as_array().unwrap().len(), 6);
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(
        states(&stage.change(&booked).await),
        of("indeterminate", "verified")
    );
    let speeds: Vec<_> = stage
        .intervals(&port)
        .await
        .into_iter()
        .map(|(mbps, ..)| mbps)
        .collect();
    assert_eq!(speeds, [1000, 3000, 1000]);
}

#[tokio::test]
async fn a_window_that_cannot_follow_brings_the_one_before_it_down() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let first = stage.book(&port, 3000, &at("18:00:00"), &at("20:00:00")).await;
    let second = stage.book(&port, 5000, &at("20:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("19:00:00")).await;
    stage
        .carrier
        .fault(Fault {
            kind: reject(),
            count: 1,
            matching: Match::default(),
        })
        .unwrap();
    stage.go_to(&at("21:00:00")).await;
    assert_eq!(states(&stage.change(&first).await), of("verified", "passed_on"));
    assert_eq!(states(&stage.change(&second).await), of("rejected", "verified"));
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
}

#[tokio::test]
async fn what_could_not_be_read_back_is_read_again() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("18:00:05")).await;
    let reads = Match {
        method: Some("GET".to_owned()),
        path_prefix: Some("/v1/ports".to_owned()),
    };
    let broken = Kind::Error { status: 418 };
    stage
        .carrier
        .fault(Fault {
            kind: broken,
            count: 2,
            matching: reads,
        })
        .unwrap();
    stage.go_to(&at("18:01:00")).await;
    assert_eq!(
        states(&stage.change(&booked).await),
        of("indeterminate", "reserved")
    );
    stage.go_to(&at("18:10:00")).await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "reserved"));
    assert_eq!(stage.carrier.ledger().totals.orders, 1);
}

#[tokio::test]
async fn an_order_that_never_left_has_failed() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    take_credential(&stage).await;
    stage.go_to(&at("18:30:00")).await;
    let change = stage.change(&booked).await;
    assert_eq!(states(&change), of("failed", "released"));
    assert!(change["reason"].is_string());
    assert_eq!(stage.carrier.ledger().totals.orders, 0);
}

#[tokio::test]
async fn a_return_leg_is_sent_once_it_can_be() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("20:00:00")).await;
    stage.go_to(&at("19:00:00")).await;
    take_credential(&stage).await;
    stage.go_to("2026-03-05T09:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "failed"));
    assert_eq!(stage.shown(&port).await["drift_mbps"], 4000);
    let credential = json!({
        "secret": { "kind": "oauth2", "client_id": stage.reseller.slug, "client_secret": "carrier-secret",
            "token_destination": "api", "token_target": "/oauth/token" },
        "destinations": ["api"],
    });
    stage
        .reseller
        .client
        .put(&oauth(&stage), credential)
        .await
        .expect(200);
    stage.go_to("2026-03-05T12:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    assert_eq!(stage.shown(&port).await["drift_mbps"], 0);
}

fn oauth(stage: &Stage) -> String {
    format!("/v1/carriers/{}/credentials/oauth", stage.carrier_id)
}

async fn take_credential(stage: &Stage) {
    stage.reseller.client.delete(&oauth(stage)).await.expect(204);
}
