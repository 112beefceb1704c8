//! The simulated carrier, which does not tell since when a port has its speed, and takes no idempotency key.

use axum::{
    Extension, Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use nexusport_simulator::{Caller, Desk, Order, Placement, Refusal, Simulator, Words};
use serde::Deserialize;
use serde_json::{Value, json};

const WORDS: Words = Words {
    token_path: "/oauth/token",
    routes,
    problem: |_, code, message| json!({ "code": code, "message": message }),
};

pub async fn carrier() -> Simulator {
    Simulator::speaking(([127, 0, 0, 1], 0).into(), WORDS)
        .await
        .unwrap()
}

type Whose = Extension<Caller>;

fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/oauth/token", desk.token_route())
        .route("/v1/ports/{id}", get(port))
        .route("/v1/ports/{id}/orders", post(place))
        .route("/v1/orders", get(find))
        .route("/v1/orders/{id}", get(order))
        .with_state(desk)
}

async fn port(
    State(desk): State<Desk>,
    Extension(Caller(account)): Whose,
    Path(id): Path<String>,
) -> Response {
    let found = desk.port(&account, &id);
    let shown = found.map(|port| json!({ "id": port.id, "mbps": port.mbps, "max_mbps": port.max_mbps }));
    answer(StatusCode::OK, shown)
}

#[derive(Deserialize)]
struct Wanted {
    mbps: u32,
    reference: String,
}

async fn place(
    State(desk): State<Desk>,
    Extension(Caller(account)): Whose,
    Path(id): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Response {
    let path = format!("/v1/ports/{id}/orders");
    let placed = desk.place(&Placement {
        call: ("POST", &path),
        account: &account,
        port: &id,
        mbps: wanted.mbps,
        reference: &wanted.reference,
    });
    answer(StatusCode::ACCEPTED, placed.map(|order| shown(&order)))
}

#[derive(Deserialize)]
struct Reference {
    reference: String,
}

async fn find(
    State(desk): State<Desk>,
    Extension(Caller(account)): Whose,
    Query(Reference { reference }): Query<Reference>,
) -> Json<Value> {
    let orders = desk.orders(&account);
    let named = orders.iter().filter(|order| order.reference == reference);
    Json(json!({ "orders": named.map(shown).collect::<Vec<_>>() }))
}

async fn order(
    State(desk): State<Desk>,
    Extension(Caller(account)): Whose,
    Path(id): Path<String>,
) -> Response {
    answer(
        StatusCode::OK,
        desk.order(&account, &id).map(|order| shown(&order)),
    )
}

fn shown(order: &Order) -> Value {
    json!({ "id": order.id, "port": order.port, "mbps": order.mbps, "status": order.status })
}

fn answer(status: StatusCode, result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(shown) => (status, Json(shown)).into_response(),
        Err(refusal) => {
            let status = match refusal {
                Refusal::NotFound(_) => StatusCode::NOT_FOUND,
                Refusal::OrderInFlight { .. } => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let problem = json!({ "code": refusal.code(), "message": refusal.to_string() });
            (status, Json(problem)).into_response()
        }
    }
}
