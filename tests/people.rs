//! People and what they may do: roles that are rows (C16), one person in several tenants (C15).

use serde_json::json;

use crate::harness::Host;

#[tokio::test]
async fn a_role_made_over_the_api_gives_an_invited_member_what_it_says_and_no_more() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let role = json!({ "name": "bookkeeper", "permissions": ["billing.read", "customers.read"] });
    let role = reseller.client.post("/v1/roles", role).await.expect(201);
    let ann = host
        .member(&reseller, "ann@example.com", "Ann", Some(&role["id"]))
        .await;
    ann.get("/v1/customers").await.expect(200);
    ann.get("/v1/invoices").await.expect(200);
    ann.get("/v1/plugins").await.problem(403, "permission_missing");
    ann.post("/v1/roles", json!({ "name": "x", "permissions": [] }))
        .await
        .problem(403, "permission_missing");
}

#[tokio::test]
async fn one_person_in_two_tenants_sees_in_each_what_that_one_shows() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let (alpine, danube) = (
        host.customer(&reseller, "alpine").await,
        host.customer(&reseller, "danube").await,
    );
    let mut ann = host.client.clone();
    for customer in [&alpine, &danube] {
        let path = format!("/v1/customers/{}/invitations", customer.id);
        let invitation = json!({ "email": "ann@example.com" });
        reseller.client.post(&path, invitation).await.expect(201);
        ann = host.accept("ann@example.com", "Ann").await;
    }
    let sees = async |customer: &crate::harness::Customer| {
        let me = ann.get("/v1/me").await.expect(200);
        assert_eq!(me["tenant_id"], json!(customer.id));
        let members = ann.get("/v1/memberships").await.expect(200);
        let members = members["items"].as_array().unwrap().clone();
        assert_eq!(members.len(), 2);
        assert!(
            members
                .iter()
                .all(|member| member["tenant_id"] == json!(customer.id))
        );
    };
    sees(&danube).await;
    ann.post("/v1/sessions/current/tenant", json!({ "tenant_id": alpine.id }))
        .await
        .expect(204);
    sees(&alpine).await;
    // Where the person is no member, there is nothing to switch to.
    ann.post("/v1/sessions/current/tenant", json!({ "tenant_id": reseller.id }))
        .await
        .problem(404, "not_found");
}
