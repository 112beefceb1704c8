//! Editing settings: versions, what is refused, what is told of it, and that an edit counts at once everywhere.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Host, text};

const NAMING: &str = "/v1/settings/naming.port";

fn naming(pattern: &str) -> Value {
    json!({ "pattern": pattern })
}

#[tokio::test]
async fn an_edit_of_a_version_that_is_gone_is_refused() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let client = &reseller.client;
    let read = client.get(NAMING).await;
    let first = client.edit(Method::PUT, NAMING, &read.etag(), naming("a+")).await;
    first.expect(200);
    assert_ne!(first.etag(), read.etag());
    let late = client.edit(Method::PUT, NAMING, &read.etag(), naming("b+")).await;
    late.problem(412, "version_stale");
    assert_eq!(client.get(NAMING).await.expect(200)["value"], naming("a+"));
    // What was taken away and set again is another version, though it looks the same.
    client.delete(NAMING).await.expect(200);
    let again = client.put(NAMING, naming("a+")).await;
    assert_eq!(again.expect(200)["own"]["version"], 3);
    client
        .edit(Method::PUT, NAMING, &first.etag(), naming("b+"))
        .await
        .problem(412, "version_stale");
    client
        .edit(Method::PUT, NAMING, &again.etag(), naming("b+"))
        .await
        .expect(200);
    let gone = client
        .send(
            client
                .request(Method::DELETE, NAMING)
                .header("if-match", again.etag()),
        )
        .await;
    gone.problem(412, "version_stale");
}

#[tokio::test]
async fn anothers_etag_never_fits() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let (customer, other) = (
        host.customer(&reseller, "quay").await,
        host.reseller("harbour").await,
    );
    let sibling = host.customer(&reseller, "dock").await;
    let owners = [&reseller.client, &customer.client, &sibling.client, &other.client];
    let mut etags = Vec::new();
    for client in owners {
        etags.push(client.put(NAMING, naming("a+")).await.etag());
    }
    for (n, client) in owners.into_iter().enumerate() {
        for (m, etag) in etags.iter().enumerate().filter(|(m, _)| *m != n) {
            let answer = client.edit(Method::PUT, NAMING, etag, naming("b+")).await;
            answer.problem(412, "version_stale");
            assert_ne!(etags[n], etags[m]);
        }
    }
}

#[tokio::test]
async fn an_edit_counts_at_once_on_every_host() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "quay").await;
    let beside = host.another().await.with_token(&customer.key);
    for pattern in ["a+", "b+", "c+"] {
        reseller.client.put(NAMING, naming(pattern)).await.expect(200);
        for client in [&customer.client, &beside] {
            let seen = client.get(NAMING).await.expect(200);
            assert_eq!(
                (&seen["value"], &seen["source"]),
                (&naming(pattern), &json!("reseller"))
            );
        }
    }
    beside.put(NAMING, naming("mine")).await.expect(200);
    assert_eq!(
        customer.client.get(NAMING).await.expect(200)["value"],
        naming("mine")
    );
    beside.delete(NAMING).await.expect(200);
    assert_eq!(
        customer.client.get(NAMING).await.expect(200)["value"],
        naming("c+")
    );
}

#[tokio::test]
async fn each_edit_is_told_with_what_was_and_what_is() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "quay").await;
    let path = format!("/v1/customers/{}/settings/naming.port", customer.id);
    reseller.client.put(&path, naming("a+")).await.expect(200);
    reseller.client.put(&path, naming("b+")).await.expect(200);
    reseller.client.delete(&path).await.expect(200);
    // There is nothing left to take away, so nothing to tell.
    reseller.client.delete(&path).await.expect(200);
    let told = reseller
        .client
        .get(&format!("/v1/audit-events?target_id={}&limit=200", customer.id))
        .await
        .expect(200);
    let told = told["items"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .filter(|event| text(&event["action"]).starts_with("setting."))
        .map(|event| {
            (
                text(&event["action"]),
                event["detail"]["from"].clone(),
                event["detail"]["to"].clone(),
            )
        })
        .collect();
    let expected = [
        ("setting.set", Value::Null, naming("a+")),
        ("setting.set", naming("a+"), naming("b+")),
        ("setting.remove", naming("b+"), Value::Null),
    ];
    assert_eq!(
        told,
        expected.map(|(action, from, to)| (action.to_owned(), from, to))
    );
}

