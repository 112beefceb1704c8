//! What operators see over the API: who is there, below whom, in which state and at which addresses.

use serde_json::json;

use crate::harness::Host;

#[tokio::test]
async fn tenants_are_listed_in_pages_and_by_what_they_are() {
    let host = Host::start().await;
    let (northlight, harbour) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let alpine = host.customer(&northlight, "alpine").await;
    let ada = host.operator("ada").await;
    let ids = async |query: &str| -> Vec<String> {
        let listed = ada.get(&format!("/v1/operator/tenants{query}")).await.expect(200);
        let items = listed["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let (n, h, a) = (northlight.id.clone(), harbour.id.clone(), alpine.id.clone());
    assert_eq!(ids("").await, [n.clone(), h.clone(), a.clone()]);
    assert_eq!(ids("?kind=customer").await, std::slice::from_ref(&a));
    assert_eq!(ids(&format!("?reseller_id={n}")).await, [n.clone(), a]);
    assert_eq!(ids("?state=suspended").await, Vec::<String>::new());
    let first = ada.get("/v1/operator/tenants?limit=1").await.expect(200);
    assert_eq!(first["items"][0]["customers"], 1);
    let next = first["next"].as_str().unwrap();
    assert_eq!(ids(&format!("?limit=1&cursor={next}")).await, [h]);
    ada.get("/v1/operator/tenants?cursor=forged")
        .await
        .problem(400, "cursor_invalid");
    ada.get("/v1/operator/tenants?color=red")
        .await
        .problem(400, "query_unexpected");
}

#[tokio::test]
async fn one_tenant_is_shown_with_its_addresses_and_the_operators_own_is_none() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ada = host.operator("ada").await;
    let shown = ada
        .get(&format!("/v1/operator/tenants/{}", reseller.id))
        .await
        .expect(200);
    assert_eq!(shown["slug"], "northlight");
    assert_eq!(shown["hosts"][0]["host"], "northlight.localhost");
    assert_eq!(shown["suspension"], json!(null));
    let mut superuser = host.database.superuser().await;
    let own: uuid::Uuid = sqlx::query_scalar("select tenant_id from tenant where kind = 'operator'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    for nobody in [own.to_string(), uuid::Uuid::nil().to_string(), "x".to_owned()] {
        ada.get(&format!("/v1/operator/tenants/{nobody}"))
            .await
            .problem(404, "not_found");
    }
}

#[tokio::test]
async fn every_look_names_its_operator_in_the_operators_trail() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ada = host.operator("ada").await;
    ada.get("/v1/operator/tenants").await.expect(200);
    ada.get(&format!("/v1/operator/tenants/{}", reseller.id))
        .await
        .expect(200);
    let mut superuser = host.database.superuser().await;
    let looks: Vec<String> = sqlx::query_scalar(
        "select a.action from audit_event a
        join tenant t using (reseller_id, tenant_id)
        join operator_account o on o.id = a.actor_id
        where t.kind = 'operator' and a.actor_kind = 'operator' and o.name = 'ada' order by a.id",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert_eq!(looks, ["tenant.list", "tenant.look"]);
    let theirs = reseller.client.get("/v1/audit-events").await.expect(200);
    assert!(!theirs.to_string().contains("tenant.look"));
}
