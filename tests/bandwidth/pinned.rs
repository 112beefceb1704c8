//! What has begun ends with what it began with, whatever is activated meanwhile.

use serde_json::{Value, json};

use crate::harness::{Pricing, Shop, Stage, text};

async fn operations(stage: &Stage) -> Vec<Value> {
    let listed = stage
        .customer
        .client
        .get("/v1/operations?limit=200")
        .await
        .expect(200);
    listed["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_booked_change_keeps_its_quote_and_an_operation_ends_on_the_release_it_began_with() {
    let stage = Stage::set().await;
    let port = stage.port("q-1", 1000).await;
    let wish = json!({ "port_id": port, "kind": "window", "mbps": 5000,
        "starts_at": "2026-03-03T18:00:00Z", "ends_at": "2026-03-03T22:00:00Z" });
    let client = &stage.customer.client;
    let quote = client.post("/v1/quotes", wish).await.expect(201);
    let booking = json!({ "quote_id": quote["id"] });
    client.post("/v1/bandwidth-changes", booking).await.expect(201);

    // The order takes the carrier 20 seconds.
    stage.go_to("2026-03-03T18:00:05Z").await;
    let begun = operations(&stage).await.last().unwrap().clone();
    assert_ne!(begun["state"], "done", "{begun}");
    let shop = Shop {
        reseller: stage.reseller.clone(),
        carrier_id: stage.carrier_id.clone(),
    };
    let adapter = json!({ "carrier_id": stage.carrier_id, "settings": { "poll_seconds": 5 } });
    shop.activate("second", nexusport_plugins::CARRIER_SIMULATOR, adapter)
        .await;
    let dearer = json!({ "settings": { "base_per_mbps": "9", "burst_per_mbps_hour": "9" } });
    shop.activate("dearer", Pricing::Burst.component(), dearer).await;

    stage.go_to("2026-03-03T22:10:00Z").await;
    let all = operations(&stage).await;
    let ended = all
        .iter()
        .find(|operation| operation["id"] == begun["id"])
        .unwrap();
    assert_eq!(
        (&ended["state"], &ended["release_id"]),
        (&json!("done"), &begun["release_id"])
    );
    let back = all.last().unwrap();
    assert_ne!(
        back["release_id"], begun["release_id"],
        "what begins later begins with what serves then"
    );
    let kept = client
        .get(&format!("/v1/quotes/{}", text(&quote["id"])))
        .await
        .expect(200);
    for field in ["digest", "amount", "lines"] {
        assert_eq!(kept[field], quote[field], "{field}");
    }
}
