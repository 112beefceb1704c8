//! What `nexusport doctor plugins` says of a build.

use nexusport::doctor;
use nexusport_plugins::PRICING_COMMITTED;
use serde_json::json;

use super::{
    activate, approved,
    runs::{list, price, sample},
};
use crate::harness::{Host, text};

#[tokio::test]
async fn the_doctor_asks_every_active_release_again_and_names_what_differs_without_telling_it() {
    let host = Host::start().await;
    let (ours, theirs) = (host.reseller("northlight").await, host.reseller("harbour").await);
    for reseller in [&ours, &theirs] {
        sample(reseller, 100).await;
        let release = approved(reseller, "monthly", PRICING_COMMITTED).await;
        let settings = json!({ "price_per_mbps": "0.40" });
        activate(&reseller.client, &release, settings).await.expect(201);
        price(&host, &reseller.key, &release, super::SETTINGS)
            .await
            .unwrap();
    }
    let well = doctor::plugins(&host.app).await.unwrap();
    assert!(doctor::is_well(&well), "{well:?}");
    let told = doctor::document(&well);
    assert_eq!(told["resellers"].as_array().unwrap().len(), 2);
    assert!(
        told["resellers"][0]["releases"][0]["same"].as_u64().unwrap() >= 1,
        "{told}"
    );

    // Another build would answer otherwise; here what was kept is sealed anew with another answer in it.
    let run = text(&list(&ours, "plugin=monthly").await[0]["id"]);
    super::replays::alter(&host, &ours, &run, "199").await;
    let ill = doctor::plugins(&host.app).await.unwrap();
    assert!(!doctor::is_well(&ill));
    let lines = doctor::lines(&ill).join("\n");
    assert!(
        lines.contains(&format!(
            "run {run}: pricing.price differs at answered.Ok.charges[0].amount"
        )),
        "{lines}"
    );
    let document = doctor::document(&ill).to_string();
    for content in ["199", "200", "0.40"] {
        assert!(!lines.contains(&format!("\"{content}\"")) && !document.contains(&format!("\"{content}\"")));
    }
    let events = ours.client.get("/v1/audit-events?limit=200").await.expect(200);
    let mut actions = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["action"]);
    assert!(actions.any(|action| action == "plugin.examine"));
}
