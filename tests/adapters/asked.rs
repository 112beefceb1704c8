//! What is asked of a carrier beside orders: whether a change is possible, which ports there are, whether the access works.

use nexusport::{
    carriers::{
        self,
        operations::{self, Cause, Kind, NewOperation, Pinned},
    },
    db::Housekeeping,
    identity::{Permission, Purpose, entrance},
};
use serde_json::Value;
use uuid::Uuid;

use super::{Real, exchanges::keep};
use crate::harness::{Stage, text};

/// What an operation that is started by itself comes to.
pub async fn ask(real: &Real, stage: &Stage, port: &str, kind: Kind, mbps: Option<u32>) -> Value {
    let app = &stage.host.app;
    let read = format!("/v1/operations?port_id={port}&limit=1");
    let read = stage.reseller.client.get(&read).await.expect(200)["items"][0].clone();
    let caller = entrance::authenticate(app, &stage.customer.key).await.unwrap();
    let id = |text: &str| text.parse::<Uuid>().unwrap();
    let carrier = id(&stage.carrier_id).into();
    let mut house = app.db.house(&caller.for_house(Purpose::Carrier)).await.unwrap();
    let destinations = carriers::pinned(&mut house, carrier).await.unwrap();
    drop(house);
    let about_a_port = !matches!(kind, Kind::ListPorts | Kind::Probe);
    let new = NewOperation {
        tenant: id(&stage.customer.id).into(),
        kind,
        carrier,
        port: about_a_port.then(|| id(port).into()),
        cause: Cause::None,
        from_mbps: mbps.map(|_| 1000),
        mbps,
        base_mbps: None,
        cursor: None,
        pinned: Pinned {
            release: id(&text(&read["release_id"])).into(),
            settings: (real.adapter)().settings,
            destinations,
        },
    };
    let mut tx = app.db.write(&caller, Permission::BandwidthChange).await.unwrap();
    let operation = operations::start(&mut tx, new).await.unwrap();
    tx.commit_housekeeping(Housekeeping::Journal).await.unwrap();
    stage
        .host
        .wait(&stage.simulator, chrono::TimeDelta::minutes(5))
        .await;
    let path = format!("/v1/operations/{operation}");
    stage.reseller.client.get(&path).await.expect(200)["outcome"].clone()
}

pub async fn answered(real: &Real) {
    let stage = real.stage().await;
    let port = stage.port(real.port, 1000).await;
    for n in 0..60 {
        stage.build_port(&format!("{}-{n}", real.port), 2000);
    }
    let feasible = ask(real, &stage, &port, Kind::CheckChange, Some(5000)).await;
    assert_eq!(feasible["kind"], "feasible", "{feasible}");
    let probed = ask(real, &stage, &port, Kind::Probe, None).await;
    assert!(
        probed["kind"].is_string() && probed["kind"] != "rejected",
        "{probed}"
    );

    let listed = ask(real, &stage, &port, Kind::ListPorts, None).await;
    let ports = listed["ports"].as_array().unwrap();
    assert!(ports.len() >= 20, "{listed}");
    assert_eq!(ports.len() == 61, listed["next"].is_null(), "{listed}");
    for shown in ports {
        let expected = if shown["reference"] == real.port {
            1000
        } else {
            2000
        };
        assert_eq!(shown["mbps"], expected, "{shown}");
    }
    assert_eq!(stage.carrier.ledger().orders, []);
    keep(real, &stage).await;
}
