//! Fields of a reseller's own on its ports and customers, unlike any demo's: validated, kept, found, shown, and sealed
//! where they are personal.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Stage, text};

fn fields() -> Value {
    json!({ "fields": [
        { "key": "rack", "label": "Rack", "type": "text", "max_length": 20, "filterable": true },
        { "key": "vlan", "label": "VLAN", "type": "integer", "min": "1", "max": "4094", "filterable": true },
        { "key": "attenuation_db", "label": "Attenuation", "type": "decimal", "max": "30" },
        { "key": "live_since", "label": "Live since", "type": "date", "filterable": true },
        { "key": "protected", "label": "Protected", "type": "boolean", "filterable": true },
        { "key": "use", "label": "Use", "type": "choice", "choices": ["studio", "archive"], "filterable": true },
        { "key": "contact", "label": "Whom to call", "type": "text", "personal": true }
    ] })
}

const KEY: &str = "/v1/settings/custom_fields.port";

async fn found(stage: &Stage, query: &str) -> Vec<String> {
    let answer = stage
        .reseller
        .client
        .get(&format!("/v1/ports?{query}"))
        .await
        .expect(200);
    answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| text(&port["name"]))
        .collect()
}

#[tokio::test]
async fn values_are_read_by_the_schema_kept_shown_and_found() {
    let stage = Stage::set().await;
    let client = &stage.reseller.client;
    client.put(KEY, fields()).await.expect(200);
    stage.build_port("first", 1000);
    let values = json!({ "rack": "R7 \u{fc}ber", "vlan": 120, "attenuation_db": "12.50", "live_since": "2026-02-28",
        "protected": true, "use": "studio", "contact": "Ada Lovelace, +43 1 555" });
    let mut new = stage.new_port("first", 1000);
    new["fields"] = values.clone();
    let port = client.post("/v1/ports", new).await.expect(201);
    let mut expected = values;
    expected["attenuation_db"] = json!("12.5");
    assert_eq!((&port["fields"], &port["former_fields"]), (&expected, &json!({})));
    stage.port("second", 1000).await;
    assert_eq!(
        stage.shown(&text(&port["id"])).await["fields"],
        expected,
        "its customer sees them"
    );
    for query in [
        "field.rack=R7%20%C3%BCber",
        "field.rack=R7%20u%CC%88ber",
        "field.vlan=120",
        "field.vlan=0120",
        "field.live_since=2026-02-28&field.protected=true",
        "field.use=studio&field.vlan=120&limit=1",
    ] {
        assert_eq!(found(&stage, query).await, ["first"], "{query}");
    }
    assert_eq!(found(&stage, "field.use=archive").await, [""; 0]);
    assert_eq!(found(&stage, "field.use=studio&field.vlan=121").await, [""; 0]);
}

#[tokio::test]
async fn what_the_schema_does_not_have_or_allow_is_refused_by_name() {
    let stage = Stage::set().await;
    let client = &stage.reseller.client;
    client.put(KEY, fields()).await.expect(200);
    let port = stage.port("studio", 1000).await;
    let path = format!("/v1/ports/{port}");
    for (values, code, name) in [
        (json!({ "colour": "red" }), "field_unknown", "colour"),
        (json!({ "vlan": 4095 }), "field_invalid", "vlan"),
        (json!({ "vlan": "120" }), "field_invalid", "vlan"),
        (json!({ "vlan": 1e300 }), "field_invalid", "vlan"),
        (json!({ "rack": "x".repeat(10_000) }), "field_invalid", "rack"),
        (json!({ "rack": "a\u{202e}b" }), "field_invalid", "rack"),
        (json!({ "use": "party" }), "field_invalid", "use"),
        (
            json!({ "live_since": "2026-02-30" }),
            "field_invalid",
            "live_since",
        ),
        (json!({ "rack": { "deep": [[[[]]]] } }), "field_invalid", "rack"),
        (json!({ "unknown\u{202e}": null }), "field_unknown", "unknown"),
    ] {
        let detail = client
            .patch(&path, json!({ "fields": values }))
            .await
            .problem(422, code);
        assert!(detail.contains(name) && detail.len() < 300, "{detail}");
    }
    assert_eq!(stage.shown(&port).await["fields"], json!({}));
    for (query, code, name) in [
        ("field.colour=red", "field_unknown", "colour"),
        ("field.contact=Ada", "field_not_filterable", "contact"),
        ("field.vlan=many", "field_invalid", "vlan"),
        ("field.vlan=1&field.vlan=2", "field_twice", "vlan"),
        ("colour=red", "query_unexpected", "colour"),
    ] {
        let detail = client.get(&format!("/v1/ports?{query}")).await.problem(400, code);
        assert!(detail.contains(name), "{detail}");
    }
}

