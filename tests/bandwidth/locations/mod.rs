//! Locations, where windows never add up to more than there is room for.

mod edits;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::{at, window};
use crate::harness::{Customer, Stage, text};

/// A stage with a location at its carrier, and another customer.
struct Site {
    stage: Stage,
    location: String,
    other: Customer,
}

impl Site {
    async fn set(capacity_mbps: Value) -> Self {
        let stage = Stage::set().await;
        let location = add(&stage, &stage.carrier_id, "FR5", capacity_mbps).await;
        let other = stage.host.customer(&stage.reseller, "mole").await;
        Self {
            stage,
            location,
            other,
        }
    }

    /// A customer's port of 1000 Mbps at the location.
    async fn port(&self, customer: &Customer, reference: &str) -> String {
        self.stage.build_port(reference, 1000);
        let mut new = self.stage.new_port(reference, 1000);
        new["customer_id"] = json!(customer.id);
        new["location_id"] = json!(self.location);
        let port = self
            .stage
            .reseller
            .client
            .post("/v1/ports", new)
            .await
            .expect(201);
        assert_eq!(port["location_id"], self.location);
        self.stage.work().await;
        text(&port["id"])
    }

    async fn own(&self, reference: &str) -> String {
        self.port(&self.stage.customer, reference).await
    }

    async fn others(&self, reference: &str) -> String {
        self.port(&self.other, reference).await
    }

    /// Gives the location another capacity.
    async fn make_room(&self, capacity_mbps: Value) -> crate::harness::Answer {
        let path = format!("/v1/locations/{}", self.location);
        let wish = json!({ "name": "FR5", "capacity_mbps": capacity_mbps });
        self.stage.reseller.client.put(&path, wish).await
    }
}

async fn add(stage: &Stage, carrier: &str, name: &str, capacity_mbps: Value) -> String {
    let path = format!("/v1/carriers/{carrier}/locations");
    let wish = json!({ "name": name, "capacity_mbps": capacity_mbps });
    text(&stage.reseller.client.post(&path, wish).await.expect(201)["id"])
}

fn evening(port: &str, mbps: u32, from: &str, to: &str) -> Value {
    window(port, mbps, &at(from), &at(to))
}

#[tokio::test]
async fn windows_at_a_location_never_add_up_to_more_than_it_has_room_for() {
    let site = Site::set(json!(8000)).await;
    let (own, others) = (site.own("p-1").await, site.others("p-2").await);
    let (client, theirs) = (&site.stage.customer.client, &site.other.client);
    let booked = site
        .stage
        .book(&own, 5000, &at("18:00:00"), &at("22:00:00"))
        .await;
    let refused = theirs
        .post("/v1/quotes", evening(&others, 5000, "19:00:00", "23:00:00"))
        .await;
    refused.problem(409, "location_full");
    let refused = refused.expect(409);
    assert_eq!(refused["next_possible_at"], at("22:00:00"));
    let detail = text(&refused["detail"]);
    assert!(
        detail.contains("5000 Mbps") && !detail.contains("8000"),
        "{detail}"
    );
    // To the last Mbps, and from the instant at which the other one ends.
    site.other
        .book(&others, 3000, &at("19:00:00"), &at("22:00:00"))
        .await;
    site.other
        .book(&others, 8000, &at("22:00:00"), &at("23:00:00"))
        .await;
    let third = site.own("p-3").await;
    let wish = evening(&third, 1100, "21:00:00", "21:30:00");
    client
        .post("/v1/quotes", wish.clone())
        .await
        .problem(409, "location_full");
    // What is given back is free again.
    let cancel = format!("/v1/bandwidth-changes/{}/cancel", text(&booked["id"]));
    client.post(&cancel, json!({})).await.expect(200);
    client.post("/v1/quotes", wish).await.expect(201);
    // Permanent speeds do not count.
    let base = json!({ "port_id": third, "kind": "base", "mbps": 10_000 });
    site.stage.book_wish(base).await;
}

#[tokio::test]
async fn of_two_that_were_quoted_the_last_room_one_gets_it() {
    let site = Site::set(json!(8000)).await;
    let mut bookings = Vec::new();
    for n in 0..6 {
        let customer = if n % 2 == 0 {
            &site.stage.customer
        } else {
            &site.other
        };
        let port = site.port(customer, &format!("p-{n}")).await;
        let wish = evening(&port, 3000, "18:00:00", "22:00:00");
        let quote = customer.client.post("/v1/quotes", wish).await.expect(201);
        let booking = json!({ "quote_id": quote["id"] });
        bookings.push((&customer.client, booking));
    }
    let sent = bookings
        .into_iter()
        .map(|(client, booking)| client.post("/v1/bandwidth-changes", booking));
    let answers = futures::future::join_all(sent).await;
    let booked = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "location_full");
    }
    assert_eq!(booked, 2, "3000 Mbps of 8000 each");
}

#[tokio::test]
async fn the_database_refuses_what_has_no_room_whatever_the_code_believes() {
    let site = Site::set(json!(8000)).await;
    let (own, others) = (site.own("p-1").await, site.others("p-2").await);
    site.stage
        .book(&own, 5000, &at("18:00:00"), &at("22:00:00"))
        .await;
    site.other
        .book(&others, 3000, &at("12:00:00"), &at("13:00:00"))
        .await;
    let mut superuser = site.stage.host.database.superuser().await;
    let like_the_other = |mbps: u32| {
        format!(
            "insert into quote select reseller_id, tenant_id, gen_random_uuid(), port_id, kind, mbps, starts_at, ends_at, currency, amount,
                recurring, lines, digest, settings, created_at, expires_at from quote where port_id = '{others}' limit 1;
            insert into bandwidth_change (reseller_id, tenant_id, id, port_id, quote_id, kind, mbps, starts_at, ends_at, state,
                initiated_by_kind, initiated_by, created_at)
            select reseller_id, tenant_id, gen_random_uuid(), port_id, (select id from quote q where q.port_id = c.port_id and not exists (
                    select from bandwidth_change b where b.quote_id = q.id) limit 1), kind, {mbps}, '{}', '{}', state,
                initiated_by_kind, initiated_by, created_at
            from bandwidth_change c where port_id = '{others}' limit 1",
            at("19:00:00"),
            at("20:00:00")
        )
    };
    let reseller = format!("set app.reseller_id = '{}'", site.stage.reseller.id);
    sqlx::raw_sql(AssertSqlSafe(reseller))
        .execute(&mut superuser)
        .await
        .unwrap();
    let refused = sqlx::raw_sql(AssertSqlSafe(like_the_other(3001)))
        .execute(&mut superuser)
        .await
        .unwrap_err();
    let constraint = refused.as_database_error().and_then(|error| error.constraint());
    assert_eq!(constraint, Some("location_has_room"), "{refused}");
    sqlx::raw_sql(AssertSqlSafe(like_the_other(3000)))
        .execute(&mut superuser)
        .await
        .unwrap();
}
