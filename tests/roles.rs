//! Roles over the API: changed, given and taken away, and never more than who does it has.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Host, Reseller, text};

async fn role(by: &Client, name: &str, permissions: &[&str]) -> String {
    let role = json!({ "name": name, "permissions": permissions });
    text(&by.post("/v1/roles", role).await.expect(201)["id"])
}

/// The membership of this name.
async fn membership(of: &Reseller, name: &str) -> Value {
    let members = of.client.get("/v1/memberships").await.expect(200);
    let mut members = members["items"].as_array().unwrap().iter();
    members.find(|member| member["name"] == name).unwrap().clone()
}

async fn holds(by: &Client, member: &Value, roles: &[&str]) -> crate::harness::Answer {
    let path = format!("/v1/memberships/{}/roles", text(&member["id"]));
    by.put(&path, json!({ "role_ids": roles })).await
}

#[tokio::test]
async fn a_role_is_changed_for_all_who_hold_it_from_their_next_request_on() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let reader = role(&reseller.client, "reader", &["customers.read"]).await;
    let ann = host
        .member(&reseller, "ann@example.com", "Ann", Some(&json!(reader)))
        .await;
    ann.get("/v1/plugins").await.problem(403, "permission_missing");
    let path = format!("/v1/roles/{reader}");
    let shown = reseller.client.get(&path).await;
    assert_eq!(shown.expect(200)["permissions"], json!(["customers.read"]));
    let edit = json!({ "name": "engineer", "permissions": ["plugins.read"] });
    let changed = reseller
        .client
        .edit(Method::PATCH, &path, &shown.etag(), edit.clone())
        .await;
    assert_eq!(changed.expect(200)["name"], "engineer");
    ann.get("/v1/plugins").await.expect(200);
    ann.get("/v1/customers").await.problem(403, "permission_missing");
    // Who read it before does not undo that.
    reseller
        .client
        .edit(Method::PATCH, &path, &shown.etag(), edit)
        .await
        .problem(412, "version_stale");
    let again = reseller.client.get(&path).await;
    assert_eq!(again.etag(), changed.etag());
    reseller
        .client
        .patch(&path, json!({ "name": "owner" }))
        .await
        .problem(409, "role_name_taken");
    reseller
        .client
        .patch(&path, json!({ "permissions": ["fly"] }))
        .await
        .problem(422, "permission_unknown");
    let events = reseller
        .client
        .get("/v1/audit-events?action=role.change")
        .await
        .expect(200);
    let detail = &events["items"][0]["detail"];
    assert_eq!(
        (&detail["before"], &detail["now"]),
        (&json!(["customers.read"]), &json!(["plugins.read"]))
    );
}

#[tokio::test]
async fn a_role_in_use_stays_and_one_that_nobody_holds_goes() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let reader = role(&reseller.client, "reader", &["customers.read"]).await;
    let path = format!("/v1/roles/{reader}");
    let invitation = json!({ "email": "bob@example.com", "role_id": reader });
    let invitation = reseller
        .client
        .post("/v1/invitations", invitation)
        .await
        .expect(201);
    host.member(&reseller, "ann@example.com", "Ann", Some(&json!(reader)))
        .await;
    let told = reseller.client.delete(&path).await.problem(409, "role_in_use");
    assert_eq!(
        told,
        "members who hold the role: 1; open invitations that give it: 1"
    );
    let withdraw = format!("/v1/invitations/{}", text(&invitation["id"]));
    reseller.client.delete(&withdraw).await.expect(204);
    host.remove_member(&reseller, "Ann").await;
    let stale = reseller
        .client
        .request(Method::DELETE, &path)
        .header("if-match", "\"other\"");
    reseller.client.send(stale).await.problem(412, "version_stale");
    reseller.client.delete(&path).await.expect(204);
    for gone in [
        reseller.client.get(&path).await,
        reseller.client.delete(&path).await,
        reseller.client.patch(&path, json!({})).await,
        reseller
            .client
            .post(
                "/v1/invitations",
                json!({ "email": "eve@example.com", "role_id": reader }),
            )
            .await,
    ] {
        gone.problem(404, "not_found");
    }
    let left = reseller.client.get("/v1/roles").await.expect(200);
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    // Its name is free again.
    role(&reseller.client, "reader", &[]).await;
}

