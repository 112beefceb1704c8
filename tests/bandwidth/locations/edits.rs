//! Giving locations room, and moving ports.

use serde_json::{Value, json};

use super::{Site, add, evening};
use crate::{bandwidth::at, harness::text};

#[tokio::test]
async fn a_location_keeps_room_for_what_is_booked() {
    let site = Site::set(json!(8000)).await;
    let (own, others) = (site.own("p-1").await, site.others("p-2").await);
    site.stage
        .book(&own, 5000, &at("18:00:00"), &at("22:00:00"))
        .await;
    site.other
        .book(&others, 3000, &at("19:00:00"), &at("20:00:00"))
        .await;
    site.make_room(json!(7999)).await.problem(409, "capacity_booked");
    site.make_room(json!(8000)).await.expect(200);
    assert_eq!(
        site.make_room(Value::Null).await.expect(200)["capacity_mbps"],
        Value::Null
    );
    let third = site.own("p-3").await;
    site.stage
        .book(&third, 9000, &at("18:00:00"), &at("22:00:00"))
        .await;
    site.make_room(json!(16_999))
        .await
        .problem(409, "capacity_booked");
    site.make_room(json!(17_000)).await.expect(200);
    // What is over takes no room.
    site.stage.go_to("2026-03-05T00:00:00Z").await;
    site.make_room(json!(0)).await.expect(200);
    site.make_room(json!(-1)).await.problem(422, "json_unexpected");
    site.make_room(json!(2_000_000_000))
        .await
        .problem(422, "capacity_out_of_range");
}

#[tokio::test]
async fn a_ports_location_is_one_of_its_carriers_and_changes_while_nothing_is_booked() {
    let site = Site::set(json!(8000)).await;
    let client = &site.stage.reseller.client;
    let elsewhere = client
        .post("/v1/carriers", json!({ "name": "Elsewhere" }))
        .await
        .expect(201);
    let foreign = add(&site.stage, &text(&elsewhere["id"]), "FR5", Value::Null).await;
    let second = add(&site.stage, &site.stage.carrier_id, "AM1", json!(2000)).await;
    let path = format!("/v1/carriers/{}/locations", site.stage.carrier_id);
    let listed = client.get(&path).await.expect(200);
    let names: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["name"]))
        .collect();
    assert_eq!(names, ["FR5", "AM1"]);
    client
        .post(&path, json!({ "name": "AM1" }))
        .await
        .problem(409, "name_taken");

    let port = site.own("p-1").await;
    let place = format!("/v1/ports/{port}");
    let (client, place) = (client, &place);
    let moved = |to: Value| async move { client.patch(place, json!({ "location_id": to })).await };
    moved(json!(foreign)).await.problem(422, "location_unknown");
    assert_eq!(moved(Value::Null).await.expect(200)["location_id"], Value::Null);
    assert_eq!(moved(json!(second)).await.expect(200)["location_id"], second);
    // An edit of something else leaves it where it is.
    let renamed = client.patch(place, json!({ "name": "studio" })).await.expect(200);
    assert_eq!(renamed["location_id"], second);
    let refused = site
        .stage
        .customer
        .client
        .post("/v1/quotes", evening(&port, 3000, "18:00:00", "19:00:00"))
        .await;
    refused.problem(409, "location_full");
    assert_eq!(
        refused.expect(409)["next_possible_at"],
        Value::Null,
        "it never has room"
    );
    let booked = site
        .stage
        .book(&port, 2000, &at("18:00:00"), &at("22:00:00"))
        .await;
    moved(json!(site.location)).await.problem(409, "port_has_changes");
    moved(json!(second)).await.expect(200);
    let cancel = format!("/v1/bandwidth-changes/{}/cancel", text(&booked["id"]));
    site.stage
        .customer
        .client
        .post(&cancel, json!({}))
        .await
        .expect(200);
    moved(json!(site.location)).await.expect(200);
    let mut new = site.stage.new_port("p-9", 1000);
    new["location_id"] = json!(foreign);
    client
        .post("/v1/ports", new)
        .await
        .problem(422, "location_unknown");
}

#[tokio::test]
async fn a_schedule_leaves_out_what_has_no_room_and_a_moved_window_takes_its_own_place() {
    let site = Site::set(json!(8000)).await;
    let (own, others) = (site.own("p-1").await, site.others("p-2").await);
    let booked = site
        .stage
        .book(&own, 5000, &at("18:00:00"), &at("22:00:00"))
        .await;
    let terms = json!({ "mbps": 4000, "days": ["wednesday", "thursday"], "from": "20:00", "to": "21:00", "time_zone": "UTC",
        "ends_on": "2026-03-05" });
    let client = &site.other.client;
    let schedule = json!({ "port_id": others, "terms": terms });
    let schedule = client.post("/v1/schedules", schedule).await.expect(201);
    let path = format!("/v1/schedules/{}/occurrences", text(&schedule["id"]));
    let came = client.get(&path).await.expect(200);
    assert_eq!(came["items"][0]["left_out"]["code"], "location_full", "{came}");
    assert_eq!(came["items"][1]["state"], "scheduled", "{came}");
    // Faster, in the place that it has already.
    let mut wish = evening(&own, 8000, "18:00:00", "22:00:00");
    wish["replaces_id"] = booked["id"].clone();
    let quote = site
        .stage
        .customer
        .client
        .post("/v1/quotes", wish)
        .await
        .expect(201);
    let booking = json!({ "quote_id": quote["id"], "replaces_id": booked["id"] });
    site.stage
        .customer
        .client
        .post("/v1/bandwidth-changes", booking)
        .await
        .expect(201);
    assert_eq!(site.stage.change(&booked).await["state"], "cancelled");
}
