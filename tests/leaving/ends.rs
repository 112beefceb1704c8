//! The end of a departure (C45): what is gone, and what its seller keeps and for how long.

use serde_json::{Value, json};

use super::{
    archive::contains,
    busy_stage, days_later, export,
    rows::{assert_nowhere, count, dump, rows},
    wish,
};
use crate::{
    billing::levels,
    harness::{PASSWORD, text},
    limits::set,
};

#[tokio::test]
async fn a_tenant_that_is_gone_has_left_its_documents_with_their_seller_and_a_tombstone() {
    let (stage, port) = busy_stage().await;
    let (host, client) = (&stage.host, &stage.customer.client);
    let reseller = &stage.reseller.client;
    let mut conn = host.database.superuser().await;
    sqlx::query("update tenant set name = 'Quintessence Piers' where slug = 'quay'")
        .execute(&mut conn)
        .await
        .unwrap();
    let unbilled = stage.port("q-unbilled", 1000).await;
    let sibling = host.customer(&stage.reseller, "danube").await;
    let number = text(&reseller.get("/v1/invoices").await.expect(200)["items"][0]["id"]);
    let invoice = format!("/v1/invoices/{number}");
    let page = format!("{invoice}/html");
    let (issued, shown) = (reseller.get(&invoice).await, reseller.get(&page).await);
    // Its owner has a second factor, and codes on paper.
    sqlx::query(
        "with factor as (
            insert into second_factor (user_id, sealed, started_at, confirmed_at)
            select id, 'sealed', now(), now() from user_account where email = 'owner@quay.northlight.example'
            returning user_id)
        insert into recovery_code (user_id, code_hash, made_at) select user_id, 'hash', now() from factor",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    export(host, client).await;
    // Meanwhile nothing else is old enough to be forgotten.
    set(
        &host.operator("ada").await,
        &stage.reseller.id,
        "plugin_run_days",
        90,
    )
    .await;
    let asked = json!({ "slug": "quay", "reason": "a most peculiar reason" });
    client.post("/v1/departures", asked).await.expect(201);
    let before = rows(&host.database, "<>", &stage.customer.id).await;
    let canaries = ["owner@quay.northlight.example", "a-guest@example.com"];
    let dumped = dump(&host.database).await;
    for canary in canaries {
        assert!(contains(&dumped, canary.as_bytes()), "{canary} was never there");
    }
    assert!(
        !contains(&dumped, b"a most peculiar reason"),
        "the reason lies sealed"
    );
    days_later(host, 29).await;
    client.get("/v1/ports").await.expect(200);
    days_later(host, 1).await;
    for credential in [&stage.customer.key, &stage.customer.session] {
        client
            .with_token(credential)
            .get("/v1/ports")
            .await
            .problem(401, "credential_invalid");
    }
    assert_eq!(
        rows(&host.database, "<>", &stage.customer.id).await,
        before,
        "others' rows"
    );
    assert_nowhere(&host.database, &canaries).await;
    let left = rows(&host.database, "=", &stage.customer.id).await.into_iter();
    let left: Vec<_> = left
        .filter(|(_, rows)| *rows > 0)
        .map(|(table, _)| table)
        .collect();
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
    // What was issued reads as it was issued: the buyer's name and the ports' are on it.
    assert_eq!(reseller.get(&invoice).await.expect(200), issued.expect(200));
    assert_eq!(reseller.get(&page).await.bytes, shown.bytes);
    assert!(contains(&shown.bytes, b"Quintessence Piers") && contains(&shown.bytes, b"q-1"));
    reseller.get(&format!("/v1/ports/{port}")).await.expect(200);
    reseller
        .get(&format!("/v1/ports/{unbilled}"))
        .await
        .problem(404, "not_found");
    let gone = format!("/v1/customers/{}", stage.customer.id);
    assert_eq!(reseller.get(&gone).await.expect(200)["state"], "gone");
    let departed = reseller.get("/v1/departures").await.expect(200)["items"][0].clone();
    assert_eq!(
        (
            &departed["state"],
            &departed["reason"],
            &departed["documents_until"]
        ),
        (
            &json!("carried_out"),
            &Value::Null,
            &json!("2036-05-02T09:00:00Z")
        )
    );
    let sign_in = json!({ "email": "owner@quay.northlight.example", "password": PASSWORD });
    let at = client.anonymous().at("northlight.localhost");
    at.post("/v1/sessions", sign_in)
        .await
        .problem(401, "sign_in_failed");
    sibling.client.get("/v1/ports").await.expect(200);
    // The slug is free again, and so is the address.
    host.customer(&stage.reseller, "quay").await;
    days_later(host, 3600).await;
    reseller.get(&invoice).await.expect(200);
    days_later(host, 60).await;
    reseller.get(&invoice).await.problem(404, "not_found");
    assert_eq!(count(&mut conn, "select count(*) from invoice").await, 0);
    assert_nowhere(&host.database, &["Quintessence Piers"]).await;
}

#[tokio::test]
async fn what_lies_sealed_of_one_that_is_gone_opens_no_more() {
    let (stage, _) = busy_stage().await;
    let mut conn = stage.host.database.superuser().await;
    let archive = text(
        &stage
            .customer
            .client
            .post("/v1/exports", Value::Null)
            .await
            .expect(202)["id"],
    );
    stage.work().await;
    // As a backup has them: the rows of before, and no key.
    sqlx::raw_sql(
        "create table kept as select * from export; create table kept_part as select * from export_part",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    let client = &stage.customer.client;
    client.post("/v1/departures", wish("quay")).await.expect(201);
    days_later(&stage.host, 30).await;
    sqlx::raw_sql(
        "set session_replication_role = replica; insert into export select * from kept;
        insert into export_part select * from kept_part; reset session_replication_role",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    let reseller = &stage.reseller.client;
    reseller.get(&format!("/v1/exports/{archive}")).await.expect(200);
    let answer = reseller.get(&format!("/v1/exports/{archive}/archive")).await;
    assert_eq!(answer.status.as_u16(), 404, "{answer:?}");
    assert_eq!(
        count(&mut conn, "select count(*) from tenant_key").await,
        1,
        "the reseller's own"
    );
}

#[tokio::test]
async fn a_customers_end_leaves_its_resellers_own_books_whole() {
    let (stage, port) = busy_stage().await;
    levels::buy(&stage.host, "cost").await;
    let client = &stage.customer.client;
    client.post("/v1/departures", wish("quay")).await.expect(201);
    days_later(&stage.host, 30).await;
    client.get("/v1/ports").await.problem(401, "credential_invalid");
    days_later(&stage.host, 3660).await;
    let reseller = &stage.reseller.client;
    let charges = reseller.get("/v1/charges").await.expect(200);
    let charges = charges["items"].as_array().unwrap();
    assert!(!charges.is_empty() && charges.iter().all(|charge| charge["level"] == "cost"));
    let stub = reseller.get(&format!("/v1/ports/{port}")).await.expect(200);
    assert_eq!(stub["name"], json!(port), "a port without a name");
}
