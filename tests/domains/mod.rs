//! Hosts of a reseller's own: claimed, proven by a record in the DNS, served, checked, lost. The DNS is a real server.

mod claims;

use chrono::TimeDelta;
use nexusport::worker;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Host, Reseller, Says, text};

const SHOP: &str = "shop.example.com";
const RECORD: &str = "_domain-proof.shop.example.com";

async fn claim(reseller: &Reseller, host: &str) -> Value {
    let claim = json!({ "host": host });
    reseller.client.post("/v1/domains", claim).await.expect(201)
}

fn proof(domain: &Value) -> String {
    text(&domain["record"]["value"])
}

fn path(domain: &Value) -> String {
    format!("/v1/domains/{}", text(&domain["id"]))
}

async fn prove(reseller: &Reseller, domain: &Value) -> Answer {
    let prove = format!("{}/prove", path(domain));
    reseller.client.post(&prove, json!({})).await
}

/// A host with a reseller that has proven the shop's host.
async fn proven() -> (Host, Reseller, Value) {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let domain = claim(&reseller, SHOP).await;
    host.dns.texts(RECORD, &[&proof(&domain)]);
    let domain = prove(&reseller, &domain).await.expect(200);
    (host, reseller, domain)
}

async fn serves(client: &Client, reseller: &Reseller) -> bool {
    let answer = client.at(SHOP).with_token(&reseller.key).get("/v1/me").await;
    assert!(
        answer.status == 200 || answer.status == 421,
        "{}",
        String::from_utf8_lossy(&answer.bytes)
    );
    answer.status == 200
}

/// A day goes by, with what falls due in it.
async fn a_day_passes(host: &Host) {
    host.clock.set(host.app.clock.now() + TimeDelta::days(1));
    worker::drain(&host.app).await.unwrap();
}

#[tokio::test]
async fn a_host_serves_its_reseller_on_every_process_once_the_dns_proves_it_and_no_longer_than_it_is_kept() {
    let host = Host::start().await;
    let another = host.another().await;
    let reseller = host.reseller("northlight").await;
    let domain = claim(&reseller, "Shop.Example.com.").await;
    assert_eq!(domain["host"], SHOP);
    assert_eq!(domain["record"]["name"], RECORD);
    assert_eq!(domain["record"]["type"], "TXT");
    for client in [&host.client, &another] {
        assert!(!serves(client, &reseller).await, "a claim serves nobody");
    }
    prove(&reseller, &domain).await.problem(409, "proof_missing");
    host.dns.texts(RECORD, &["v=spf1 -all", &proof(&domain)]);
    assert_eq!(prove(&reseller, &domain).await.expect(200)["state"], "proven");
    for client in [&host.client, &another] {
        assert!(serves(client, &reseller).await);
        assert!(serves(&client.at("SHOP.example.com.:8080"), &reseller).await);
    }
    let client = host.another().await.with_token(&reseller.key);
    client.at(SHOP).delete(&path(&domain)).await.expect(204);
    for client in [&host.client, &another] {
        assert!(!serves(client, &reseller).await, "a removed host still serves");
    }
    let events = reseller
        .client
        .get("/v1/audit-events?limit=200")
        .await
        .expect(200);
    let told: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["target_id"] == domain["id"])
        .map(|event| format!("{} {}", text(&event["action"]), text(&event["outcome"])))
        .collect();
    for event in [
        "domain.claim done",
        "domain.prove refused",
        "domain.prove done",
        "domain.remove done",
    ] {
        assert!(
            told.iter().any(|told| told == event),
            "{event} is not in {told:?}"
        );
    }
}

#[tokio::test]
async fn a_claim_reserves_nothing_and_tells_nothing() {
    let (host, holder, _) = proven().await;
    let harbour = host.reseller("harbour").await;
    // The same answer as for a host that nobody else has.
    let (taken, free) = (
        claim(&harbour, SHOP).await,
        claim(&harbour, "free.example.com").await,
    );
    assert_eq!(taken["state"], free["state"]);
    let why = prove(&harbour, &taken).await.problem(409, "proof_missing");
    let free_why = prove(&harbour, &free).await.problem(409, "proof_missing");
    assert_eq!(
        why.replace(SHOP, "_").replace(&proof(&taken), "_"),
        free_why
            .replace("free.example.com", "_")
            .replace(&proof(&free), "_"),
        "a held host answers like a free one to who cannot prove it"
    );
    assert!(serves(&host.client, &holder).await);
    let again = json!({ "host": SHOP });
    harbour
        .client
        .post("/v1/domains", again)
        .await
        .problem(409, "host_claimed");
}

#[tokio::test]
async fn a_proven_host_changes_hands_only_when_its_holders_record_is_gone() {
    let (host, holder, held) = proven().await;
    let harbour = host.reseller("harbour").await;
    let wanted = claim(&harbour, SHOP).await;
    host.dns.texts(RECORD, &[&proof(&held), &proof(&wanted)]);
    prove(&harbour, &wanted).await.problem(409, "host_held");
    assert!(serves(&host.client, &holder).await);
    host.dns.texts(RECORD, &[&proof(&wanted)]);
    prove(&harbour, &wanted).await.expect(200);
    assert!(serves(&host.client, &harbour).await && !serves(&host.client, &holder).await);
    let lost = holder.client.get(&path(&held)).await.expect(200);
    assert_eq!(lost["state"], "withdrawn");
    let events = holder
        .client
        .get("/v1/audit-events?action=domain.withdraw")
        .await
        .expect(200);
    assert_eq!(events["items"][0]["target_id"], held["id"]);
    let shown = events.to_string();
    assert!(
        !shown.contains(&harbour.id) && !shown.contains("harbour"),
        "{shown}"
    );
    // The old holder's daily check finds nothing to check, and takes nothing from the new one.
    a_day_passes(&host).await;
    assert!(serves(&host.client, &harbour).await);
    prove(&holder, &held).await.problem(409, "proof_missing");
}

#[tokio::test]
async fn a_record_that_stays_away_for_three_days_ends_the_proof() {
    let (host, reseller, domain) = proven().await;
    let misses = async || reseller.client.get(&path(&domain)).await.expect(200)["misses"].clone();
    a_day_passes(&host).await;
    assert_eq!(misses().await, 0);
    host.dns.forget(RECORD);
    a_day_passes(&host).await;
    a_day_passes(&host).await;
    assert_eq!(misses().await, 2);
    host.dns.set(RECORD, Says::Failed);
    a_day_passes(&host).await;
    assert_eq!(
        misses().await,
        2,
        "a server that fails says nothing about the record"
    );
    assert!(serves(&host.client, &reseller).await);
    host.dns.texts(RECORD, &["something else"]);
    a_day_passes(&host).await;
    assert!(!serves(&host.client, &reseller).await);
    assert_eq!(
        reseller.client.get(&path(&domain)).await.expect(200)["state"],
        "withdrawn"
    );
    host.dns.texts(RECORD, &[&proof(&domain)]);
    a_day_passes(&host).await;
    assert!(
        !serves(&host.client, &reseller).await,
        "nothing is proven without being asked"
    );
    prove(&reseller, &domain).await.expect(200);
    assert!(serves(&host.client, &reseller).await);
}
