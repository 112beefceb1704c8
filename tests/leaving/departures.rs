//! Leaving for good (C45): refused while work is under way, taken back within the grace period, and otherwise gone, but
//! for what its seller keeps.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row as _};

use super::{
    archive::{contains, spellings},
    busy_stage, days_later, export,
};
use crate::{
    harness::{Database, text},
    tenancy::catalog,
};

fn wish(slug: &str) -> Value {
    json!({ "slug": slug, "without_export": true })
}

#[tokio::test]
async fn a_tenant_leaves_only_by_its_name_with_an_archive_and_nothing_under_way() {
    let (stage, port) = busy_stage().await;
    let client = &stage.customer.client;
    client
        .post("/v1/departures", json!({ "slug": "key" }))
        .await
        .problem(422, "slug_differs");
    client
        .post("/v1/departures", json!({ "slug": "quay" }))
        .await
        .problem(409, "export_missing");
    let change = stage
        .book(&port, 2000, "2026-04-10T18:00:00Z", "2026-04-10T22:00:00Z")
        .await;
    let said = client
        .post("/v1/departures", wish("quay"))
        .await
        .problem(409, "work_pending");
    assert!(said.contains("1 bandwidth changes, 1 return legs"), "{said}");
    let cancel = format!("/v1/bandwidth-changes/{}/cancel", text(&change["id"]));
    assert!(client.post(&cancel, json!({})).await.status.is_success());
    let own = json!({ "slug": "northlight", "without_export": true });
    stage
        .reseller
        .client
        .post("/v1/departures", own)
        .await
        .problem(409, "customers_remain");
    export(&stage.host, client).await;
    client
        .post("/v1/departures", json!({ "slug": "quay" }))
        .await
        .expect(201);
    client
        .post("/v1/departures", wish("quay"))
        .await
        .problem(409, "already_leaving");
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

/// Rows by table of everybody but one tenant.
async fn others(database: &Database, tenant: &str) -> Vec<(String, i64)> {
    let mut conn = database.superuser().await;
    let mut counts = Vec::new();
    for table in catalog::tables(&mut conn)
        .await
        .iter()
        .filter(|table| !table.is_platform())
    {
        let sql = format!(
            "select count(*) from {} where tenant_id <> '{tenant}'",
            table.quoted()
        );
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut conn)
            .await
            .unwrap();
        counts.push((table.name.clone(), rows));
    }
    counts
}

/// Everything in the database as text.
async fn dump(database: &Database) -> Vec<u8> {
    let mut conn = database.superuser().await;
    let mut dump = Vec::new();
    for table in catalog::tables(&mut conn).await {
        let rows = sqlx::query(AssertSqlSafe(format!("select t::text from {} t", table.quoted())))
            .fetch_all(&mut conn)
            .await
            .unwrap();
        for row in rows {
            dump.extend_from_slice(row.get::<String, _>(0).as_bytes());
            dump.push(b'\n');
        }
    }
    dump
}

#[tokio::test]
async fn a_tenant_that_is_gone_has_left_its_documents_with_their_seller_and_a_tombstone() {
    let (stage, _) = busy_stage().await;
    let (host, client) = (&stage.host, &stage.customer.client);
    let mut conn = host.database.superuser().await;
    sqlx::query("update tenant set name = 'Quintessence Piers' where slug = 'quay'")
        .execute(&mut conn)
        .await
        .unwrap();
    let sibling = host.customer(&stage.reseller, "danube").await;
    let invoice = stage.reseller.client.get("/v1/invoices").await.expect(200)["items"][0].clone();
    export(host, client).await;
    client
        .post("/v1/departures", json!({ "slug": "quay" }))
        .await
        .expect(201);
    let before = others(&host.database, &stage.customer.id).await;
    let canaries = [
        "owner@quay.northlight.example",
        "a-guest@example.com",
        "Quintessence Piers",
        "quay",
    ];
    let dumped = dump(&host.database).await;
    for canary in canaries {
        assert!(contains(&dumped, canary.as_bytes()), "{canary} was never there");
    }
    days_later(host, 29).await;
    client.get("/v1/ports").await.expect(200);
    days_later(host, 1).await;
    client.get("/v1/ports").await.problem(401, "credential_invalid");
    assert_eq!(
        others(&host.database, &stage.customer.id).await,
        before,
        "others' rows"
    );
    let dumped = dump(&host.database).await;
    for canary in canaries {
        for spelling in spellings(canary)
            .into_iter()
            .filter(|spelling| spelling == canary || canary != "quay")
        {
            assert!(!contains(&dumped, spelling.as_bytes()), "{canary} as {spelling}");
        }
    }
    let left: Vec<String> = {
        let mut left = Vec::new();
        for table in catalog::tables(&mut conn)
            .await
            .iter()
            .filter(|table| !table.is_platform())
        {
            let sql = format!(
                "select count(*) from {} where tenant_id = '{}'",
                table.quoted(),
                stage.customer.id
            );
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                .fetch_one(&mut conn)
                .await
                .unwrap();
            left.extend((rows > 0).then(|| table.name.clone()));
        }
        left
    };
    assert_eq!(
        left,
        [
            "audit_event",
            "billing_run",
            "charge",
            "departure",
            "invoice",
            "invoice_line",
            "job",
            "port",
            "receipt",
            "tenant"
        ]
    );
    let path = format!("/v1/invoices/{}", text(&invoice["id"]));
    let kept = stage.reseller.client.get(&path).await.expect(200);
    assert_eq!(
        (&kept["number"], &kept["total"]),
        (&invoice["number"], &invoice["total"])
    );
    let gone = stage
        .reseller
        .client
        .get(&format!("/v1/customers/{}", stage.customer.id))
        .await
        .expect(200);
    assert_eq!((&gone["state"], &gone["name"]), (&json!("gone"), &json!("gone")));
    sibling.client.get("/v1/ports").await.expect(200);
    // The name is free again, and so is the address.
    host.customer(&stage.reseller, "quay").await;
    days_later(host, 3653).await;
    let invoices: i64 = sqlx::query_scalar("select count(*) from invoice")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(invoices, 0);
}
