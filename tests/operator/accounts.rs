//! Operators' keys: made on the machine, refused once they are revoked or expired, and good for nothing else.

use chrono::TimeDelta;
use nexusport::identity::operator::accounts;
use reqwest::StatusCode;

use crate::harness::{Answer, Host};

/// Whether two answers are the same but for their date.
fn same(a: &Answer, b: &Answer) -> bool {
    let kept = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        (answer.status, headers, answer.bytes.clone())
    };
    kept(a) == kept(b)
}

#[tokio::test]
async fn a_key_is_one_operators_until_it_is_revoked_or_expires() {
    let host = Host::start().await;
    let (ada, bob) = (host.operator("ada").await, host.operator("bob").await);
    ada.get("/v1/operator/tenants").await.expect(200);
    bob.get("/v1/operator/tenants").await.expect(200);
    accounts::revoke(&host.app, "ada").await.unwrap();
    ada.get("/v1/operator/tenants")
        .await
        .problem(401, "credential_invalid");
    host.clock.set(host.app.now() + TimeDelta::days(89));
    bob.get("/v1/operator/tenants").await.expect(200);
    host.clock.set(host.app.now() + TimeDelta::days(1));
    bob.get("/v1/operator/tenants")
        .await
        .problem(401, "credential_invalid");
    let names: Vec<_> = accounts::list(&host.app)
        .await
        .unwrap()
        .into_iter()
        .map(|account| (account.name, account.revoked_at.is_some()))
        .collect();
    assert_eq!(names, [("ada".to_owned(), true), ("bob".to_owned(), false)]);
}

#[tokio::test]
async fn a_name_is_one_operators_at_a_time() {
    let host = Host::start().await;
    host.operator("ada").await;
    let refused = async |name, days| match accounts::add(&host.app, name, days).await {
        Ok(_) => panic!("{name} was made"),
        Err(fault) => fault.to_string(),
    };
    let taken = refused("ada", 90).await;
    assert!(taken.contains("operator_name_taken"), "{taken}");
    accounts::revoke(&host.app, "ada").await.unwrap();
    host.operator("ada").await;
    for days in [0, 367] {
        let refused = refused("eve", days).await;
        assert!(refused.contains("days_out_of_range"), "{refused}");
    }
    assert!(accounts::revoke(&host.app, "nobody").await.is_err());
}

#[tokio::test]
async fn an_operators_key_is_kept_as_a_hash_and_opens_nothing_of_a_tenants() {
    let host = Host::start().await;
    host.reseller("northlight").await;
    let (_, key) = accounts::add(&host.app, "ada", 90).await.unwrap();
    let ada = host.client.with_token(key.reveal());
    for path in ["/v1/me", "/v1/ports", "/v1/customers", "/v1/audit-events"] {
        ada.get(path).await.problem(401, "credential_invalid");
    }
    let mut superuser = host.database.superuser().await;
    let stored: String = sqlx::query_scalar("select to_jsonb(o)::text from operator_account o")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert!(!stored.contains(&key.reveal()[10..]));
}

#[tokio::test]
async fn at_a_resellers_address_operators_paths_do_not_exist() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ada = host.operator("ada").await;
    for caller in [&ada, &reseller.client, &host.client] {
        let there = caller.at("northlight.localhost");
        let unknown = there.get("/v1/no-such-thing").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        for path in ["/v1/operator/tenants", "/v1/operator", "/v1/operator/visits"] {
            for answer in [
                there.get(path).await,
                there.delete(path).await,
                there.post(path, serde_json::json!({})).await,
            ] {
                assert!(same(&answer, &unknown), "{path}: {answer:?}");
            }
        }
    }
    let document = |at: &str| {
        let client = host.client.at(at);
        async move { client.get("/openapi.json").await.expect(200).to_string() }
    };
    assert!(document("localhost").await.contains("/v1/operator/tenants"));
    assert!(!document("northlight.localhost").await.contains("/v1/operator/"));
    let page = host.client.at("northlight.localhost").get("/docs").await;
    assert!(!String::from_utf8_lossy(&page.bytes).contains("/v1/operator/"));
}
