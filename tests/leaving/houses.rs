//! A reseller leaves with its customers, and what can still be done with whoever leaves or is gone (C45).

use serde_json::json;

use super::{
    busy_stage, days_later, export,
    rows::{assert_nowhere, count, rows},
    wish,
};
use crate::harness::{Answer, Host, Stage, text};

#[tokio::test]
async fn a_reseller_takes_its_customers_along_unless_one_has_work_under_way() {
    let (stage, port) = busy_stage().await;
    let host = &stage.host;
    let (reseller, quay) = (&stage.reseller.client, &stage.customer.client);
    let danube = host.customer(&stage.reseller, "danube").await;
    let other = host.reseller("harbour").await;
    let theirs = host.customer(&other, "thames").await;
    let change = stage
        .book(&port, 2000, "2026-04-10T18:00:00Z", "2026-04-10T22:00:00Z")
        .await;
    let said = reseller
        .post("/v1/departures", wish("northlight"))
        .await
        .problem(409, "work_pending");
    assert!(
        said.contains("quay: 1 bandwidth changes, 1 return legs") && !said.contains("danube"),
        "{said}"
    );
    let cancel = format!("/v1/bandwidth-changes/{}/cancel", text(&change["id"]));
    assert!(quay.post(&cancel, json!({})).await.status.is_success());
    danube
        .client
        .post("/v1/departures", wish("danube"))
        .await
        .expect(201);
    reseller
        .post("/v1/departures", wish("northlight"))
        .await
        .expect(201);
    assert_eq!(quay.get("/v1/me").await.expect(200)["tenant_state"], "leaving");
    quay.post("/v1/api-keys", json!({ "name": "k" }))
        .await
        .problem(403, "tenant_leaving");
    export(host, quay).await;
    let before = rows(&host.database, "=", &theirs.id).await;
    days_later(host, 30).await;
    for client in [reseller, quay, &danube.client] {
        client.get("/v1/me").await.problem(401, "credential_invalid");
    }
    reseller
        .anonymous()
        .at("northlight.localhost")
        .get("/v1/brand")
        .await
        .problem(421, "misdirected");
    assert_eq!(rows(&host.database, "=", &theirs.id).await, before);
    theirs.client.get("/v1/me").await.expect(200);
    for tenant in [&stage.reseller.id, &stage.customer.id, &danube.id] {
        let left = rows(&host.database, "=", tenant).await.into_iter();
        let left: Vec<_> = left
            .filter(|(_, rows)| *rows > 0)
            .map(|(table, _)| table)
            .collect();
        let own_wish = tenant != &stage.customer.id;
        let expected: &[&str] = if own_wish {
            &["audit_event", "departure", "tenant"]
        } else {
            &["audit_event", "tenant"]
        };
        assert_eq!(left, expected);
    }
    assert_nowhere(
        &host.database,
        &[
            "@northlight.example",
            "quay.northlight.example",
            "a-guest@example.com",
        ],
    )
    .await;
    let mut conn = host.database.superuser().await;
    let named = "select count(*) from tenant where reseller_id = (select reseller_id from tenant where state = 'gone' limit 1)
        and (state <> 'gone' or name <> 'gone' or slug not like 'gone-%')";
    assert_eq!(count(&mut conn, named).await, 0);
    assert_eq!(
        count(
            &mut conn,
            "select count(*) from departure where state <> 'carried_out'"
        )
        .await,
        0
    );
    host.reseller("northlight").await;
}

#[tokio::test]
async fn nothing_is_set_or_made_any_more_for_a_customer_that_is_gone() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    customer
        .client
        .post("/v1/departures", wish("alpine"))
        .await
        .expect(201);
    days_later(&host, 30).await;
    let path = format!("/v1/customers/{}", customer.id);
    let client = &reseller.client;
    let late = |answer: Answer| answer.problem(409, "tenant_leaving");
    let invited = json!({ "email": "late@example.com" });
    // It has no role any more to invite for.
    client
        .post(&format!("{path}/invitations"), invited)
        .await
        .problem(422, "role_needed");
    let value = json!({ "grace_days": 8 });
    late(client.put(&format!("{path}/settings/leaving"), value).await);
    let etag = client.get(&path).await.etag();
    let name = json!({ "name": "Alpine again" });
    late(client.edit(reqwest::Method::PATCH, &path, &etag, name).await);
    let sent = json!({ "customer_id": customer.id, "slug": "alpine", "reason": "once is not enough", "without_export": true });
    client
        .post("/v1/departures", sent)
        .await
        .problem(409, "already_leaving");
}

#[tokio::test]
async fn an_operator_neither_suspends_nor_resumes_who_is_leaving() {
    let stage = Stage::set().await;
    let operator = stage.host.operator("ops").await;
    let client = &stage.customer.client;
    client.post("/v1/departures", wish("quay")).await.expect(201);
    let path = format!("/v1/operator/tenants/{}", stage.customer.id);
    let why = json!({ "reason": "because of a test" });
    operator
        .put(&format!("{path}/suspension"), why)
        .await
        .problem(409, "tenant_not_active");
    operator
        .delete(&format!("{path}/suspension"))
        .await
        .problem(409, "tenant_not_suspended");
}
