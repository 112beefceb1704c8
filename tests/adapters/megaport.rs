//! Megaport as its own client knows it (megaportgo): a VXC's rate limit is set and read, and an order has no name.

use axum::{
    Extension, Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, put},
};
use nexusport_simulator::{Caller, Desk, Kind, Order, Placement, Port, Refusal, Status, Words};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Real,
    faults::drifted_before_its_start,
    passes_the_whole_path,
    path::{booked, states},
};
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
    back: ("PUT", "/v3/product/vxc"),
    read: "/v2/product",
    port: "c9e23d5a-6f0b-4a3e-8d47-5b1e92a7c604",
    until: "2026-03-04T22:00:00Z",
};

passes_the_whole_path!(MEGAPORT);

#[tokio::test]
async fn what_somebody_changed_before_a_window_is_where_it_begins() {
    drifted_before_its_start(&MEGAPORT).await;
}

fn adapter() -> Adapter {
    Adapter {
        component: nexusport_plugins::CARRIER_MEGAPORT,
        destinations: &[("api", ""), ("auth", "")],
        credential: ("oauth", |client| oauth2(client, "auth", "/oauth2/token")),
        settings: json!({}),
    }
}

#[tokio::test]
async fn an_approval_that_was_declined_is_no_answer_to_a_later_order_of_the_same_speed() {
    let stage = MEGAPORT.stage().await;
    let (port, declined) = booked(&MEGAPORT, &stage).await;
    let reject = Kind::Reject {
        code: "declined".to_owned(),
        message: "not this week".to_owned(),
    };
    stage.carrier.fault(MEGAPORT.on_orders(reject, 1)).unwrap();
    stage.go_to("2026-03-05T17:59:59Z").await;
    assert_eq!(states(&stage.change(&declined).await), ("rejected", "released"));

    let (from, until) = ("2026-03-05T18:00:00Z", "2026-03-05T22:00:00Z");
    let later = stage.book(&port, 5000, from, until).await;
    stage
        .carrier
        .fault(MEGAPORT.on_orders(Kind::LostRequest, 1))
        .unwrap();
    stage.go_to("2026-03-06T12:00:00Z").await;
    let change = stage.change(&later).await;
    assert_eq!(states(&change), ("verified", "verified"), "{change}");
    let orders = stage.carrier.ledger().orders;
    let asked: Vec<_> = orders.iter().map(|entry| entry.order.mbps).collect();
    assert_eq!(asked, [5000, 5000, 1000]);
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

/// What the other end says to an order: nothing yet, no, or, once there is nothing more to say, nothing at all.
fn approval(order: &Order) -> Value {
    let (status, message) = match (&order.reason, order.status) {
        (_, Status::Accepted) => ("PENDING", None),
        (Some(reason), Status::Rejected) => ("DECLINED", Some(&reason.message)),
        _ => {
            return json!({ "status": null, "message": null, "uid": null, "type": null, "newSpeed": null });
        }
    };
    json!({ "status": status, "message": message, "uid": order.id, "type": "SPEED", "newSpeed": order.mbps })
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
