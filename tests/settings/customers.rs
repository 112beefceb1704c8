//! Fields of a reseller's own on its customers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Stage, text};

#[tokio::test]
async fn customers_have_fields_too_and_one_of_them_can_have_its_own() {
    let stage = Stage::set().await;
    let client = &stage.reseller.client;
    let tier = |choices: Value| {
        json!({ "fields": [
        { "key": "tier", "label": "Tier", "type": "choice", "choices": choices, "required": true, "filterable": true }] })
    };
    client
        .put(
            "/v1/settings/custom_fields.customer",
            tier(json!(["gold", "iron"])),
        )
        .await
        .expect(200);
    let new = |slug: &str, fields: Value| json!({ "slug": slug, "name": slug, "currency": "EUR", "time_zone": "UTC", "fields": fields });
    client
        .post("/v1/customers", new("dock", json!({})))
        .await
        .problem(422, "field_required");
    let dock = client
        .post("/v1/customers", new("dock", json!({ "tier": "gold" })))
        .await
        .expect(201);
    assert_eq!(dock["fields"], json!({ "tier": "gold" }));
    let quay = format!("/v1/customers/{}", stage.customer.id);
    client
        .put(
            &format!("{quay}/settings/custom_fields.customer"),
            tier(json!(["gold", "tin"])),
        )
        .await
        .expect(200);
    client
        .patch(&quay, json!({ "fields": { "tier": "iron" } }))
        .await
        .problem(422, "field_invalid");
    let read = client.get(&quay).await.etag();
    client
        .edit(
            Method::PATCH,
            &quay,
            &read,
            json!({ "name": "Quay Ltd", "fields": { "tier": "tin" } }),
        )
        .await
        .expect(200);
    client
        .edit(Method::PATCH, &quay, &read, json!({ "name": "x" }))
        .await
        .problem(412, "version_stale");
    let found = |query: &'static str| async move {
        let answer = client.get(&format!("/v1/customers?{query}")).await.expect(200);
        answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(&item["name"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("field.tier=gold").await, ["dock"]);
    assert_eq!(found("field.tier=tin").await, ["Quay Ltd"]);
    client
        .get("/v1/customers?field.tier=lead")
        .await
        .problem(400, "field_invalid");
    let other = stage.host.reseller("harbour").await;
    other
        .client
        .get("/v1/customers?field.tier=gold")
        .await
        .problem(400, "field_unknown");
    // A page of a narrowed list is of that list alone.
    client
        .patch(&quay, json!({ "fields": { "tier": "gold" } }))
        .await
        .expect(200);
    let page = client
        .get("/v1/customers?field.tier=gold&limit=1")
        .await
        .expect(200);
    let next = text(&page["next"]);
    let rest = client
        .get(&format!("/v1/customers?field.tier=gold&cursor={next}"))
        .await
        .expect(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    client
        .get(&format!("/v1/customers?cursor={next}"))
        .await
        .problem(400, "cursor_invalid");
}
