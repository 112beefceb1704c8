//! The ledger of drift: what a carrier changed by itself, from when it says until it is gone, and nothing that something
//! under way explains.

use nexusport_simulator::{Fault, Kind, Match};
use serde_json::{Value, json};

use super::{at, of, states};
use crate::harness::{Client, Stage, text};

/// Has the port read back now.
pub async fn look(stage: &Stage, port: &str) {
    let path = format!("/v1/ports/{port}/observations");
    stage.reseller.client.post(&path, json!({})).await.expect(202);
    stage.work().await;
}

/// Every drift that somebody sees.
pub async fn drifts(client: &Client, filter: &str) -> Vec<Value> {
    let list = client.get(&format!("/v1/drifts?{filter}")).await.expect(200);
    list["items"].as_array().unwrap().clone()
}

/// A port of 1000 Mbps that the carrier gave another speed at `since`, found at once.
pub async fn drifted(stage: &Stage, mbps: u32, since: &str) -> (String, Value) {
    let port = stage.port("studio", 1000).await;
    stage.go_to(since).await;
    stage.carrier.drift("studio", mbps).unwrap();
    look(stage, &port).await;
    let open = drifts(&stage.reseller.client, "state=open").await;
    assert_eq!(open.len(), 1);
    (port, open[0].clone())
}

/// Alerts about drift: what they say, and where they stand.
pub async fn alerts(stage: &Stage) -> Vec<(String, String)> {
    let list = stage.reseller.client.get("/v1/alerts").await.expect(200);
    let all = list["items"].as_array().unwrap().iter();
    all.filter(|alert| alert["about"] == "drift")
        .map(|alert| (text(&alert["text"]), text(&alert["state"])))
        .collect()
}

#[tokio::test]
async fn a_drift_is_kept_from_when_the_carrier_says_until_it_is_gone() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    stage.go_to(&at("14:00:00")).await;
    stage.carrier.drift("studio", 3000).unwrap();
    stage.go_to(&at("15:00:00")).await;
    look(&stage, &port).await;
    let [open] = &drifts(&stage.customer.client, &format!("port_id={port}")).await[..] else {
        panic!("there is one drift");
    };
    for (field, value) in [
        ("state", json!("open")),
        ("port_id", json!(port)),
        ("customer_id", json!(stage.customer.id)),
        ("intended_mbps", json!(1000)),
        ("observed_mbps", json!(3000)),
        ("billed_mbps", json!(1000)),
        ("payer", json!("reseller")),
        ("since", json!(at("14:00:00"))),
        ("since_basis", json!("carrier")),
        ("seen_at", json!(at("15:00:00"))),
        ("outcome", Value::Null),
    ] {
        assert_eq!(open[field], value, "{field}");
    }
    let called = "the port studio has 3000 Mbps, meant are 1000 Mbps".to_owned();
    assert_eq!(alerts(&stage).await, [(called, "open".to_owned())]);

    // Seen again it is the same one; another speed is another.
    look(&stage, &port).await;
    stage.go_to(&at("16:00:00")).await;
    stage.carrier.drift("studio", 400).unwrap();
    stage.go_to(&at("16:30:00")).await;
    look(&stage, &port).await;
    let client = &stage.customer.client;
    let all = drifts(client, "").await;
    assert_eq!(all.len(), 2);
    assert_eq!(
        (&all[0]["id"], &all[0]["outcome"], &all[0]["ended_at"]),
        (&open["id"], &json!("changed"), &json!(at("16:00:00")))
    );
    assert_eq!(
        (&all[1]["observed_mbps"], &all[1]["billed_mbps"], &all[1]["payer"]),
        (&json!(400), &json!(400), &json!("nobody"))
    );
    let called = "the port studio has 400 Mbps, meant are 1000 Mbps".to_owned();
    assert_eq!(alerts(&stage).await, [(called.clone(), "open".to_owned())]);

    stage.go_to(&at("17:00:00")).await;
    stage.carrier.drift("studio", 1000).unwrap();
    look(&stage, &port).await;
    let gone = client
        .get(&format!("/v1/drifts/{}", text(&all[1]["id"])))
        .await
        .expect(200);
    assert_eq!(
        (&gone["state"], &gone["outcome"], &gone["ended_at"]),
        (&json!("ended"), &json!("gone"), &json!(at("17:00:00")))
    );
    assert_eq!(alerts(&stage).await, [(called, "resolved".to_owned())]);
    assert_eq!(drifts(client, "state=open").await, Vec::<Value>::new());
    client
        .get("/v1/drifts?state=lost")
        .await
        .problem(422, "state_unknown");
}

#[tokio::test]
async fn what_is_under_way_or_was_not_looked_at_since_is_no_drift() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    // The order takes the carrier 20 seconds, up and down.
    for time in ["18:00:05", "22:00:05"] {
        stage.go_to(&at(time)).await;
        look(&stage, &port).await;
    }
    stage.go_to(&at("23:00:00")).await;
    look(&stage, &port).await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    assert_eq!(drifts(&stage.reseller.client, "").await, Vec::<Value>::new());
    assert_eq!(alerts(&stage).await, []);
}

