//! A Seller of MEF's LSO Sonata as its OpenAPI documents have it: an order of one item modifies a product of the inventory,
//! and may be held for charges.

mod charges;
mod ends;
mod inventory;
mod orders;
mod seller;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use nexusport_simulator::{Desk, Words};
use serde_json::{Value, json};

use self::seller::{Charging, No, Seller};
use super::{Real, faults::drifted_before_its_start, passes_the_whole_path};
use crate::harness::{Adapter, oauth2};

const ORDERING: &str = "/mefApi/sonata/productOrderingManagement/v10";
const INVENTORY: &str = "/mefApi/sonata/productInventory/v7";
const ORDERS: &str = "/mefApi/sonata/productOrderingManagement/v10/productOrder";
const BUYER: &str = "buyer-7";

const SONATA: Real = Real {
    plugin: "carrier-mef-sonata",
    adapter: || adapter(&json!(null)),
    words: WORDS,
    order: ("POST", ORDERS),
    back: ("POST", ORDERS),
    read: "/mefApi/sonata/",
    port: "epl-4711",
    until: "2026-03-04T22:00:00Z",
};

const WORDS: Words = Words {
    token_path: "/oauth/token",
    routes: |desk| routes(desk, Charging::Nothing),
    problem: |status, _, message| {
        let code = match status {
            StatusCode::UNAUTHORIZED => "invalidCredentials",
            _ => "internalError",
        };
        json!({ "code": code, "reason": message })
    },
};

passes_the_whole_path!(SONATA);

#[tokio::test]
async fn what_somebody_changed_before_a_window_is_where_it_begins() {
    drifted_before_its_start(&SONATA).await;
}

/// One whose agreement allows for this much of blocking charges.
fn adapter(blocking_charges: &Value) -> Adapter {
    let mut settings = json!({
        "contact": { "name": "NOC", "emailAddress": "noc@northlight.example", "number": "+43 1 0000000" },
        "buyer_id": BUYER,
    });
    if !blocking_charges.is_null() {
        settings["blocking_charges"] = blocking_charges.clone();
    }
    Adapter {
        component: nexusport_plugins::CARRIER_MEF_SONATA,
        destinations: &[("order", ORDERING), ("inventory", INVENTORY), ("auth", "")],
        credential: ("oauth", |client| oauth2(client, "auth", "/oauth/token")),
        settings,
    }
}

fn routes(desk: Desk, charging: Charging) -> Router {
    let token = desk.token_route();
    let seller = Seller::new(desk, charging);
    let ordering = Router::new()
        .route("/productOrder", get(orders::list).post(orders::create))
        .route("/productOrder/{id}", get(orders::retrieve))
        .route("/charge", get(charges::list))
        .route("/charge/{id}", get(charges::retrieve).patch(charges::respond));
    let inventory = Router::new()
        .route("/product", get(inventory::list))
        .route("/product/{id}", get(inventory::retrieve));
    Router::new()
        .nest(ORDERING, ordering)
        .nest(INVENTORY, inventory)
        .route_layer(from_fn(for_the_buyer))
        .with_state(seller)
        .route("/oauth/token", token)
}

/// Who stands for several Buyers says for which one each call is, as agreed beside the standard.
async fn for_the_buyer(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let is_ours = |pair: &str| pair == format!("buyerId={BUYER}");
    if query.split('&').any(is_ours) {
        return next.run(request).await;
    }
    let reason = "buyerId is missing".to_owned();
    No(StatusCode::BAD_REQUEST, "missingQueryParameter", reason).into_response()
}
