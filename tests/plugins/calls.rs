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
use nexusport_plugins::{PRICING_BURST, PRICING_COMMITTED};
use nexusport_sandbox::pricing::{Fact, Interval, Period, Request};
use serde_json::json;

use super::{SETTINGS, approved, checked};
use crate::harness::Host;

const DAY_MS: i64 = 86_400_000;

fn request(facts: Vec<Fact>) -> Request {
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

fn half_the_period() -> Fact {
    Fact::Interval(Interval {
        start: 0,
        end: 15 * DAY_MS,
        mbps: 1_000,
        base_mbps: 1_000,
        extras: Vec::new(),
    })
}

async fn caller(app: &App, key: &str) -> Caller {
    entrance::authenticate(app, key).await.unwrap()
}

/// Another host on the same database and the same folders.
async fn restarted(host: &Host) -> App {
    let parts = boot::Parts {
        clock: Arc::new(host.clock.clone()),
        connections: 2,
        master_key: MasterKey::new([7; 32]),
        allow_loopback_carriers: false,
        cache: host.folder.path().join("cache"),
        program: PathBuf::from(env!("CARGO_BIN_EXE_nexusport")),
    };
    boot::app(&host.database.urls, parts).await.unwrap()
}

fn release_id(id: &str) -> ReleaseId {
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
