//! Calling releases: for whom, with which code, and what is left behind.

use std::{path::PathBuf, sync::Arc};

use nexusport::{
    app::App,
    boot,
    fault::Fault,
    identity::{Caller, entrance},
    ids::ReleaseId,
    plugins,
    vault::MasterKey,
};
use nexusport_plugins::{
    BRAND_HARBOUR, BRAND_NORTHLIGHT, CARRIER_SIMULATOR, PRICING_BURST, PRICING_COMMITTED,
};
use nexusport_sandbox::{
    branding::DocumentRequest,
    carrier::{Operation, Step, Task},
    pricing::{Fact, Interval, Period, Request},
};
use serde_json::json;

use super::{SETTINGS, approved, checked};
use crate::harness::Host;

const DAY_MS: i64 = 86_400_000;

pub(super) fn request(facts: Vec<Fact>) -> Request {
    Request {
        period: Period {
            start: 0,
            end: 30 * DAY_MS,
        },
        time_zone: "UTC".to_owned(),
        currency: "EUR".to_owned(),
        settings: SETTINGS.as_bytes().to_vec(),
        facts,
        extras: Vec::new(),
    }
}

pub(super) fn half_the_period() -> Fact {
    Fact::Interval(Interval {
        start: 0,
        end: 15 * DAY_MS,
        mbps: 1_000,
        base_mbps: 1_000,
        extras: Vec::new(),
    })
}

pub(super) async fn caller(app: &App, key: &str) -> Caller {
    entrance::authenticate(app, key).await.unwrap()
}

/// Another host on the same database and the same folders.
pub(super) async fn restarted(host: &Host) -> App {
    restarted_with(host, PathBuf::from(env!("CARGO_BIN_EXE_nexusport"))).await
}

/// The same with another program to compile with.
pub(super) async fn restarted_with(host: &Host, program: PathBuf) -> App {
    let parts = boot::Parts {
        clock: Arc::new(host.clock.clone()),
        connections: 2,
        master_key: MasterKey::new([7; 32]),
        allow_loopback_carriers: false,
        dns_resolver: None,
        cache: host.folder.path().join("cache"),
        post: crate::harness::post(host.folder.path()),
        trusted_proxies: Vec::new(),
        program,
    };
    boot::app(&host.database.urls, parts).await.unwrap()
}

pub(super) fn release_id(id: &str) -> ReleaseId {
    id.parse::<uuid::Uuid>().unwrap().into()
}

#[tokio::test]
async fn a_call_for_a_customer_runs_the_resellers_release_and_leaves_a_record() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "quay").await;
    let id = approved(&reseller, "monthly", PRICING_COMMITTED).await;
    let caller = caller(&host.app, &customer.key).await;
    let facts = request(vec![half_the_period()]);
    let priced = plugins::price(&host.app, &caller, release_id(&id), &facts)
        .await
        .unwrap();
    assert_eq!(priced.charges[0].amount, "200");
    let runs = reseller
        .client
        .get("/v1/plugin-runs?outcome=answered")
        .await
        .expect(200);
    let of_customer: Vec<_> = runs["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|run| run["for_tenant_id"] == json!(customer.id))
        .collect();
    let [run] = of_customer[..] else {
        panic!("one call for the customer: {of_customer:?}")
    };
    assert_eq!(run["function"], "pricing.price");
    assert!(
        run["fuel"].as_u64().unwrap() > 0 && run["wall_us"].as_u64().unwrap() > 0,
        "{run}"
    );
}

#[tokio::test]
async fn nobody_calls_another_resellers_release_or_one_that_was_not_approved() {
    let host = Host::start().await;
    let (reseller, other) = (host.reseller("northlight").await, host.reseller("harbour").await);
    let id = approved(&reseller, "monthly", PRICING_COMMITTED).await;
    let waiting = checked(&reseller, "burst", PRICING_BURST).await;
    let (ours, theirs) = (
        caller(&host.app, &reseller.key).await,
        caller(&host.app, &other.key).await,
    );
    let facts = request(vec![half_the_period()]);
    plugins::price(&host.app, &ours, release_id(&id), &facts)
        .await
        .unwrap();
    for (caller, id) in [(&theirs, &id), (&ours, &waiting)] {
        let refused = plugins::price(&host.app, caller, release_id(id), &facts).await;
        assert!(matches!(refused, Err(Fault::Missing)), "{refused:?}");
    }
}

