//! The Seller's inventory: the products that are there, with their whole configuration.

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    response::Response,
};
use nexusport_simulator::{Caller, Port};
use serde::Deserialize;
use serde_json::{Value, json};

use super::seller::{Answer, Seller, page, time};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Asked {
    #[allow(dead_code, reason = "checked for every call")]
    buyer_id: String,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub async fn list(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    Query(asked): Query<Asked>,
) -> Response {
    let ports = seller.desk.all_ports(&account);
    let products = ports
        .iter()
        .map(|port| json!({ "id": port.id, "status": status(&seller, &account, port) }));
    page(products.collect(), asked.offset, asked.limit)
}

pub async fn retrieve(
    State(seller): State<Seller>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let port = seller.desk.port(&account, &id)?;
    Ok(Json(product(&seller, &account, &port)))
}

fn product(seller: &Seller, account: &str, port: &Port) -> Value {
    let mut changes = vec![json!({ "status": "active", "changeDate": time(port.since) })];
    for record in seller
        .of(account)
        .iter()
        .filter(|record| record.product == port.id)
    {
        changes.push(json!({ "status": "active.pendingChange", "changeDate": time(record.date) }));
        if let Some(at) = seller.ended_at(record) {
            changes.push(json!({ "status": "active", "changeDate": time(at) }));
        }
    }
    json!({
        "id": port.id, "startDate": "2025-06-01T08:00:00Z", "status": status(seller, account, port), "statusChange": changes,
        "billingAccount": { "id": "account-1" }, "productOffering": { "id": "000073" },
        "productRelationship": [{ "relationshipType": "CONNECTS_TO_UNI_A", "id": "uni-1" }],
        "productConfiguration": configuration(&rate(port.mbps)),
    })
}

/// Whether an order on the product is open.
fn status(seller: &Seller, account: &str, port: &Port) -> &'static str {
    let open =
        |record: &super::seller::Record| record.product == port.id && seller.ended_at(record).is_none();
    if seller.of(account).iter().any(open) {
        "active.pendingChange"
    } else {
        "active"
    }
}

/// The speed in the inventory's own unit.
fn rate(mbps: u32) -> Value {
    match mbps % 1000 {
        0 => json!({ "irValue": mbps / 1000, "irUnits": "GBPS" }),
        _ => json!({ "irValue": mbps, "irUnits": "MBPS" }),
    }
}

/// An EPL of one class of service with this rate at both ends.
pub fn configuration(rate: &Value) -> Value {
    let nothing = json!({ "irValue": 0, "irUnits": "MBPS" });
    let flow = json!({
        "cir": nothing, "cirMax": nothing, "eir": rate, "eirMax": rate, "colorMode": "COLOR_BLIND",
        "ebs": { "dataSizeValue": 40, "dataSizeUnits": "KBYTES" },
    });
    let end = |identifier: &str| {
        json!({
            "identifier": identifier,
            "ingressBandwidthProfilePerClassOfServiceName": [{ "classOfServiceName": "low", "bwpFlow": flow }],
        })
    };
    json!({
        "@type": "urn:mef:lso:spec:cantata-sonata:epl-evc:v1.0.0:all", "maximumFrameSize": 1522,
        "evcEndPointA": end("quay"), "evcEndPointZ": end("harbour"),
    })
}