#[tokio::test]
async fn a_value_outlives_its_field_and_a_required_one_is_asked_for_at_the_next_edit() {
    let stage = Stage::set().await;
    let client = &stage.reseller.client;
    client.put(KEY, fields()).await.expect(200);
    let port = stage.port("studio", 1000).await;
    let path = format!("/v1/ports/{port}");
    client
        .patch(
            &path,
            json!({ "fields": { "rack": "R7", "vlan": 120, "use": "studio" } }),
        )
        .await
        .expect(200);
    // `rack` goes, `vlan` becomes a text, `owner` comes and is required.
    let changed = json!({ "fields": [
        { "key": "vlan", "label": "VLAN", "type": "date" },
        { "key": "use", "label": "Use", "type": "choice", "choices": ["other"] },
        { "key": "owner", "label": "Owner", "type": "text", "required": true }
    ] });
    client.put(KEY, changed).await.expect(200);
    let shown = client.get(&path).await.expect(200);
    assert_eq!(shown["fields"], json!({ "use": "studio" }));
    assert_eq!(shown["former_fields"], json!({ "rack": "R7", "vlan": "120" }));
    let detail = client
        .patch(&path, json!({ "name": "studio-2" }))
        .await
        .problem(422, "field_required");
    assert!(detail.contains("owner"), "{detail}");
    let edit = json!({ "name": "studio-2", "fields": { "owner": "Ops", "rack": null } });
    let edited = client.patch(&path, edit).await.expect(200);
    assert_eq!(
        (&edited["name"], &edited["former_fields"]),
        (&json!("studio-2"), &json!({ "vlan": "120" }))
    );
    client
        .patch(&path, json!({ "fields": { "owner": null } }))
        .await
        .problem(422, "field_required");
    client.put(KEY, fields()).await.expect(200);
    assert_eq!(
        client.get(&path).await.expect(200)["fields"],
        json!({ "vlan": 120, "use": "studio" })
    );
}

#[tokio::test]
async fn a_personal_value_is_sealed_at_rest_and_in_no_trail() {
    let stage = Stage::set().await;
    let client = &stage.reseller.client;
    client.put(KEY, fields()).await.expect(200);
    let port = stage.port("studio", 1000).await;
    let secret = "Ada Lovelace 555-0199";
    client
        .patch(
            &format!("/v1/ports/{port}"),
            json!({ "fields": { "contact": secret, "rack": "R7" } }),
        )
        .await
        .expect(200);
    assert_eq!(stage.shown(&port).await["fields"]["contact"], secret);
    let mut superuser = stage.host.database.superuser().await;
    let kept: Vec<(String, Option<String>, bool)> =
        sqlx::query_as("select field, value, sealed is null from field_value order by field")
            .fetch_all(&mut superuser)
            .await
            .unwrap();
    let clear = |field: &str, value: Option<&str>, is: bool| (field.to_owned(), value.map(str::to_owned), is);
    assert_eq!(
        kept,
        [clear("contact", None, false), clear("rack", Some("R7"), true)]
    );
    let trail = client
        .get(&format!("/v1/audit-events?target_id={port}&limit=200"))
        .await;
    let trail = String::from_utf8_lossy(&trail.bytes).into_owned();
    assert!(
        !trail.contains("Lovelace") && trail.contains("port.edit") && trail.contains("R7"),
        "{trail}"
    );
}

#[tokio::test]
async fn an_edit_is_for_the_version_that_was_read_and_by_the_reseller() {
    let stage = Stage::set().await;
    let client = &stage.reseller.client;
    let port = stage.port("studio", 1000).await;
    stage.port("taken", 1000).await;
    let path = format!("/v1/ports/{port}");
    let read = client.get(&path).await.etag();
    client
        .edit(Method::PATCH, &path, &read, json!({ "name": "one" }))
        .await
        .expect(200);
    client
        .edit(Method::PATCH, &path, &read, json!({ "name": "two" }))
        .await
        .problem(412, "version_stale");
    let theirs = stage.customer.client.get(&path).await.etag();
    client
        .edit(Method::PATCH, &path, &theirs, json!({ "name": "two" }))
        .await
        .problem(412, "version_stale");
    client
        .patch(&path, json!({ "name": "taken" }))
        .await
        .problem(409, "name_taken");
    client
        .patch(&path, json!({ "name": "" }))
        .await
        .problem(422, "name_invalid");
    stage
        .customer
        .client
        .patch(&path, json!({ "name": "mine" }))
        .await
        .problem(403, "permission_missing");
    let other = stage.host.reseller("harbour").await;
    other
        .client
        .edit(Method::PATCH, &path, &read, json!({ "name": "x" }))
        .await
        .problem(404, "not_found");
    assert_eq!(client.get(&path).await.expect(200)["name"], "one");
}