#[tokio::test]
async fn a_return_that_failed_is_drift_and_calls_nobody_a_second_time() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("21:00:00")).await;
    let (code, message) = ("no_capacity".to_owned(), "no capacity today".to_owned());
    let reject = Fault {
        kind: Kind::Reject { code, message },
        count: 1,
        matching: Match::default(),
    };
    stage.carrier.fault(reject).unwrap();
    stage.go_to(&at("22:00:30")).await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "failed"));
    let open = drifts(&stage.reseller.client, "state=open").await;
    let shown = |drift: &Value| {
        let speeds = (drift["intended_mbps"].clone(), drift["observed_mbps"].clone());
        (speeds, text(&drift["since"]), text(&drift["since_basis"]))
    };
    let expect = ((json!(1000), json!(5000)), at("22:00:00"), "plan".to_owned());
    assert_eq!(open.iter().map(shown).collect::<Vec<_>>(), [expect]);
    assert_eq!(alerts(&stage).await, []);
    stage.go_to("2026-03-05T02:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    let all = drifts(&stage.reseller.client, "").await;
    assert_eq!((all.len(), &all[0]["outcome"]), (1, &json!("gone")));
}

#[tokio::test]
async fn an_adopted_speed_is_the_ports_base_from_now_on() {
    let stage = Stage::set().await;
    let (port, drift) = drifted(&stage, 3000, &at("14:00:00")).await;
    stage.go_to(&at("16:00:00")).await;
    let adopt = format!("/v1/drifts/{}/adopt", text(&drift["id"]));
    let client = &stage.reseller.client;
    stage
        .customer
        .client
        .post(&adopt, json!({}))
        .await
        .problem(403, "permission_missing");
    let adopted = client.post(&adopt, json!({})).await.expect(200);
    assert_eq!(
        (&adopted["state"], &adopted["outcome"], &adopted["ended_at"]),
        (&json!("ended"), &json!("adopted"), &json!(at("16:00:00")))
    );
    assert_eq!(adopted["settled_by"]["kind"], "api_key");
    let theirs = drifts(&stage.customer.client, "state=ended").await;
    assert_eq!(
        (&theirs[0]["id"], &theirs[0]["settled_by"]),
        (&drift["id"], &Value::Null)
    );
    let shown = stage.shown(&port).await;
    assert_eq!(
        (&shown["base_mbps"], &shown["intended_mbps"], &shown["drift_mbps"]),
        (&json!(3000), &json!(3000), &json!(0))
    );
    assert!(alerts(&stage).await.iter().all(|(_, state)| state == "resolved"));
    client
        .post(&adopt, json!({}))
        .await
        .problem(409, "drift_not_open");
    let audit = client
        .get("/v1/audit-events?action=drift.adopt")
        .await
        .expect(200);
    assert_eq!(audit["items"][0]["detail"]["to_mbps"], 3000);
    // A window over it comes back down to it.
    let booked = stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to("2026-03-05T00:00:00Z").await;
    assert_eq!(states(&stage.change(&booked).await), of("verified", "verified"));
    assert_eq!(stage.shown(&port).await["observed_mbps"], 3000);
}

#[tokio::test]
async fn what_is_seen_in_a_window_or_was_meant_before_is_not_adopted() {
    let stage = Stage::set().await;
    let port = stage.port("studio", 1000).await;
    stage.book(&port, 5000, &at("18:00:00"), &at("22:00:00")).await;
    stage.go_to(&at("19:00:00")).await;
    stage.carrier.drift("studio", 2000).unwrap();
    look(&stage, &port).await;
    let open = drifts(&stage.reseller.client, "state=open").await;
    assert_eq!(
        (
            &open[0]["intended_mbps"],
            &open[0]["observed_mbps"],
            &open[0]["billed_mbps"]
        ),
        (&json!(5000), &json!(2000), &json!(2000))
    );
    let client = &stage.reseller.client;
    let path = |what: &str| format!("/v1/drifts/{}/{what}", text(&open[0]["id"]));
    client
        .post(&path("adopt"), json!({}))
        .await
        .problem(409, "window_in_force");
    // The window is over, and nobody has looked yet.
    stage.skip_to(&at("22:00:00"));
    for what in ["adopt", "correct"] {
        client
            .post(&path(what), json!({}))
            .await
            .problem(409, "port_busy");
    }
    stage.go_to(&at("23:00:00")).await;
    assert_eq!(drifts(client, "state=open").await, Vec::<Value>::new());
    assert_eq!(stage.shown(&port).await["observed_mbps"], 1000);
}

#[tokio::test]
async fn a_drift_ends_where_its_port_is_closed() {
    let stage = Stage::set().await;
    let (port, drift) = drifted(&stage, 3000, &at("14:00:00")).await;
    stage.go_to(&at("15:00:00")).await;
    let client = &stage.reseller.client;
    client
        .post(&format!("/v1/ports/{port}/close"), json!({}))
        .await
        .expect(200);
    let ended = client
        .get(&format!("/v1/drifts/{}", text(&drift["id"])))
        .await
        .expect(200);
    assert_eq!(
        (&ended["outcome"], &ended["ended_at"]),
        (&json!("port_closed"), &json!(at("15:00:00")))
    );
    assert!(alerts(&stage).await.iter().all(|(_, state)| state == "resolved"));
}
