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

#[tokio::test]
async fn the_last_who_can_change_members_stays() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let role = json!({ "name": "reader", "permissions": ["members.read"] });
    let role = reseller.client.post("/v1/roles", role).await.expect(201);
    host.member(&reseller, "bob@example.com", "Bob", Some(&role["id"]))
        .await;
    host.member(&reseller, "ann@example.com", "Ann", None).await;
    let members = reseller.client.get("/v1/memberships").await.expect(200);
    let path = |name: &str| {
        let mut members = members["items"].as_array().unwrap().iter();
        let member = members.find(|member| member["name"] == name).unwrap();
        format!("/v1/memberships/{}", member["id"].as_str().unwrap())
    };
    // Two who show each other out at the same moment.
    let (owner, ann) = (path("Owner"), path("Ann"));
    let (first, second) = tokio::join!(reseller.client.delete(&owner), reseller.client.delete(&ann));
    let mut answers = [first, second];
    answers.sort_by_key(|answer| answer.status);
    // The reseller's key ends with its owner.
    assert!(
        answers[0].status == 204 && [401, 409].contains(&answers[1].status.as_u16()),
        "{answers:?}"
    );
    let mut superuser = host.database.superuser().await;
    let left: i64 = sqlx::query_scalar("select count(*) from membership where removed_at is null")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(left, 2, "somebody who can change members, and Bob");
}

#[tokio::test]
async fn an_only_owner_cannot_leave_and_a_second_one_makes_it_possible() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let members = reseller.client.get("/v1/memberships").await.expect(200);
    let path = format!("/v1/memberships/{}", members["items"][0]["id"].as_str().unwrap());
    reseller.client.delete(&path).await.problem(409, "last_owner");
    reseller.client.get("/v1/me").await.expect(200);
    let ann = host.member(&reseller, "ann@example.com", "Ann", None).await;
    ann.delete(&path).await.expect(204);
}
