//! Megaport as its own client knows it (megaportgo): a VXC's rate limit is set and read, and an order has no name.

use axum::{
    Extension, Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, put},
};
use nexusport_simulator::{Caller, Desk, Order, Placement, Port, Refusal, Status, Words};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Real, passes_the_whole_path};
use crate::harness::{Adapter, oauth2};

const MEGAPORT: Real = Real {
    plugin: "carrier-megaport",
    adapter,
    words: Words {
        token_path: "/oauth2/token",
        routes,
        problem: |_, _, message| json!({ "message": message, "terms": "", "data": null }),
    },
    order: ("PUT", "/v3/product/vxc"),
    read: "/v2/product",
    port: "c9e23d5a-6f0b-4a3e-8d47-5b1e92a7c604",
    until: "2026-03-04T22:00:00Z",
};

passes_the_whole_path!(MEGAPORT);

fn adapter() -> Adapter {
    Adapter {
        component: nexusport_plugins::CARRIER_MEGAPORT,
        destinations: &[("api", ""), ("auth", "")],
        credential: ("oauth", |client| oauth2(client, "auth", "/oauth2/token")),
        settings: json!({}),
    }
}

fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/oauth2/token", desk.token_route())
        .route("/v2/product/{uid}", get(product))
        .route("/v2/products", get(products))
        .route("/v3/product/vxc/{uid}", put(update))
        .with_state(desk)
}

async fn product(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(uid): Path<String>,
) -> Response {
    match desk.port(&account, &uid) {
        Ok(port) => found(&desk, &account, &port),
        Err(refusal) => refused(&refusal),
    }
}

async fn products(State(desk): State<Desk>, Extension(Caller(account)): Extension<Caller>) -> Response {
    let vxcs: Vec<_> = desk
        .all_ports(&account)
        .iter()
        .map(|port| vxc(&desk, &account, port))
        .collect();
    let port = json!({ "productUid": "port", "productType": "MEGAPORT", "associatedVxcs": vxcs });
    answer(StatusCode::OK, "Products", json!([port]))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    rate_limit: u32,
}

async fn update(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(uid): Path<String>,
    Json(update): Json<Update>,
) -> Response {
    let path = format!("/v3/product/vxc/{uid}");
    // An order has no name here: each is told apart by its number.
    let reference = desk.orders(&account).len().to_string();
    let placed = desk.place(&Placement {
        call: ("PUT", &path),
        account: &account,
        port: &uid,
        mbps: update.rate_limit,
        reference: &reference,
    });
    match placed.and_then(|_| desk.port(&account, &uid)) {
        Ok(port) => found(&desk, &account, &port),
        Err(refusal) => refused(&refusal),
    }
}

fn found(desk: &Desk, account: &str, port: &Port) -> Response {
    answer(StatusCode::OK, "Found", vxc(desk, account, port))
}

fn vxc(desk: &Desk, account: &str, port: &Port) -> Value {
    let orders = desk.orders(account);
    let latest = orders.iter().rfind(|order| order.port == port.id);
    json!({
        "productUid": port.id, "productName": port.id, "productType": "VXC", "rateLimit": port.mbps,
        "provisioningStatus": "LIVE", "vxcApproval": latest.map(approval), "locked": false, "adminLocked": false,
    })
}

/// What the other end said to an order.
fn approval(order: &Order) -> Value {
    let (status, message) = match (&order.reason, order.status) {
        (Some(reason), Status::Rejected) => (Some("DECLINED"), Some(&reason.message)),
        _ => (None, None),
    };
    let speed = status.map(|_| order.mbps);
    json!({ "status": status, "message": message, "uid": null, "type": null, "newSpeed": speed })
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::OrderInFlight { .. } => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    answer(status, &refusal.to_string(), Value::Null)
}

fn answer(status: StatusCode, message: &str, data: Value) -> Response {
    (
        status,
        Json(json!({ "message": message, "terms": "", "data": data })),
    )
        .into_response()
}
