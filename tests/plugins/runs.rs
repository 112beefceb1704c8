//! What is known of calls afterwards: what was asked, what came of it, what the plugin printed; how runs are found; and
//! for how long.

use chrono::TimeDelta;
use nexusport_plugins::{PRICING_COMMITTED, hostile};
use serde_json::{Value, json};

use super::{SETTINGS, approved};
use crate::{
    harness::{Host, Reseller, text},
    limits::set,
};

/// Settings that the guest `stumbles` panics over.
pub const STUMBLE: &str = r#"{"stumble":true}"#;

/// A quote's worth of facts, asked of a release as whoever holds the key.
pub async fn price(host: &Host, key: &str, release: &str, settings: &str) -> Result<(), String> {
    use nexusport::{identity::entrance, plugins};
    use nexusport_sandbox::pricing::{Fact, Interval, Period, Request};

    let period = Period {
        start: 0,
        end: 2_592_000_000,
    };
    let interval = Interval {
        start: 0,
        end: 1_296_000_000,
        mbps: 1_000,
        base_mbps: 1_000,
        extras: vec![],
    };
    let request = Request {
        period,
        time_zone: "UTC".into(),
        currency: "EUR".into(),
        settings: settings.into(),
        facts: vec![Fact::Interval(interval)],
        extras: vec![],
    };
    let caller = entrance::authenticate(&host.app, key).await.unwrap();
    let release = release.parse::<uuid::Uuid>().unwrap().into();
    let priced = plugins::price(&host.app, &caller, release, &request).await;
    priced.map(|_| ()).map_err(|fault| fault.to_string())
}

pub async fn sample(reseller: &Reseller, percent: u32) {
    let value = json!({ "sample_percent": percent });
    let set = reseller.client.put("/v1/settings/plugin_runs", value).await;
    assert!(set.status.is_success(), "{set:?}");
}

pub async fn list(reseller: &Reseller, query: &str) -> Vec<Value> {
    let found = reseller.client.get(&format!("/v1/plugin-runs?{query}")).await;
    found.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn failures_keep_what_was_asked_and_answers_as_many_as_the_reseller_says() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let release = approved(&reseller, "stumbles", hostile::STUMBLES).await;
    sample(&reseller, 0).await;
    price(&host, &reseller.key, &release, SETTINGS).await.unwrap();
    price(&host, &reseller.key, &release, STUMBLE).await.unwrap_err();
    sample(&reseller, 100).await;
    price(&host, &reseller.key, &release, SETTINGS).await.unwrap();
    let runs = list(&reseller, &format!("release_id={release}")).await;
    let told: Vec<_> = runs
        .iter()
        .map(|run| (run["outcome"].as_str().unwrap(), run["keeping"].as_str().unwrap()))
        .collect();
    let expected = [
        ("answered", "not_sampled"),
        ("plugin_panicked", "kept"),
        ("answered", "kept"),
    ];
    assert_eq!(told, expected);
    assert_eq!(runs[0]["input_hash"], runs[2]["input_hash"]);
    assert_eq!(runs[0]["output_hash"], runs[2]["output_hash"]);
    assert!(runs[0]["output_hash"].is_string() && runs[1]["output_hash"].is_null());
    assert_eq!(runs[0]["build"], nexusport_sandbox::BUILD);
}

#[tokio::test]
async fn runs_are_found_by_release_plugin_world_function_outcome_customer_and_time() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "quay").await;
    let one = approved(&reseller, "one", PRICING_COMMITTED).await;
    let two = approved(&reseller, "two", hostile::STUMBLES).await;
    price(&host, &reseller.key, &one, SETTINGS).await.unwrap();
    let later = host.app.now() + TimeDelta::hours(1);
    host.clock.set(later);
    price(&host, &customer.key, &two, STUMBLE).await.unwrap_err();
    let of = async |query: String| {
        let runs = list(&reseller, &query).await;
        let priced = runs.into_iter().filter(|run| !run["release_id"].is_null());
        priced.map(|run| text(&run["release_id"])).collect::<Vec<_>>()
    };
    let at = later.format("%Y-%m-%dT%H:%M:%SZ");
    for (query, expected) in [
        (format!("release_id={one}"), vec![&one]),
        ("plugin=two".to_owned(), vec![&two]),
        ("world=pricing".to_owned(), vec![&one, &two]),
        ("world=carrier".to_owned(), vec![]),
        ("function=pricing.price&outcome=answered".to_owned(), vec![&one]),
        ("outcome=plugin_panicked".to_owned(), vec![&two]),
        ("outcome=failed".to_owned(), vec![&two]),
        (format!("customer_id={}", customer.id), vec![&two]),
        (format!("from={at}"), vec![&two]),
        (format!("until={at}"), vec![&one]),
        (format!("from={at}&plugin=one"), vec![]),
    ] {
        assert_eq!(
            of(query.clone()).await.iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
    }
    let wrong = reseller.client.get("/v1/plugin-runs?from=yesterday").await;
    wrong.problem(400, "query_unexpected");
    let first = reseller.client.get("/v1/plugin-runs?limit=1").await.expect(200);
    let other = format!(
        "/v1/plugin-runs?limit=1&plugin=two&cursor={}",
        text(&first["next"])
    );
    reseller.client.get(&other).await.problem(400, "cursor_invalid");
}

#[tokio::test]
async fn what_a_plugin_prints_is_shown_to_who_may_see_what_it_is_asked() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let release = approved(&reseller, "stumbles", hostile::STUMBLES).await;
    price(&host, &reseller.key, &release, SETTINGS).await.unwrap();
    let run = &list(&reseller, &format!("release_id={release}")).await[0];
    let path = format!("/v1/plugin-runs/{}", text(&run["id"]));
    let whole = reseller.client.get(&path).await.expect(200);
    assert!(text(&whole["log"]).starts_with("asked for 1 facts"), "{whole}");
    let reader = json!({ "name": "reader", "permissions": ["plugins.read"] });
    let key = reseller.client.post("/v1/api-keys", reader).await.expect(201);
    let reader = reseller.client.with_token(&text(&key["secret"]));
    let less = reader.get(&path).await.expect(200);
    assert_eq!((&less["id"], &less["log"]), (&run["id"], &Value::Null));
    reader
        .get(&format!("{path}/fixture"))
        .await
        .problem(403, "permission_missing");
    let stored: Vec<u8> = sqlx::query_scalar("select log from plugin_run where log is not null")
        .fetch_one(&mut host.database.superuser().await)
        .await
        .unwrap();
    assert!(!stored.windows(5).any(|part| part == b"asked"), "it lies sealed");
}

#[tokio::test]
async fn runs_are_kept_for_as_long_as_the_plan_says() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let other = host.reseller("harbour").await;
    let release = approved(&reseller, "one", PRICING_COMMITTED).await;
    let theirs = approved(&other, "one", PRICING_COMMITTED).await;
    price(&host, &reseller.key, &release, SETTINGS).await.unwrap();
    price(&host, &other.key, &theirs, SETTINGS).await.unwrap();
    set(&host.operator("ada").await, &reseller.id, "plugin_run_days", 2).await;
    let begun = host.app.now();
    for (hours, left) in [(25, true), (50, false)] {
        host.clock.set(begun + TimeDelta::hours(hours));
        nexusport::worker::drain(&host.app).await.unwrap();
        let query = format!("release_id={release}");
        assert_eq!(
            list(&reseller, &query).await.len(),
            usize::from(left),
            "after {hours} hours"
        );
    }
    assert_eq!(list(&other, &format!("release_id={theirs}")).await.len(), 1);
}
