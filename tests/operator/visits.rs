//! An operator inside a tenant: with a reason, for at most an hour, seen while and after, both named on every row (C23).

use chrono::TimeDelta;
use nexusport::identity::operator::accounts;
use serde_json::{Value, json};

use crate::harness::{Client, Host, Stage, text};

const REASON: &str = "the port a-1 shows no speed";

fn visit(tenant: &str, may_write: bool) -> Value {
    json!({ "tenant_id": tenant, "reason": REASON, "minutes": 60, "may_write": may_write })
}

/// Begins a visit; gives it and whoever it lets in.
async fn enter(ada: &Client, new: Value) -> (Value, Client) {
    let begun = ada.post("/v1/operator/visits", new).await.expect(201);
    let inside = ada.with_token(&text(&begun["token"]));
    (begun, inside)
}

async fn events(client: &Client, query: &str) -> Vec<Value> {
    let told = client
        .get(&format!("/v1/audit-events?limit=200{query}"))
        .await
        .expect(200);
    told["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_visit_reads_and_changes_nothing_and_each_request_names_both_in_the_tenants_trail() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let alpine = host.customer(&reseller, "alpine").await;
    let ada = host.operator("ada").await;
    let (begun, inside) = enter(&ada, visit(&alpine.id, false)).await;
    let me = inside.get("/v1/me").await.expect(200);
    assert_eq!(
        (&me["tenant_id"], &me["kind"], &me["id"]),
        (&json!(alpine.id), &json!("operator"), &begun["operator_id"])
    );
    inside.get("/v1/ports").await.expect(200);
    for (path, body) in [
        ("/v1/api-keys", json!({ "name": "stay" })),
        ("/v1/invitations", json!({ "email": "me@example.com" })),
        (
            "/v1/quotes",
            json!({ "port_id": uuid::Uuid::nil(), "kind": "base", "mbps": 1 }),
        ),
    ] {
        inside.post(path, body).await.problem(403, "permission_missing");
    }
    // The tenant sees who came, why, and what was asked, while it happens.
    let seen = alpine.client.get("/v1/visits").await.expect(200);
    assert_eq!(seen["items"][0]["reason"], REASON);
    assert_eq!(seen["items"][0]["ended_at"], json!(null));
    assert!(!seen.to_string().contains("vis_"));
    let told = events(&alpine.client, "").await;
    let told: Vec<_> = told
        .iter()
        .filter(|event| event["initiated_by"] == begun["id"])
        .map(|event| {
            assert_eq!(event["actor_kind"], "operator");
            assert_eq!(event["actor_id"], begun["operator_id"]);
            let what = &event["detail"]["operation"];
            format!(
                "{} {}",
                event["action"].as_str().unwrap(),
                what.as_str().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "visit.request GET /v1/me",
            "visit.request GET /v1/ports",
            "visit.request POST /v1/api-keys",
            "permission.use -",
            "visit.request POST /v1/invitations",
            "permission.use -",
            "visit.request POST /v1/quotes",
            "permission.use -",
        ]
    );
}

#[tokio::test]
async fn a_visit_is_over_at_its_time_when_either_ends_it_and_when_its_operator_is_revoked() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ada = host.operator("ada").await;
    let (_, expired) = enter(&ada, visit(&reseller.id, false)).await;
    host.clock.set(host.app.now() + TimeDelta::minutes(59));
    expired.get("/v1/me").await.expect(200);
    host.clock.set(host.app.now() + TimeDelta::minutes(1));
    let (left, out) = enter(&ada, visit(&reseller.id, false)).await;
    let path = format!("/v1/operator/visits/{}", text(&left["id"]));
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.problem(404, "not_found");
    let (shown, door) = enter(&ada, visit(&reseller.id, false)).await;
    let path = format!("/v1/visits/{}", text(&shown["id"]));
    reseller.client.delete(&path).await.expect(204);
    reseller.client.delete(&path).await.problem(404, "not_found");
    let (_, revoked) = enter(&ada, visit(&reseller.id, false)).await;
    revoked.get("/v1/me").await.expect(200);
    accounts::revoke(&host.app, "ada").await.unwrap();
    for gone in [expired, out, door, revoked] {
        gone.get("/v1/me").await.problem(401, "credential_invalid");
    }
    let seen = reseller.client.get("/v1/visits").await.expect(200);
    let ended: Vec<_> = (0..4).map(|at| seen["items"][at]["ended_by"].clone()).collect();
    assert_eq!(
        ended,
        [json!(null), json!("operator"), json!("tenant"), json!(null)]
    );
    let told = events(&reseller.client, "").await;
    let told: Vec<_> = told
        .iter()
        .filter(|event| event["action"] == "visit.begin" || event["action"] == "visit.end")
        .map(|event| (text(&event["action"]), text(&event["actor_kind"])))
        .collect();
    let told: Vec<_> = told.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        told,
        [
            ("visit.begin", "operator"),
            ("visit.begin", "operator"),
            ("visit.end", "operator"),
            ("visit.begin", "operator"),
            ("visit.end", "api_key"),
            ("visit.begin", "operator"),
        ]
    );
}

