//! Asking to leave for good, and taking that back (C45): by whom, by what, and what is refused.

use serde_json::{Value, json};

use super::{busy_stage, days_later, export, wish};
use crate::harness::{Host, text};

#[tokio::test]
async fn a_tenant_leaves_only_by_its_name_with_a_reason_an_archive_and_nothing_under_way() {
    let (stage, port) = busy_stage().await;
    let client = &stage.customer.client;
    let ask = async |slug: &str, reason: &str| {
        let asked = json!({ "slug": slug, "reason": reason });
        client.post("/v1/departures", asked).await
    };
    let reason = "the piers are sold";
    ask("key", reason).await.problem(422, "slug_differs");
    ask("quay", "because").await.problem(422, "reason_invalid");
    ask("quay", reason).await.problem(409, "export_missing");
    client
        .post("/v1/departures", json!({ "slug": "quay" }))
        .await
        .problem(422, "json_unexpected");
    let change = stage
        .book(&port, 2000, "2026-04-10T18:00:00Z", "2026-04-10T22:00:00Z")
        .await;
    let said = client
        .post("/v1/departures", wish("quay"))
        .await
        .problem(409, "work_pending");
    assert!(
        said.contains("quay: 1 bandwidth changes, 1 return legs"),
        "{said}"
    );
    let cancel = format!("/v1/bandwidth-changes/{}/cancel", text(&change["id"]));
    assert!(client.post(&cancel, json!({})).await.status.is_success());
    export(&stage.host, client).await;
    let departure = ask("quay", reason).await.expect(201);
    assert_eq!(
        (&departure["state"], &departure["wished_by"], &departure["reason"]),
        (&json!("waiting"), &json!("tenant"), &json!(reason))
    );
    let listed = stage.reseller.client.get("/v1/departures").await.expect(200);
    assert_eq!(listed["items"], json!([departure]));
    client
        .post("/v1/departures", wish("quay"))
        .await
        .problem(409, "already_leaving");
}