#[tokio::test]
async fn members_are_given_roles_of_their_tenant_and_lose_the_others() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    let (one, two) = (
        role(&reseller.client, "one", &["customers.read"]).await,
        role(&reseller.client, "two", &["plugins.read"]).await,
    );
    let ann = host
        .member(&reseller, "ann@example.com", "Ann", Some(&json!(one)))
        .await;
    let member = membership(&reseller, "Ann").await;
    assert_eq!(member["role_ids"], json!([one]));
    holds(&reseller.client, &member, &[&two]).await.expect(204);
    ann.get("/v1/plugins").await.expect(200);
    ann.get("/v1/customers").await.problem(403, "permission_missing");
    holds(&reseller.client, &member, &[&two, &one]).await.expect(204);
    assert_eq!(membership(&reseller, "Ann").await["roles"], json!(["one", "two"]));
    holds(&reseller.client, &member, &[]).await.expect(204);
    ann.get("/v1/plugins").await.problem(403, "permission_missing");
    // A role of a customer is none of the reseller's own.
    let theirs = role(&customer.client, "theirs", &["ports.read"]).await;
    holds(&reseller.client, &member, &[&theirs])
        .await
        .problem(404, "not_found");
    let many = vec![one.as_str(); 21];
    holds(&reseller.client, &member, &many)
        .await
        .problem(422, "roles_too_many");
    // The reseller gives a customer's role nothing that customers cannot have.
    reseller
        .client
        .patch(
            &format!("/v1/roles/{theirs}"),
            json!({ "permissions": ["carriers.read"] }),
        )
        .await
        .problem(422, "permission_not_for_customers");
    customer
        .client
        .patch(&format!("/v1/roles/{one}"), json!({ "name": "x" }))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn nobody_gives_by_a_role_what_they_do_not_have() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let clerk = role(&reseller.client, "clerk", &["members.read", "members.write"]).await;
    let rich = role(&reseller.client, "rich", &["carriers.write", "members.read"]).await;
    let ann = host
        .member(&reseller, "ann@example.com", "Ann", Some(&json!(clerk)))
        .await;
    let member = membership(&reseller, "Ann").await;
    for beyond in [
        ann.patch(
            &format!("/v1/roles/{clerk}"),
            json!({ "permissions": ["members.write", "carriers.write"] }),
        )
        .await,
        holds(&ann, &member, &[&clerk, &rich]).await,
    ] {
        let told = beyond.problem(422, "permission_beyond_own");
        assert!(told.contains("carriers.write"), "{told}");
    }
    ann.get("/v1/carriers").await.problem(403, "permission_missing");
    // What a role gave before stays, and a name is nothing to have.
    ann.patch(&format!("/v1/roles/{rich}"), json!({ "name": "richer" }))
        .await
        .expect(200);
    let reader = role(&reseller.client, "reader", &["members.read"]).await;
    let bob = host
        .member(&reseller, "bob@example.com", "Bob", Some(&json!(reader)))
        .await;
    let path = format!("/v1/roles/{reader}");
    bob.get(&path).await.expect(200);
    for refused in [
        bob.patch(&path, json!({ "name": "x" })).await,
        bob.delete(&path).await,
        holds(&bob, &member, &[&reader]).await,
    ] {
        refused.problem(403, "permission_missing");
    }
}

#[tokio::test]
async fn somebody_who_can_change_members_stays_whatever_is_taken_away() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let owner = membership(&reseller, "Owner").await;
    let owners = text(&owner["role_ids"][0]);
    let without = json!({ "permissions": ["members.read"] });
    let path = format!("/v1/roles/{owners}");
    for last in [
        reseller.client.patch(&path, without.clone()).await,
        holds(&reseller.client, &owner, &[]).await,
    ] {
        last.problem(409, "last_owner");
    }
    reseller.client.get("/v1/roles").await.expect(200);
    // Two who take it from each other at the same moment.
    let clerk = role(&reseller.client, "clerk", &["members.write"]).await;
    host.member(&reseller, "ann@example.com", "Ann", Some(&json!(clerk)))
        .await;
    let ann = membership(&reseller, "Ann").await;
    let mut superuser = host.database.superuser().await;
    for _ in 0..5 {
        let (first, second) = tokio::join!(
            holds(&reseller.client, &owner, &[]),
            holds(&reseller.client, &ann, &[]),
        );
        let told = [first.status.as_u16(), second.status.as_u16()];
        // Who asks has the owner's key: taken from the owner first, it may do nothing more.
        assert!([[204, 409], [409, 204], [204, 403]].contains(&told), "{told:?}");
        // Nobody who is left may give the owner's role, so it is given back from outside.
        for (member, role) in [(&owner, &owners), (&ann, &clerk)] {
            sqlx::query(
                "insert into membership_role (reseller_id, tenant_id, membership_id, role_id)
                select reseller_id, tenant_id, $1::uuid, id from role where id = $2::uuid
                on conflict do nothing",
            )
            .bind(text(&member["id"]))
            .bind(role)
            .execute(&mut superuser)
            .await
            .unwrap();
        }
    }
}

#[tokio::test]
async fn a_key_never_has_more_than_its_maker_has_now() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ann = host.member(&reseller, "ann@example.com", "Ann", None).await;
    let key = ann
        .post("/v1/api-keys", json!({ "name": "all of it" }))
        .await
        .expect(201);
    let key = host.client.with_token(&text(&key["secret"]));
    key.get("/v1/customers").await.expect(200);
    let me = membership(&reseller, "Ann").await;
    let owner = text(&me["role_ids"][0]);
    let reader = role(&reseller.client, "reader", &["plugins.read"]).await;
    holds(&reseller.client, &me, &[&reader]).await.expect(204);
    key.get("/v1/customers").await.problem(403, "permission_missing");
    holds(&key, &me, &[&owner])
        .await
        .problem(403, "permission_missing");
    key.get("/v1/plugins").await.expect(200);
    holds(&reseller.client, &me, &[&owner]).await.expect(204);
    key.get("/v1/customers").await.expect(200);
}
