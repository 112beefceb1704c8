//! The matrix's operations about activations and shadows.

use nexusport::identity::Permission as P;
use serde_json::json;

use super::entries::{Entry, about, list, sent};

/// Their entries.
pub fn entries() -> Vec<Entry> {
    vec![
        list("GET /v1/activations", P::PluginsRead),
        sent(
            "POST /v1/activations",
            P::PluginsActivate,
            |w| w.pricing_release.clone(),
            |_, id| json!({ "release_id": id, "settings": { "price_per_mbps": "0.40" } }),
        ),
        about("GET /v1/activations/{id}", P::PluginsRead, |w| {
            w.activation.clone()
        }),
        about("GET /v1/activations/serving", P::PluginsRead, |w| {
            w.customer.id.clone()
        }),
        sent(
            "POST /v1/activations/{id}/cancel",
            P::PluginsActivate,
            |w| w.activation.clone(),
            |_, _| json!({}),
        ),
        sent(
            "POST /v1/activations/{id}/withdraw",
            P::PluginsActivate,
            |w| w.activation.clone(),
            |_, _| json!({}),
        ),
        list("GET /v1/shadows", P::PluginsRead),
        sent(
            "POST /v1/shadows",
            P::PluginsActivate,
            |w| w.pricing_release.clone(),
            |_, id| json!({ "release_id": id, "settings": { "price_per_mbps": "0.40" }, "period": "2026-01" }),
        ),
        about("GET /v1/shadows/{id}", P::PluginsRead, |w| w.shadow.clone()),
        about("GET /v1/shadows/{id}/customers", P::PluginsRead, |w| {
            w.shadow.clone()
        }),
        about("POST /v1/shadows/{id}/cancel", P::PluginsActivate, |w| {
            w.shadow.clone()
        }),
    ]
}