#[tokio::test]
async fn nobody_leaves_while_it_is_unknown_whether_an_order_is_in_force() {
    let (stage, port) = busy_stage().await;
    let mut conn = stage.host.database.superuser().await;
    let ask = async || stage.customer.client.post("/v1/departures", wish("quay")).await;
    let state = async |conn: &mut sqlx::PgConnection, change: &str, leg: &str| {
        let sql = format!(
            "set session_replication_role = replica; update bandwidth_change set state = '{change}';
            update return_leg set state = '{leg}'; reset session_replication_role"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(conn)
            .await
            .unwrap();
    };
    for (change, leg) in [
        ("indeterminate", "indeterminate"),
        ("indeterminate", "failed"),
        ("reverted", "reserved"),
        ("applying", "released"),
    ] {
        state(&mut conn, change, leg).await;
        let said = ask().await.problem(409, "work_pending");
        assert!(said.contains("quay: "), "{said}");
    }
    // Nobody knows whether it was in force; that the port is back is known.
    state(&mut conn, "indeterminate", "verified").await;
    let departure = text(&ask().await.expect(201)["id"]);
    let path = format!("/v1/departures/{departure}");
    stage.customer.client.delete(&path).await.expect(204);
    sqlx::raw_sql(
        "set session_replication_role = replica; delete from return_leg; reset session_replication_role",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    ask().await.problem(409, "work_pending");
    sqlx::query("update port set state = 'closed' where id = $1::uuid")
        .bind(&port)
        .execute(&mut conn)
        .await
        .unwrap();
    ask().await.expect(201);
}

#[tokio::test]
async fn nothing_new_begins_for_a_leaving_tenant_whoever_asks_and_it_can_stay() {
    let (stage, port) = busy_stage().await;
    let client = &stage.customer.client;
    let departure = client.post("/v1/departures", wish("quay")).await.expect(201);
    let quote = json!({ "port_id": port, "kind": "window", "mbps": 2000,
        "starts_at": "2026-04-20T18:00:00Z", "ends_at": "2026-04-20T22:00:00Z" });
    client
        .post("/v1/quotes", quote.clone())
        .await
        .problem(403, "tenant_leaving");
    client
        .post("/v1/api-keys", json!({ "name": "k" }))
        .await
        .problem(403, "tenant_leaving");
    client.get("/v1/ports").await.expect(200);
    export(&stage.host, client).await;
    stage.build_port("q-2", 1000);
    let reseller = &stage.reseller.client;
    reseller
        .post("/v1/quotes", quote.clone())
        .await
        .problem(409, "tenant_leaving");
    reseller
        .post("/v1/ports", stage.new_port("q-2", 1000))
        .await
        .problem(409, "tenant_leaving");
    let path = format!("/v1/departures/{}", text(&departure["id"]));
    assert_eq!(client.delete(&path).await.status, 204);
    client.delete(&path).await.problem(409, "departure_over");
    client.post("/v1/quotes", quote).await.expect(201);
    stage.go_to("2026-06-01T00:00:00Z").await;
    assert_eq!(
        client.get("/v1/ports").await.expect(200)["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn whoever_wished_for_a_departure_takes_it_back_and_nobody_else() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let other = host.reseller("harbour").await;
    let customer = host.customer(&reseller, "alpine").await;
    let sibling = host.customer(&reseller, "danube").await;
    let sent = json!({ "customer_id": customer.id, "slug": "alpine", "reason": "bills were not paid", "without_export": true });
    let missing = other.client.post("/v1/departures", sent.clone()).await;
    let mut nobody = sent.clone();
    nobody["customer_id"] = json!("00000000-0000-7000-8000-000000000000");
    let of_nobody = other.client.post("/v1/departures", nobody).await;
    assert_eq!((missing.status.as_u16(), &missing.bytes), (404, &of_nobody.bytes));
    for client in [&customer.client, &sibling.client] {
        let answer = client.post("/v1/departures", sent.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.bytes), (404, &of_nobody.bytes));
    }
    let own = json!({ "customer_id": reseller.id, "slug": "northlight", "reason": "not a customer", "without_export": true });
    reseller
        .client
        .post("/v1/departures", own)
        .await
        .problem(404, "not_found");

    let departure = reseller.client.post("/v1/departures", sent).await.expect(201);
    assert_eq!(departure["wished_by"], "reseller");
    let path = format!("/v1/departures/{}", text(&departure["id"]));
    customer
        .client
        .delete(&path)
        .await
        .problem(409, "departure_of_another");
    for client in [&sibling.client, &other.client] {
        client.delete(&path).await.problem(404, "not_found");
    }
    reseller.client.delete(&path).await.expect(204);
    let departure = customer
        .client
        .post("/v1/departures", wish("alpine"))
        .await
        .expect(201);
    let path = format!("/v1/departures/{}", text(&departure["id"]));
    reseller
        .client
        .delete(&path)
        .await
        .problem(409, "departure_of_another");
    customer.client.delete(&path).await.expect(204);
    customer.client.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_departures_terms_are_a_setting_of_the_resellers_within_bounds() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    let path = format!("/v1/customers/{}/settings/leaving", customer.id);
    let shown = reseller.client.get(&path).await.expect(200);
    assert_eq!(
        (&shown["value"], &shown["source"]),
        (
            &json!({ "grace_days": 30, "documents_years": 10 }),
            &json!("platform")
        )
    );
    let set = async |value: Value| reseller.client.put(&path, value).await;
    for (grace, years, rule) in [
        (6, 10, "/grace_days"),
        (366, 10, "/grace_days"),
        (30, 0, "/documents_years"),
        (30, 31, "/documents_years"),
    ] {
        let said = set(json!({ "grace_days": grace, "documents_years": years }))
            .await
            .problem(422, "setting_invalid");
        assert!(said.contains(rule), "{said}");
    }
    set(json!({ "grace_days": 7 })).await.expect(200);
    let seen = customer.client.get("/v1/settings/leaving").await;
    assert_eq!(seen.expect(200)["source"], "tenant");
    let own = json!({ "grace_days": 300 });
    customer
        .client
        .put("/v1/settings/leaving", own)
        .await
        .problem(422, "setting_is_the_resellers");
    let departure = customer
        .client
        .post("/v1/departures", wish("alpine"))
        .await
        .expect(201);
    assert_eq!(departure["ends_at"], "2026-03-09T12:00:00Z");
    days_later(&host, 6).await;
    customer.client.get("/v1/me").await.expect(200);
    days_later(&host, 1).await;
    customer
        .client
        .get("/v1/me")
        .await
        .problem(401, "credential_invalid");
}
