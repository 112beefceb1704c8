//! Reading ports and asking what would be possible.

use nexusport_simulator::NewPort;
use serde_json::json;

use crate::harness::Carrier;

#[tokio::test]
async fn a_port_tells_its_speed_and_since_when() {
    let carrier = Carrier::new().await;
    let port = carrier.get("/v1/ports/port-1").await;
    assert_eq!(port.status, 200);
    let expect = json!({
        "id": "port-1", "mbps": 1000, "max_mbps": 10000, "since": "2026-03-02T10:00:00.000Z", "status": "ACTIVE",
    });
    assert_eq!(port.json, expect);
}

#[tokio::test]
async fn every_port_of_the_account_is_on_exactly_one_page() {
    let carrier = Carrier::new().await;
    carrier.rival().await;
    for number in 0..100 {
        carrier
            .control
            .add_port(NewPort::new("acme", &format!("many-{number:03}"), 100, 100))
            .unwrap();
    }
    let (mut ids, mut sizes, mut path) = (vec![], vec![], "/v1/ports".to_owned());
    loop {
        let page = carrier.get(&path).await.json;
        let ports = page["ports"].as_array().unwrap();
        sizes.push(ports.len());
        ids.extend(ports.iter().map(|port| port["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/ports?cursor={next}");
    }
    let mut expect: Vec<_> = (0..100).map(|number| format!("many-{number:03}")).collect();
    expect.push("port-1".to_owned());
    assert_eq!((sizes, ids), (vec![50, 50, 1], expect));
}

#[tokio::test]
async fn a_check_answers_what_an_order_would_and_changes_nothing() {
    let carrier = Carrier::new().await;
    let check = async |mbps: u32| {
        let answer = carrier
            .post("/v1/ports/port-1/check", json!({ "mbps": mbps }))
            .await;
        assert_eq!(answer.status, 200);
        (
            answer.json["feasible"].as_bool().unwrap(),
            answer.json["code"].as_str().map(str::to_owned),
        )
    };
    assert_eq!(check(10_000).await, (true, None));
    assert_eq!(check(10_100).await, (false, Some("too_fast".to_owned())));
    assert_eq!(check(150).await, (false, Some("bad_speed".to_owned())));
    assert_eq!(check(0).await, (false, Some("bad_speed".to_owned())));
    assert_eq!(carrier.control.ledger().totals.orders, 0);
    carrier.placed(2_000, "a").await;
    assert_eq!(check(10_000).await, (false, Some("order_in_flight".to_owned())));
}

#[tokio::test]
async fn drift_changes_the_port_without_an_order() {
    let carrier = Carrier::new().await;
    carrier.at_ms(5_000);
    carrier.control.drift("port-1", 300).unwrap();
    let port = carrier.get("/v1/ports/port-1").await.json;
    assert_eq!(
        (&port["mbps"], &port["since"]),
        (&json!(300), &json!("2026-03-02T10:00:05.000Z"))
    );
    assert_eq!(carrier.control.ledger().totals.orders, 0);
}

#[tokio::test]
async fn a_clock_driven_back_finds_the_port_as_it_was_then() {
    let carrier = Carrier::new().await;
    carrier.at_ms(5_000);
    carrier.control.drift("port-1", 300).unwrap();
    carrier.at_ms(4_999);
    assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], 1_000);
    carrier.at_ms(5_000);
    assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], 300);
}

#[tokio::test]
async fn what_happens_later_at_the_same_instant_counts() {
    let carrier = Carrier::new().await;
    carrier.placed(2_000, "a").await;
    carrier.at_ms(20_000);
    carrier.control.drift("port-1", 300).unwrap();
    assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], 300);
    carrier.control.set_provision_seconds(0);
    carrier.placed(4_000, "b").await;
    assert_eq!(carrier.get("/v1/ports/port-1").await.json["mbps"], 4_000);
}

#[tokio::test]
async fn a_clock_driven_to_before_the_port_was_set_up_finds_it_there() {
    let carrier = Carrier::new().await;
    carrier.at_ms(-86_400_000);
    let port = carrier.get("/v1/ports/port-1").await.status;
    // The token was given out in the future and is good now.
    assert_eq!(port, 200);
    carrier.placed(2_000, "a").await;
    carrier.at_ms(-86_400_000 + 25_000);
    let port = carrier.get("/v1/ports/port-1").await.json;
    assert_eq!(
        (&port["mbps"], &port["since"]),
        (&json!(2_000), &json!("2026-03-01T10:00:20.000Z"))
    );
}
