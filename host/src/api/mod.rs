//! The HTTP API: the only place that knows JSON. Each file is one resource: its own request and answer types, and
//! handlers that parse, call one domain function, and answer. Handlers cannot reach the database: they have no door.

#![allow(unused_qualifications, reason = "utoipa's attribute spells out paths")]

mod activations;
mod alerts;
mod audit_events;
mod auth;
mod bandwidth;
mod billing;
mod body;
mod brand;
mod breaker;
mod carriers;
mod client;
mod compared;
mod customers;
mod departures;
mod description;
mod difference;
mod domains;
mod drifts;
mod exports;
mod federation;
mod health;
mod holds;
mod idempotency;
mod identity_providers;
mod inboxes;
mod inventories;
mod invitations;
mod invoices;
mod keys;
mod limits;
mod locations;
mod me;
mod members;
mod openapi;
mod operations;
mod operator;
mod passwords;
mod plugin_runs;
mod plugins;
mod ports;
mod problem;
mod quotes;
mod rates;
mod receipts;
mod releases;
mod repair;
mod request;
mod roles;
mod schedules;
mod second_factor;
mod secrets;
mod serving;
mod session_lists;
mod sessions;
mod settings;
mod shadows;
mod suspensions;
mod trip;
mod uploads;
mod verified;
mod visits;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

pub use openapi::document;

use crate::app::App;

/// The largest body of a request that is not an upload.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The largest component that can be uploaded.
pub const MAX_UPLOAD_BYTES: usize = 16 * 1024 * 1024;

/// The same for one of the class heavy.
pub const MAX_HEAVY_UPLOAD_BYTES: usize = 32 * 1024 * 1024;

/// What the API needs: the app, and what is the API's alone. Every layer of every request has one.
#[derive(Clone)]
pub struct Api {
    app: Arc<App>,
    /// Resellers are served at `<slug>.<domain>`; the bare domain is the platform's own address.
    domain: Arc<str>,
}

impl axum::extract::FromRef<Api> for App {
    fn from_ref(api: &Api) -> Self {
        App::clone(&api.app)
    }
}

/// The whole API, ready to serve.
pub fn router(app: App, domain: &str) -> Router {
    let api = Api {
        app: Arc::new(app),
        domain: domain.into(),
    };
    let (routes, document) = routes().split_for_parts();
    let routes = routes
        .route_layer(middleware::from_fn_with_state(api.clone(), idempotency::replay))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .merge(openapi::routes(document))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .with_state(api.clone());
    // Around all of it, and not only around what is found: a path that is hidden must not even show its methods.
    Router::new()
        .fallback_service(routes)
        .layer(middleware::from_fn_with_state(api.clone(), body::whole))
        .layer(middleware::from_fn(rates::headers))
        .layer(middleware::from_fn(operator::only_at_the_platform))
        .layer(middleware::from_fn_with_state(api, auth::check_host))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(request::trace))
}

/// Every operation, with its description for the OpenAPI document.
fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(health::routes())
        .merge(brand::routes())
        .merge(sessions::routes())
        .merge(me::routes())
        .merge(session_lists::routes())
        .merge(passwords::routes())
        .merge(second_factor::routes())
        .merge(customers::routes())
        .merge(members::routes())
        .merge(roles::routes())
        .merge(invitations::routes())
        .merge(keys::routes())
        .merge(domains::routes())
        .merge(drifts::routes())
        .merge(exports::routes())
        .merge(federation::routes())
        .merge(identity_providers::routes())
        .merge(departures::routes())
        .merge(plugins::routes())
        .merge(plugin_runs::routes())
        .merge(releases::routes())
        .merge(activations::routes())
        .merge(serving::routes())
        .merge(shadows::routes())
        .merge(audit_events::routes())
        .merge(carriers::routes())
        .merge(inboxes::routes())
        .merge(inventories::routes())
        .merge(locations::routes())
        .merge(operations::routes())
        .merge(repair::routes())
        .merge(ports::routes())
        .merge(verified::routes())
        .merge(quotes::routes())
        .merge(bandwidth::routes())
        .merge(holds::routes())
        .merge(schedules::routes())
        .merge(billing::routes())
        .merge(receipts::routes())
        .merge(invoices::routes())
        .merge(suspensions::routes())
        .merge(limits::routes())
        .merge(visits::routes())
        .merge(operator::routes())
        .merge(settings::routes())
        .merge(alerts::routes())
}
