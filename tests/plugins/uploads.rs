//! What becomes of uploaded bytes.

use nexusport_plugins::{BRAND_HARBOUR, CARRIER_SIMULATOR, PRICING_BURST, PRICING_COMMITTED, hostile};
use serde_json::json;

use super::{approve, report, upload};
use crate::harness::{Host, text};

#[tokio::test]
async fn a_component_becomes_a_release_of_its_world() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let release = upload(&reseller.client, "monthly", PRICING_COMMITTED)
        .await
        .expect(201);
    assert_eq!(
        (&release["plugin"], &release["world"], &release["state"]),
        (&json!("monthly"), &json!("pricing"), &json!("checked"))
    );
    let checks = report(&reseller.client, release["id"].as_str().unwrap()).await;
    assert!(
        checks.iter().all(|check| check["outcome"] == "passed"),
        "{checks:?}"
    );
    let again = upload(&reseller.client, "monthly", PRICING_COMMITTED)
        .await
        .expect(201);
    assert_eq!(
        again["id"], release["id"],
        "the same component is the same release"
    );
    let plugins = reseller.client.get("/v1/plugins").await.expect(200);
    assert_eq!(plugins["items"].as_array().unwrap().len(), 1);
    let releases = reseller
        .client
        .get("/v1/plugins/monthly/releases")
        .await
        .expect(200);
    assert_eq!(releases["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_world_can_be_uploaded() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    for (component, world) in [
        (CARRIER_SIMULATOR, "carrier"),
        (PRICING_BURST, "pricing"),
        (BRAND_HARBOUR, "branding"),
    ] {
        let release = upload(&reseller.client, world, component).await.expect(201);
        assert_eq!(release["world"], world);
        let detail = reseller
            .client
            .get(&format!("/v1/releases/{}", text(&release["id"])))
            .await
            .expect(200);
        assert!(
            !detail["description"]["name"].as_str().unwrap().is_empty(),
            "{detail}"
        );
    }
}

/// A guest, the check it fails, and the limit that its problem and its report name.
struct Case(&'static str, &'static [u8], &'static str, Option<u64>);

#[tokio::test]
async fn a_hostile_component_gets_a_problem_with_the_limit_and_the_host_goes_on() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let cases = [
        Case("loops", hostile::LOOPS, "describe", Some(5_000_000)),
        Case("overdoes", hostile::OVERDOES, "describe", Some(8)),
        Case("hoards", hostile::HOARDS, "trial", Some(64 * 1024 * 1024)),
        Case("floods", hostile::FLOODS, "trial", Some(4 * 1024 * 1024)),
        Case("recurses", hostile::RECURSES, "trial", Some(512 * 1024)),
        Case("grips", hostile::GRIPS, "trial", Some(1_000)),
        Case("panics", hostile::PANICS, "trial", None),
        Case("lies", hostile::LIES, "trial", Some(8 * 1024)),
        Case("discounts", hostile::DISCOUNTS, "pricing_additive", None),
        Case("compares", hostile::COMPARES, "pricing_fuel_slope", Some(200)),
        // Whatever waits does not, and it prices nothing.
        Case("sleeps", hostile::SLEEPS, "pricing_serves", None),
        Case("opens-files", hostile::OPENS_FILES, "imports", None),
        Case("opens-sockets", hostile::OPENS_SOCKETS, "imports", None),
    ];
    for Case(name, component, check, limit) in cases {
        let path = format!(
            "/v1/plugins/{name}/releases?world={}",
            if name == "overdoes" { "carrier" } else { "pricing" }
        );
        let detail = reseller
            .client
            .upload(&path, component)
            .await
            .problem(422, "component_refused");
        assert!(detail.contains(&format!("the check {check}")), "{name}: {detail}");
        let releases = reseller
            .client
            .get(&format!("/v1/plugins/{name}/releases"))
            .await
            .expect(200);
        let release = &releases["items"][0];
        assert_eq!(release["state"], "refused", "{name}");
        let checks = report(&reseller.client, release["id"].as_str().unwrap()).await;
        let last = checks.last().unwrap();
        assert_eq!(
            (&last["name"], &last["outcome"]),
            (&json!(check), &json!("failed")),
            "{name}: {checks:?}"
        );
        assert_eq!(last["limit"].as_u64(), limit, "{name}: {last}");
        if let Some(limit) = limit {
            assert!(detail.contains(&limit.to_string()), "{name}: {detail}");
        }
        approve(&reseller.client, release["id"].as_str().unwrap())
            .await
            .problem(409, "release_refused");
    }
    upload(&reseller.client, "monthly", PRICING_COMMITTED)
        .await
        .expect(201);
    assert_eq!(host.client.get("/livez").await.status, 200);
}

#[tokio::test]
async fn what_is_refused_by_name_is_named() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let refused = async |component: &[u8]| {
        let answer = upload(&reseller.client, "x", component).await;
        answer.problem(422, "component_refused")
    };
    assert!(refused(hostile::OPENS_FILES).await.contains("wasi:filesystem"));
    assert!(refused(hostile::OPENS_SOCKETS).await.contains("wasi:sockets"));
    assert!(refused(hostile::OVERDOES).await.contains("1000"));
    assert!(refused(b"garbage").await.contains("not a component"));
    assert!(refused(b"").await.contains("not a component"));
    assert!(refused(b"\0asm\x01\0\0\0").await.contains("core module"));
}

#[tokio::test]
async fn a_refused_first_upload_makes_no_plugin_of_a_world_nobody_named() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    upload(&reseller.client, "x", b"garbage")
        .await
        .problem(422, "component_refused");
    reseller
        .client
        .get("/v1/plugins/x/releases")
        .await
        .problem(404, "not_found");
    let detail = reseller
        .client
        .upload("/v1/plugins/x/releases?world=carrier", PRICING_COMMITTED)
        .await
        .problem(422, "component_refused");
    assert!(detail.contains("plugin_world"), "{detail}");
    reseller
        .client
        .get("/v1/plugins/x/releases")
        .await
        .problem(404, "not_found");
    let audit = reseller
        .client
        .get("/v1/audit-events?action=release.upload")
        .await
        .expect(200);
    let events = audit["items"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!(event["outcome"], "refused");
        assert!(
            event["detail"]["report"]
                .as_array()
                .unwrap()
                .iter()
                .any(|check| check["outcome"] == "failed")
        );
    }
    upload(&reseller.client, "x", PRICING_COMMITTED).await.expect(201);
    upload(&reseller.client, "x", BRAND_HARBOUR)
        .await
        .problem(422, "component_refused");
}

#[tokio::test]
async fn uploads_are_wasm_within_16_mib_under_a_name() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let too_much = vec![0; 16 * 1024 * 1024 + 1];
    let detail = upload(&reseller.client, "x", &too_much)
        .await
        .problem(413, "body_too_large");
    assert!(detail.contains("16777216"));
    upload(&reseller.client, "Not-A-Name", PRICING_COMMITTED)
        .await
        .problem(422, "plugin_name_invalid");
    reseller
        .client
        .post("/v1/plugins/x/releases", json!({}))
        .await
        .problem(415, "content_type_unexpected");
}