#[tokio::test]
async fn compiled_code_that_is_gone_or_altered_is_made_again() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = approved(&reseller, "monthly", PRICING_COMMITTED).await;
    let folder = host.folder.path().join("cache").join(&reseller.id);
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let whole = std::fs::read(&file).unwrap();
    let facts = request(vec![half_the_period()]);
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    for left in [None, Some(altered)] {
        match left {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        // A host that has nothing in memory.
        let restarted = restarted(&host).await;
        let caller = caller(&restarted, &reseller.key).await;
        let priced = plugins::price(&restarted, &caller, release_id(&id), &facts)
            .await
            .unwrap();
        assert_eq!(priced.charges[0].amount, "200");
        assert_eq!(std::fs::read(&file).unwrap(), whole, "kept again");
    }
}

#[tokio::test]
async fn a_refusal_in_the_plugins_own_words_is_pricing_refused() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = approved(&reseller, "monthly", PRICING_COMMITTED).await;
    let caller = caller(&host.app, &reseller.key).await;
    let mut request = request(Vec::new());
    request.settings = b"{}".to_vec();
    let refused = plugins::price(&host.app, &caller, release_id(&id), &request).await;
    let Err(Fault::Refused(refusal)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(refusal.code, "pricing_refused");
}

#[tokio::test]
async fn a_brand_keeps_its_name_colours_logo_and_words() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let customer = host.customer(&reseller, "quay").await;
    let caller = caller(&host.app, &customer.key).await;
    for (name, component) in [("harbour", BRAND_HARBOUR), ("northlight", BRAND_NORTHLIGHT)] {
        let id = release_id(&approved(&reseller, name, component).await);
        let theme = plugins::theme(&host.app, &caller, id, &json!({})).await.unwrap();
        assert!(theme.name.to_lowercase().contains(name), "{theme:?}");
        for shape in [
            "<svg xmlns=",
            "viewBox=\"0 0 48 48\"",
            "<circle",
            "<path d=",
            "fill=\"#",
        ] {
            assert!(theme.logo_svg.contains(shape), "{shape} in {}", theme.logo_svg);
        }
        let labels = plugins::labels(&host.app, &caller, id, "en", &json!({}))
            .await
            .unwrap();
        assert!(labels.iter().any(|label| label.key == "invoice"));
        let request = DocumentRequest {
            kind: "invoice".to_owned(),
            language: "en".to_owned(),
            settings: b"{}".to_vec(),
            values: Vec::new(),
        };
        let document = plugins::document(&host.app, &caller, id, &request).await.unwrap();
        assert!(document.intro_html.starts_with("<p>"), "{document:?}");
    }
}

#[tokio::test]
async fn an_adapter_says_its_next_step_and_its_carriers_rules() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let id = release_id(&approved(&reseller, "adapter", CARRIER_SIMULATOR).await);
    let caller = caller(&host.app, &reseller.key).await;
    let description = plugins::carrier_description(&host.app, &caller, id)
        .await
        .unwrap();
    assert_eq!(description.destinations[0].handle, "api");
    let probe = Operation {
        id: "op-1".to_owned(),
        asked_at: 0,
        settings: b"{}".to_vec(),
        port: None,
        task: Task::Probe,
        extras: Vec::new(),
    };
    let step = plugins::carrier_next(&host.app, &caller, id, &probe, &[])
        .await
        .unwrap();
    let Step::Send(request) = step else {
        panic!("a probe asks the carrier something: {step:?}")
    };
    assert_eq!(
        (&*request.destination, request.credential.as_deref()),
        ("api", Some("oauth"))
    );
    let pricing = release_id(&approved(&reseller, "monthly", PRICING_COMMITTED).await);
    let none = plugins::carrier_description(&host.app, &caller, pricing).await;
    assert!(matches!(none, Err(Fault::Missing)), "{none:?}");
}
