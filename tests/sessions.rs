//! Sessions as things to see and to end.

use serde_json::{Value, json};

use crate::harness::{Client, Host, PASSWORD, text};

const EMAIL: &str = "owner@northlight.example";

async fn sign_in(host: &Host, email: &str) -> Client {
    let who = json!({ "email": email, "password": PASSWORD });
    let at = host.client.at("northlight.localhost");
    let session = at.post("/v1/sessions", who).await.expect(201);
    host.client.with_token(&text(&session["token"]))
}

async fn listed(client: &Client, path: &str) -> Vec<Value> {
    let listed = client.get(path).await.expect(200);
    listed["items"].as_array().unwrap().clone()
}

fn id(sessions: &[Value], current: bool) -> String {
    let session = sessions.iter().find(|session| session["current"] == current);
    text(&session.unwrap()["id"])
}

#[tokio::test]
async fn people_see_their_own_sessions_and_end_them() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let first = host.client.with_token(&reseller.session);
    host.later(300);
    let second = sign_in(&host, EMAIL).await;
    let seen = listed(&second, "/v1/sessions").await;
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0]["created_at"], "2026-03-02T12:00:00Z");
    assert_eq!(seen[0]["last_seen_at"], "2026-03-02T12:00:00Z");
    assert_eq!(seen[0]["tenant_id"], json!(reseller.id));
    assert_eq!(
        (&seen[0]["current"], &seen[1]["current"]),
        (&json!(false), &json!(true))
    );
    // Being used is noted, to the minute.
    first.get("/v1/me").await.expect(200);
    assert_eq!(
        listed(&second, "/v1/sessions").await[0]["last_seen_at"],
        "2026-03-02T12:05:00Z"
    );
    let other = id(&seen, false);
    let path = format!("/v1/sessions/{other}");
    second.delete(&path).await.expect(204);
    first.get("/v1/me").await.problem(401, "credential_invalid");
    second.delete(&path).await.problem(404, "not_found");
    let third = sign_in(&host, EMAIL).await;
    let fourth = sign_in(&host, EMAIL).await;
    third.delete("/v1/sessions/others").await.expect(204);
    for ended in [&second, &fourth] {
        ended.get("/v1/me").await.problem(401, "credential_invalid");
    }
    assert_eq!(listed(&third, "/v1/sessions").await.len(), 1);
    host.later(12 * 3600);
    third.get("/v1/sessions").await.problem(401, "credential_invalid");
    for path in ["/v1/sessions", "/v1/sessions?limit=1"] {
        reseller.client.get(path).await.problem(422, "not_a_session");
    }
    let events = reseller
        .client
        .get("/v1/audit-events?action=session.end")
        .await
        .expect(200);
    assert_eq!(events["items"][0]["target_id"], json!(other));
}

#[tokio::test]
async fn nobody_ends_or_sees_anothers_session_as_their_own() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let owner = host.client.with_token(&reseller.session);
    let ann = host.member(&reseller, "ann@example.com", "Ann", None).await;
    let theirs = listed(&owner, "/v1/sessions").await;
    assert_eq!(theirs.len(), 1);
    let path = format!("/v1/sessions/{}", id(&theirs, true));
    ann.delete(&path).await.problem(404, "not_found");
    ann.delete("/v1/sessions/others").await.expect(204);
    owner.get("/v1/me").await.expect(200);
    // Nor does one reseller show the sessions that the same person has with another.
    host.prove(EMAIL).await;
    let sign_up = json!({ "slug": "harbour", "name": "Harbour", "currency": "EUR", "time_zone": "UTC",
        "owner": { "email": EMAIL, "name": "Owner", "password": PASSWORD } });
    let there = host.client.post("/v1/signup", sign_up).await.expect(201);
    let there = host.client.with_token(&text(&there["token"]));
    let elsewhere = listed(&there, "/v1/sessions").await;
    assert_eq!(elsewhere.len(), 1);
    let path = format!("/v1/sessions/{}", id(&elsewhere, true));
    owner.delete(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn whoever_may_ends_the_sessions_that_members_hold_in_the_tenant() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    let ann = host.member(&reseller, "ann@example.com", "Ann", None).await;
    let path = "/v1/member-sessions";
    let of_customer = listed(&customer.client, path).await;
    assert_eq!(of_customer.len(), 1);
    assert_eq!(of_customer[0]["tenant_id"], json!(customer.id));
    assert_eq!(listed(&reseller.client, path).await.len(), 3);
    let annas = id(&listed(&ann, path).await, true);
    let end = format!("{path}/{annas}");
    customer.client.delete(&end).await.problem(404, "not_found");
    let role = json!({ "name": "reader", "permissions": ["keys.read"] });
    let role = reseller.client.post("/v1/roles", role).await.expect(201);
    let bob = host
        .member(&reseller, "bob@example.com", "Bob", Some(&role["id"]))
        .await;
    bob.delete(&end).await.problem(403, "permission_missing");
    reseller.client.delete(&end).await.expect(204);
    ann.get("/v1/me").await.problem(401, "credential_invalid");
    reseller.client.delete(&end).await.problem(404, "not_found");
    let events = reseller
        .client
        .get("/v1/audit-events?action=session.end")
        .await
        .expect(200);
    let event = &events["items"][0];
    assert_eq!(
        (&event["target_id"], &event["actor_kind"]),
        (&json!(annas), &json!("api_key"))
    );
}

#[tokio::test]
async fn whoever_is_removed_or_whose_tenant_is_suspended_goes_on_where_they_are_a_member() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "alpine").await;
    let email = "owner@alpine.northlight.example";
    let invitation = json!({ "email": email });
    reseller
        .client
        .post("/v1/invitations", invitation)
        .await
        .expect(201);
    let person = host.accept(email, "Owner").await;
    let go_on = async |tenant: &str| {
        let to = json!({ "tenant_id": tenant });
        person.post("/v1/sessions/current/tenant", to).await
    };
    let me = person.get("/v1/me").await.expect(200);
    let names: Vec<_> = me["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["name"]))
        .collect();
    assert_eq!(names, ["alpine", "northlight"]);
    go_on(&customer.id).await.expect(204);
    let operator = host.operator("ada").await;
    let reason = json!({ "reason": "to see who gets out" });
    let suspend = format!("/v1/operator/tenants/{}/suspension", customer.id);
    let status = operator.put(&suspend, reason).await.status;
    assert!(status.is_success(), "{status}");
    let me = person.get("/v1/me").await.expect(200);
    assert_eq!(me["tenants"][0]["state"], "suspended");
    go_on(&reseller.id).await.expect(204);
    // Removed from where the session is.
    let members = listed(&reseller.client, "/v1/memberships").await;
    let member = members
        .iter()
        .find(|member| member["email"] == email && member["tenant_id"] == json!(reseller.id));
    let path = format!("/v1/memberships/{}", text(&member.unwrap()["id"]));
    reseller.client.delete(&path).await.expect(204);
    person.get("/v1/me").await.problem(401, "credential_invalid");
    go_on(&reseller.id).await.problem(401, "credential_invalid");
    go_on(&customer.id).await.expect(204);
    let me = person.get("/v1/me").await.expect(200);
    assert_eq!(
        (&me["tenant_id"], me["tenants"].as_array().unwrap().len()),
        (&json!(customer.id), 1)
    );
    // Nobody gets out by a session that is over.
    host.later(12 * 3600);
    go_on(&customer.id).await.problem(401, "credential_invalid");
}
