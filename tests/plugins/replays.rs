//! Asking again what was asked before: on the host, and from a fixture anywhere.

use nexusport::identity::{Permission, entrance};
use nexusport_plugins::{BRAND_HARBOUR, PRICING_COMMITTED, hostile};
use nexusport_sandbox::{
    Limits, Plugin, Sandbox,
    compile::compile_trusted,
    fixture::{Fixture, Verdict},
};
use serde_json::json;

use super::{
    SETTINGS, approved,
    runs::{STUMBLE, list, price, sample},
};
use crate::harness::{Host, Reseller, text};

/// Makes a kept run of a price look as if another build had answered it: it is sealed anew with another amount in it.
pub async fn alter(host: &Host, reseller: &Reseller, run: &str, amount: &str) {
    let caller = entrance::authenticate(&host.app, &reseller.key).await.unwrap();
    let mut tx = host
        .app
        .db
        .read(&caller, Permission::PluginsReplay)
        .await
        .unwrap();
    let key = host
        .app
        .vault
        .key(&mut tx, caller.scope().tenant())
        .await
        .unwrap();
    drop(tx);
    let fixture = reseller
        .client
        .get(&format!("/v1/plugin-runs/{run}/fixture"))
        .await;
    let mut fixture = fixture.expect(200);
    fixture["outcome"]["answered"]["Ok"]["charges"][0]["amount"] = json!(amount);
    let sealed = key.seal(
        &format!("plugin_run:{run}:fixture"),
        fixture.to_string().as_bytes(),
    );
    sqlx::query("update plugin_run set kept = $1 where id = $2")
        .bind(sealed)
        .bind(run.parse::<uuid::Uuid>().unwrap())
        .execute(&mut host.database.superuser().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_kept_run_says_the_same_again_and_its_fixture_says_it_anywhere() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    sample(&reseller, 100).await;
    let release = approved(&reseller, "stumbles", hostile::STUMBLES).await;
    price(&host, &reseller.key, &release, SETTINGS).await.unwrap();
    price(&host, &reseller.key, &release, STUMBLE).await.unwrap_err();
    let sandbox = Sandbox::new(Limits::default()).unwrap();
    let artifact = compile_trusted(hostile::STUMBLES, sandbox.limits())
        .artifact
        .unwrap();
    let here = Plugin::load(&sandbox, &artifact).unwrap();
    for run in list(&reseller, &format!("release_id={release}")).await {
        let path = format!("/v1/plugin-runs/{}", text(&run["id"]));
        let replayed = reseller.client.post(&format!("{path}/replay"), json!({})).await;
        let replayed = replayed.expect(200);
        assert_eq!(
            (&replayed["same"], &replayed["difference"]),
            (&json!(true), &json!(null))
        );
        let fixture = reseller.client.get(&format!("{path}/fixture")).await;
        let fixture = Fixture::read(fixture.expect(200).to_string().as_bytes()).unwrap();
        assert_eq!(fixture.digest, text(&run["digest"]));
        assert_eq!(fixture.replay(&here).unwrap().verdict, Verdict::Same);
    }
    let runs = list(&reseller, &format!("release_id={release}")).await;
    let [first, second, again, twice] = &runs[..] else {
        panic!("two calls and two replays: {runs:?}")
    };
    assert_eq!(
        (&again["replay_of"], &twice["replay_of"]),
        (&first["id"], &second["id"])
    );
    assert_eq!(
        (&again["fuel"], &again["input_hash"]),
        (&first["fuel"], &first["input_hash"])
    );
    let events = reseller
        .client
        .get("/v1/audit-events?limit=200")
        .await
        .expect(200);
    let told = |action: &str| {
        let events = events["items"].as_array().unwrap().iter();
        events.filter(|event| event["action"] == action).count()
    };
    assert_eq!((told("plugin_run.replay"), told("plugin_run.fixture")), (2, 2));
}

#[tokio::test]
async fn a_difference_is_told_by_its_first_place() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    sample(&reseller, 100).await;
    let release = approved(&reseller, "one", PRICING_COMMITTED).await;
    price(&host, &reseller.key, &release, SETTINGS).await.unwrap();
    let run = text(&list(&reseller, &format!("release_id={release}")).await[0]["id"]);
    alter(&host, &reseller, &run, "199").await;
    let replayed = reseller
        .client
        .post(&format!("/v1/plugin-runs/{run}/replay"), json!({}))
        .await;
    let difference = replayed.expect(200)["difference"].clone();
    let expected = json!({ "at": "answered.Ok.charges[0].amount", "kept": "\"199\"", "now": "\"200\"" });
    assert_eq!(difference, expected);
}

#[tokio::test]
async fn what_is_not_kept_is_refused_with_the_reason() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    sample(&reseller, 0).await;
    let release = approved(&reseller, "one", PRICING_COMMITTED).await;
    price(&host, &reseller.key, &release, SETTINGS).await.unwrap();
    let run = text(&list(&reseller, &format!("release_id={release}")).await[0]["id"]);
    let path = format!("/v1/plugin-runs/{run}");
    let why = reseller.client.post(&format!("{path}/replay"), json!({})).await;
    let why = why.problem(409, "run_not_kept");
    assert!(why.contains("sampled"), "{why}");
    reseller
        .client
        .get(&format!("{path}/fixture"))
        .await
        .problem(409, "run_not_kept");
    let other = host.reseller("harbour").await;
    other
        .client
        .get(&format!("{path}/fixture"))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn a_mails_link_is_in_no_run() {
    let host = Host::start().await;
    let carrier = host.carrier().await;
    let shop = host
        .shop("northlight", crate::harness::Pricing::Burst, &carrier)
        .await;
    sample(&shop.reseller, 100).await;
    shop.activate("harbour", BRAND_HARBOUR, json!({ "settings": {} }))
        .await;
    let guest = json!({ "email": "guest@example.com" });
    shop.reseller
        .client
        .post("/v1/invitations", guest)
        .await
        .expect(201);
    nexusport::worker::drain(&host.app).await.unwrap();
    assert!(host.mail("guest@example.com").await.token().len() > 20);
    let runs = list(&shop.reseller, "plugin=harbour&function=branding.render-message").await;
    assert!(!runs.is_empty(), "the brand wrote the mail");
    for run in runs {
        assert_eq!(run["keeping"], "secret");
        let replay = format!("/v1/plugin-runs/{}/replay", text(&run["id"]));
        let why = shop.reseller.client.post(&replay, json!({})).await;
        let why = why.problem(409, "run_not_kept");
        assert!(why.contains("lets somebody in"), "{why}");
    }
}
