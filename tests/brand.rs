//! What a reseller's address shows before anybody is known: the reseller's brand and nobody else's.

use nexusport_plugins::{BRAND_HARBOUR, BRAND_NORTHLIGHT};
use serde_json::{Value, json};
use sqlx::Executor as _;

use crate::harness::{Answer, Client, Host, Reseller, text};

async fn activate(reseller: &Reseller, component: &[u8], settings: Value) {
    let client = &reseller.client;
    let release = client
        .upload("/v1/plugins/brand/releases", component)
        .await
        .expect(201);
    let id = text(&release["id"]);
    let approve = format!("/v1/releases/{id}/approve");
    let yes = json!({ "digest": release["digest"] });
    client.post(&approve, yes).await.expect(200);
    let activation = json!({ "release_id": id, "settings": settings });
    client.post("/v1/activations", activation).await.expect(201);
}

async fn asked_again(client: &Client, tag: &str) -> Answer {
    let request = client.request(reqwest::Method::GET, "/v1/brand");
    client.send(request.header("if-none-match", tag)).await
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_resellers_address_shows_its_brand_and_starts_with_its_plain_name() {
    let host = Host::start().await;
    let northlight = host.reseller("northlight").await;
    host.reseller("harbour").await;
    let at = |name: &str| host.client.at(&format!("{name}.localhost"));
    let plain = at("northlight").get("/v1/brand").await;
    let brand = plain.expect(200);
    assert_eq!(brand["name"], "northlight");
    assert_eq!((&brand["logo_svg"], &brand["labels"]), (&json!(""), &json!([])));
    let settings = json!({ "support_address": "help@ours.example" });
    activate(&northlight, BRAND_NORTHLIGHT, settings).await;
    let own = at("northlight").get("/v1/brand").await;
    let brand = own.expect(200);
    assert_eq!(brand["name"], "Northlight Networks");
    assert_eq!(brand["support_address"], "help@ours.example");
    assert!(brand["logo_svg"].as_str().unwrap().contains("<svg"));
    assert!(!brand["labels"].as_array().unwrap().is_empty());
    assert_ne!(tag(&plain), tag(&own));
    let other = at("harbour").get("/v1/brand").await.expect(200);
    assert_eq!(other["name"], "harbour");
    host.client.get("/v1/brand").await.problem(421, "misdirected");
    at("nobody").get("/v1/brand").await.problem(421, "misdirected");
}

#[tokio::test]
async fn a_kept_brand_is_asked_for_by_its_tag_at_its_own_address_alone() {
    let host = Host::start().await;
    for name in ["northlight", "harbour"] {
        let reseller = host.reseller(name).await;
        activate(&reseller, BRAND_HARBOUR, json!({})).await;
    }
    let (ours, theirs) = (
        host.client.at("northlight.localhost"),
        host.client.at("harbour.localhost"),
    );
    let (our_answer, their_answer) = (ours.get("/v1/brand").await, theirs.get("/v1/brand").await);
    assert_eq!(our_answer.bytes, their_answer.bytes, "both have the same brand");
    assert_ne!(tag(&our_answer), tag(&their_answer));
    assert_eq!(our_answer.headers["vary"], "host");
    for given in [
        tag(&our_answer),
        format!("\"x\", W/{}", tag(&our_answer)),
        "*".to_owned(),
    ] {
        let kept = asked_again(&ours, &given).await;
        assert_eq!((kept.status.as_u16(), kept.bytes.len()), (304, 0), "{given}");
        assert_eq!(tag(&kept), tag(&our_answer));
        assert_eq!(kept.headers["vary"], "host");
    }
    for given in [
        tag(&their_answer),
        "\"x\"".to_owned(),
        tag(&our_answer).replace('"', ""),
    ] {
        asked_again(&ours, &given).await.expect(200);
    }
}

#[tokio::test]
async fn strangers_asking_for_a_brand_make_its_code_run_once() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    activate(&reseller, BRAND_NORTHLIGHT, json!({})).await;
    let runs = async || {
        let runs = reseller.client.get("/v1/plugin-runs?limit=200").await.expect(200);
        let runs = runs["items"].as_array().unwrap().clone();
        runs.iter()
            .filter(|run| run["function"] == "branding.render-theme")
            .count()
    };
    let at = host.client.at("northlight.localhost");
    at.get("/v1/brand").await.expect(200);
    let once = runs().await;
    for _ in 0..5 {
        at.get("/v1/brand").await.expect(200);
    }
    assert_eq!(runs().await, once);
    // What was remembered is that activation's alone.
    activate(&reseller, BRAND_HARBOUR, json!({})).await;
    assert_eq!(at.get("/v1/brand").await.expect(200)["name"], "Harbour Connect");
}

#[tokio::test]
async fn a_brand_that_fails_leaves_the_resellers_plain_front() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    activate(&reseller, BRAND_NORTHLIGHT, json!({})).await;
    let at = host.client.at("northlight.localhost");
    assert_eq!(
        at.get("/v1/brand").await.expect(200)["name"],
        "Northlight Networks"
    );
    let mut superuser = host.database.superuser().await;
    superuser
        .execute("alter table release disable trigger release_transition")
        .await
        .unwrap();
    sqlx::query("update release set state = 'checked' where reseller_id = $1")
        .bind(reseller.id.parse::<uuid::Uuid>().unwrap())
        .execute(&mut superuser)
        .await
        .unwrap();
    // A process that has not loaded it yet.
    let another = host.another().await.at("northlight.localhost");
    assert_eq!(another.get("/v1/brand").await.expect(200)["name"], "northlight");
}