#[tokio::test]
async fn an_operator_ends_only_its_own_visits_and_a_tenant_only_those_to_itself() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let other = host.reseller("harbour").await;
    let (ada, bob) = (host.operator("ada").await, host.operator("bob").await);
    let (begun, inside) = enter(&ada, visit(&reseller.id, false)).await;
    let id = text(&begun["id"]);
    bob.delete(&format!("/v1/operator/visits/{id}"))
        .await
        .problem(404, "not_found");
    other
        .client
        .delete(&format!("/v1/visits/{id}"))
        .await
        .problem(404, "not_found");
    inside.get("/v1/me").await.expect(200);
    inside
        .at("harbour.localhost")
        .get("/v1/me")
        .await
        .problem(421, "misdirected");
}

#[tokio::test]
async fn an_operator_sees_its_own_visits_wherever_they_were_and_nobody_elses() {
    let host = Host::start().await;
    let (northlight, harbour) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let (ada, bob) = (host.operator("ada").await, host.operator("bob").await);
    let (first, _) = enter(&ada, visit(&northlight.id, false)).await;
    let (second, _) = enter(&ada, visit(&harbour.id, true)).await;
    enter(&bob, visit(&northlight.id, false)).await;
    ada.delete(&format!("/v1/operator/visits/{}", text(&first["id"])))
        .await
        .expect(204);
    let page = ada.get("/v1/operator/visits?limit=1").await.expect(200);
    assert_eq!(page["items"][0]["id"], first["id"]);
    assert_eq!(page["items"][0]["ended_by"], "operator");
    let next = text(&page["next"]);
    let rest = format!("/v1/operator/visits?cursor={next}");
    let rest = ada.get(&rest).await.expect(200);
    let rest = rest["items"].as_array().unwrap();
    assert_eq!((rest.len(), &rest[0]["id"]), (1, &second["id"]));
    assert_eq!(rest[0]["reason"], REASON);
    assert!(!rest[0].to_string().contains("vis_"), "a token is shown once");
    bob.get("/v1/operator/visits?cursor=forged")
        .await
        .problem(400, "cursor_invalid");
    bob.get("/v1/operator/visits?limit=0")
        .await
        .problem(422, "limit_out_of_range");
    northlight
        .client
        .get("/v1/operator/visits")
        .await
        .problem(401, "credential_invalid");
}

#[tokio::test]
async fn a_visit_needs_a_reason_a_length_and_a_tenant() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let ada = host.operator("ada").await;
    for (field, value, code) in [
        ("reason", json!("because"), "reason_invalid"),
        ("reason", json!("x".repeat(501)), "reason_invalid"),
        ("minutes", json!(0), "minutes_out_of_range"),
        ("minutes", json!(61), "minutes_out_of_range"),
        ("minutes", json!("long"), "json_unexpected"),
        ("more", json!(1), "json_unexpected"),
    ] {
        let mut new = visit(&reseller.id, false);
        new[field] = value;
        ada.post("/v1/operator/visits", new).await.problem(422, code);
    }
    ada.post(
        "/v1/operator/visits",
        visit(&uuid::Uuid::nil().to_string(), false),
    )
    .await
    .problem(404, "not_found");
    let seen = reseller.client.get("/v1/visits").await.expect(200);
    assert_eq!(seen["items"], json!([]));
}

#[tokio::test]
async fn what_a_writing_visit_booked_runs_for_the_visit_and_comes_back_down_after_it() {
    let stage = Stage::set().await;
    let port = stage.port("a-1", 1000).await;
    let ada = stage.host.operator("ada").await;
    let (begun, inside) = enter(&ada, visit(&stage.customer.id, true)).await;
    let quote = json!({ "port_id": port, "kind": "window", "mbps": 5000,
        "starts_at": "2026-03-02T18:00:00Z", "ends_at": "2026-03-02T22:00:00Z" });
    let quote = inside.post("/v1/quotes", quote).await.expect(201);
    let booking = json!({ "quote_id": quote["id"] });
    let change = inside.post("/v1/bandwidth-changes", booking).await.expect(201);
    inside
        .post("/v1/api-keys", json!({ "name": "stay" }))
        .await
        .problem(403, "permission_missing");
    let left = format!("/v1/operator/visits/{}", text(&begun["id"]));
    ada.delete(&left).await.expect(204);
    stage.go_to("2026-03-03T12:00:00Z").await;
    assert_eq!(stage.change(&change).await["return_leg"]["state"], "verified");
    let told = events(&stage.customer.client, "").await;
    let of_the_visit = told.iter().filter(|event| event["initiated_by"] == begun["id"]);
    let kinds: std::collections::BTreeSet<_> = of_the_visit
        .map(|event| format!("{} {}", text(&event["actor_kind"]), text(&event["action"])))
        .collect();
    for expected in [
        "operator visit.request",
        "operator quote.make",
        "operator bandwidth_change.book",
    ] {
        assert!(kinds.contains(expected), "{kinds:?}");
    }
    assert!(kinds.iter().any(|kind| kind.starts_with("system ")), "{kinds:?}");
}
