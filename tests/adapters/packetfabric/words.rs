//! What PacketFabric says, as its documents and its own client have it.

use axum::{
    Extension, Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use nexusport_simulator::{Caller, Desk, Placement, Port, Refusal, Status};
use serde::Deserialize;
use serde_json::{Value, json};

pub const REQUEST: &str = "0d4e2b7a-6f41-4d5c-9a53-2f8f7c1b6e90";

pub fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/oauth2/token", desk.token_route())
        .route("/v2/services", get(services))
        .route("/v2/services/{id}", get(service))
        .route("/v2/services/{id}/burst", post(burst).delete(removal))
        .route("/v2/billing/services/{id}/modify", post(modify))
        .route("/v2.1/services/{id}/status", get(status))
        .with_state(desk)
}

async fn services(State(desk): State<Desk>, Extension(Caller(account)): Extension<Caller>) -> Json<Value> {
    Json(desk.all_ports(&account).iter().map(circuit).collect())
}

async fn service(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    match desk.port(&account, &id) {
        Ok(port) => Json(circuit(&port)).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

/// The speed is shown with the burst.
fn circuit(port: &Port) -> Value {
    let bandwidth = json!({ "longhaul_type": "dedicated", "subscription_term": 12, "speed": format!("{}Mbps", port.mbps) });
    json!({
        "vc_circuit_id": port.id, "state": "Active", "service_type": "backbone", "service_class": "longhaul",
        "mode": "evpl", "connected": true, "bandwidth": bandwidth,
        "interfaces": [{ "speed": "100Gbps" }, { "speed": format!("{}Mbps", port.max_mbps) }],
    })
}

/// A workflow for each order. One that is complete is forgotten.
async fn status(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let orders = desk.orders(&account);
    let Some(order) = orders
        .iter()
        .rfind(|order| order.port == id && order.status != Status::Completed)
    else {
        return message(StatusCode::NOT_FOUND, "no workflow");
    };
    let state = if order.status.is_open() {
        "STAGED"
    } else {
        "FAILED"
    };
    let description = order.reason.as_ref().map_or("", |reason| &*reason.message);
    let workflow = json!({ "root": order.id, "state": state, "is_final": !order.status.is_open() });
    let current = json!({ "state": "ACTIVE", "description": description, "warning": false });
    let status = json!({ "object": { "state": "Active" }, "current": current, "last_workflow": workflow });
    Json(json!({ "circuit_id": id, "status": status })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speed {
    speed: String,
}

impl Speed {
    fn mbps(&self) -> Option<u32> {
        match self.speed.strip_suffix("Gbps") {
            Some(gbps) => gbps.parse::<u32>().ok()?.checked_mul(1000),
            None => self.speed.strip_suffix("Mbps")?.parse().ok(),
        }
    }
}

async fn burst(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
    Json(speed): Json<Speed>,
) -> Response {
    let Some(burst) = speed.mbps().filter(|mbps| mbps.is_multiple_of(100)) else {
        return message(
            StatusCode::BAD_REQUEST,
            "the speed of a burst is a multiple of 100Mbps",
        );
    };
    let path = format!("/v2/services/{id}/burst");
    let bought = match bought(&desk, &account, &id) {
        Ok(bought) => bought,
        Err(refusal) => return refused(&refusal),
    };
    let what = format!("burst over {}", bought.mbps);
    place(
        &desk,
        ("POST", &path),
        (&account, &id),
        bought.mbps + burst,
        &what,
    )
}

async fn removal(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let path = format!("/v2/services/{id}/burst");
    match bought(&desk, &account, &id) {
        Ok(bought) if bought.under_burst => place(
            &desk,
            ("DELETE", &path),
            (&account, &id),
            bought.mbps,
            "removal of",
        ),
        Ok(_) => message(StatusCode::BAD_REQUEST, "there is no burst"),
        Err(refusal) => refused(&refusal),
    }
}

async fn modify(
    State(desk): State<Desk>,
    Extension(Caller(account)): Extension<Caller>,
    Path(id): Path<String>,
    Json(speed): Json<Speed>,
) -> Response {
    let path = format!("/v2/billing/services/{id}/modify");
    match (speed.mbps(), bought(&desk, &account, &id)) {
        (_, Err(refusal)) => refused(&refusal),
        (Some(mbps), Ok(bought)) if mbps > bought.mbps && !bought.under_burst => {
            place(&desk, ("POST", &path), (&account, &id), mbps, "modify of")
        }
        _ => message(
            StatusCode::BAD_REQUEST,
            "a circuit without a burst can be upgraded, to a higher speed",
        ),
    }
}

/// What is bought of a circuit.
struct Bought {
    mbps: u32,
    under_burst: bool,
}

fn bought(desk: &Desk, account: &str, id: &str) -> Result<Bought, Refusal> {
    let port = desk.port(account, id)?;
    let orders = desk.orders(account);
    let latest = orders
        .iter()
        .rfind(|order| order.port == id && order.status == Status::Completed);
    let over = latest.and_then(|order| order.reference.split_once("burst over ")?.1.parse().ok());
    Ok(Bought {
        mbps: over.unwrap_or(port.mbps),
        under_burst: over.is_some(),
    })
}

fn place(desk: &Desk, call: (&str, &str), whose: (&str, &str), mbps: u32, what: &str) -> Response {
    let (account, port) = whose;
    // An order has no name here: each is told apart by its number.
    let reference = format!("{} {what}", desk.orders(account).len());
    let placed = desk.place(&Placement {
        call,
        account,
        port,
        mbps,
        reference: &reference,
    });
    match placed {
        Ok(_) => message(StatusCode::OK, "started"),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::OrderInFlight { .. } => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    message(status, &refusal.to_string())
}

fn message(status: StatusCode, message: &str) -> Response {
    let body = json!({ "message": message, "request_id": REQUEST });
    (status, Json(body)).into_response()
}
