//! What the matrix knows of taking one's data along.

use nexusport::identity::Permission as P;

use serde_json::json;

use super::entries::{Entry, about, empty, list, nothing, sent};

pub fn entries() -> Vec<Entry> {
    vec![
        list("GET /v1/departures", P::TenantLeave),
        sent(
            "POST /v1/departures",
            P::TenantLeave,
            nothing,
            |_, _| json!({ "slug": "alpine", "reason": "only for a moment", "without_export": true }),
        ),
        about("DELETE /v1/departures/{id}", P::TenantLeave, |w| {
            w.departure.clone()
        }),
        list("GET /v1/exports", P::TenantExport),
        sent("POST /v1/exports", P::TenantExport, nothing, empty),
        about("GET /v1/exports/{id}", P::TenantExport, |w| w.export.clone()),
        about("GET /v1/exports/{id}/archive", P::TenantExport, |w| {
            w.export.clone()
        }),
    ]
}