#[tokio::test]
async fn what_is_no_value_is_refused_by_place_and_rule() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let client = &reseller.client;
    let hours = |from: &str, to: &str| json!({ "time_zone": "UTC", "week": { "monday": [{ "from": from, "to": to }] } });
    let choice = |choices: Value| json!({ "fields": [{ "key": "f", "label": "F", "type": "choice", "choices": choices }] });
    for (key, value, place) in [
        ("business_hours", hours("9:00", "17:00"), "/week/monday/0/from"),
        ("business_hours", hours("17:00", "09:00"), "/week/monday/0"),
        (
            "business_hours",
            json!({ "time_zone": "Mars/Olympus", "week": {} }),
            "/time_zone",
        ),
        ("business_hours", json!({ "time_zone": "UTC" }), "week"),
        (
            "holidays",
            json!({ "days": [{ "date": "2026-02-30", "name": "x" }] }),
            "/days/0/date",
        ),
        ("naming.port", naming("(?=x)y"), "/pattern"),
        ("naming.port", naming(r"((\w{50}){50}){50}"), "/pattern"),
        (
            "naming.port",
            json!({ "pattern": ".*", "max_length": 1e300 }),
            "/max_length",
        ),
        ("approval", json!({ "mbps_above": -1 }), "/mbps_above"),
        ("approval", json!({ "four_ears": true }), "four_ears"),
        ("custom_fields.port", choice(json!([])), "/fields/0/choices"),
        (
            "custom_fields.port",
            choice(json!(["a\u{202e}b"])),
            "/fields/0/choices/0",
        ),
        (
            "custom_fields.port",
            choice(json!(["x".repeat(10_000)])),
            "/fields/0/choices/0",
        ),
        (
            "status_names",
            json!({ "language": "en", "words": { "en": { "port": { "gone": "x" } } } }),
            "/words/en/port",
        ),
        ("status_names", json!([]), "the value"),
    ] {
        let detail = client
            .put(&format!("/v1/settings/{key}"), value)
            .await
            .problem(422, "setting_invalid");
        assert!(
            detail.contains(place) && detail.chars().count() <= 300,
            "{place} is not in {detail}"
        );
    }
    assert_eq!(client.get(NAMING).await.expect(200)["source"], "platform");
    for unknown in [
        "/v1/settings/naming",
        "/v1/settings/NAMING.PORT",
        "/v1/settings/%00",
    ] {
        client.get(unknown).await.problem(404, "not_found");
        client.put(unknown, json!({})).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn values_that_are_too_large_or_too_deep_are_refused() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let client = &reseller.client;
    let large = json!({ "days": vec![json!({ "date": "2026-05-01", "name": "x".repeat(90) }); 600] });
    let detail = client
        .put("/v1/settings/holidays", large)
        .await
        .problem(413, "setting_too_large");
    assert!(detail.contains("65536"), "{detail}");
    let raw = |body: String| {
        let request = client
            .request(Method::PUT, NAMING)
            .header("content-type", "application/json");
        client.send(request.body(body))
    };
    raw("[".repeat(100_000)).await.problem(400, "json_malformed");
    raw(r#"{"pattern":1e999999}"#.to_owned())
        .await
        .problem(400, "json_malformed");
    raw(r#"{"pattern":"a","pattern":"b"}"#.to_owned())
        .await
        .expect(200);
    raw(r#"{"pattern":"a\u0000"}"#.to_owned())
        .await
        .problem(422, "value_unstorable");
}
