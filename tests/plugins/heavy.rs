//! Components of the class heavy: of the plans that have it, and within their own limits wherever they are called. With
//! `NEXUSPORT_HEAVY_COMPONENT` it is a real one, made from JavaScript by `.ci/sdks`; else one that is only too large.

use std::{env, fs};

use nexusport::plugins;
use nexusport_plugins::PRICING_COMMITTED;
use serde_json::json;

use super::{
    SETTINGS, activate, approve,
    calls::{caller, half_the_period, release_id, request, restarted},
};
use crate::harness::{Answer, Client, Host, text};

const MIB: usize = 1024 * 1024;

/// A pricing rule that no light limit takes.
fn heavy() -> Vec<u8> {
    match env::var_os("NEXUSPORT_HEAVY_COMPONENT") {
        Some(file) => fs::read(file).unwrap(),
        None => padded(17 * MIB),
    }
}

/// The committed price with a section of zeros behind it, whose length is written in four groups of seven bits.
fn padded(bytes: usize) -> Vec<u8> {
    let group = |number: usize| (bytes >> (7 * number)) as u8 & 0x7f;
    let length = [group(0) | 0x80, group(1) | 0x80, group(2) | 0x80, group(3)];
    [PRICING_COMMITTED, &[0], &length, &vec![0; bytes]].concat()
}

async fn upload_heavy(client: &Client, component: &[u8]) -> Answer {
    client
        .upload("/v1/plugins/monthly/releases?class=heavy", component)
        .await
}

#[tokio::test]
async fn a_heavy_release_is_of_plans_that_have_them_and_prices_on_every_host_from_then_on() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let heavy = heavy();
    let why = upload_heavy(&reseller.client, &heavy)
        .await
        .problem(409, "limit_reached");
    assert!(
        why.contains("plugin_class 2") && why.contains("the limit is 1"),
        "{why}"
    );

    let operator = host.operator("ada").await;
    let path = format!("/v1/operator/tenants/{}/limits/plugin_class", reseller.id);
    operator.put(&path, json!({ "value": 2 })).await.expect(200);
    let light = reseller
        .client
        .upload("/v1/plugins/monthly/releases", &heavy)
        .await;
    assert!(
        light.status.is_client_error(),
        "a plan makes nothing heavy by itself"
    );
    let release = upload_heavy(&reseller.client, &heavy).await.expect(201);
    assert_eq!(
        (&release["class"], &release["state"]),
        (&json!("heavy"), &json!("checked"))
    );
    let id = text(&release["id"]);
    approve(&reseller.client, &id).await.expect(200);
    let settings = serde_json::from_str(SETTINGS).unwrap();
    activate(&reseller.client, &id, settings).await.expect(201);

    // Whoever has it keeps it when the plan has no more of them.
    operator.put(&path, json!({ "value": 1 })).await.expect(200);
    let price = async |app| {
        let caller = caller(app, &reseller.key).await;
        let facts = request(vec![half_the_period()]);
        plugins::price(app, &caller, release_id(&id), &facts)
            .await
            .unwrap()
    };
    let priced = price(&host.app).await;
    assert_eq!(priced.charges[0].amount, "200");
    let from_the_disk = restarted(&host).await;
    assert_eq!(price(&from_the_disk).await, priced);
    fs::remove_dir_all(host.folder.path().join("cache")).unwrap();
    let compiled_again = restarted(&host).await;
    assert_eq!(price(&compiled_again).await, priced);
}

#[tokio::test]
async fn a_light_component_may_be_uploaded_as_heavy_and_neither_is_larger_than_its_class() {
    let host = Host::start().await;
    let reseller = host.reseller("northlight").await;
    let operator = host.operator("ada").await;
    let path = format!("/v1/operator/tenants/{}/limits/plugin_class", reseller.id);
    operator.put(&path, json!({ "value": 2 })).await.expect(200);
    let release = upload_heavy(&reseller.client, PRICING_COMMITTED)
        .await
        .expect(201);
    assert_eq!(release["class"], "heavy");
    let why = upload_heavy(&reseller.client, &vec![0; 32 * MIB + 1])
        .await
        .problem(413, "body_too_large");
    assert!(why.contains("33554432"), "{why}");
    let why = operator
        .put(&path, json!({ "value": 3 }))
        .await
        .problem(422, "limit_out_of_range");
    assert!(why.contains("1 to 2"), "{why}");
}
