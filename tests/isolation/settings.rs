//! The matrix's operations about settings and what follows from them, and about what people repair: fields, approvals, alerts,
//! dead letters, operations.

use nexusport::identity::Permission as P;
use serde_json::json;

use super::entries::{Entry, about, list, nothing, sent};

/// Their entries.
pub fn entries() -> Vec<Entry> {
    vec![
        list("GET /v1/alerts", P::AlertsRead),
        about("POST /v1/alerts/{id}/acknowledge", P::AlertsAcknowledge, |w| {
            w.alert.clone()
        }),
        about(
            "POST /v1/bandwidth-changes/{id}/approve",
            P::BandwidthApprove,
            |w| w.scheduled_change.clone(),
        ),
        sent(
            "POST /v1/bandwidth-changes/{id}/reject",
            P::BandwidthApprove,
            |w| w.scheduled_change.clone(),
            |_, _| json!({}),
        ),
        list("GET /v1/dead-letters", P::BandwidthRead),
        about("POST /v1/dead-letters/{id}/discard", P::WorkRepair, |w| {
            w.another_letter.clone()
        }),
        about("POST /v1/dead-letters/{id}/replay", P::WorkRepair, |w| {
            w.dead_letter.clone()
        }),
        about("POST /v1/operations/{id}/cancel", P::WorkRepair, |w| {
            w.operation.clone()
        }),
        about("POST /v1/operations/{id}/retry", P::WorkRepair, |w| {
            w.operation.clone()
        }),
        sent(
            "PATCH /v1/customers/{id}",
            P::CustomersWrite,
            |w| w.customer.id.clone(),
            |_, _| json!({ "name": "Another name" }),
        ),
        sent(
            "PATCH /v1/ports/{id}",
            P::PortsWrite,
            |w| w.port.clone(),
            |_, _| json!({ "name": "another-name" }),
        ),
        list("GET /v1/settings", P::SettingsRead),
        about("GET /v1/settings/{key}", P::SettingsRead, nothing),
        sent(
            "PUT /v1/settings/{key}",
            P::SettingsWrite,
            nothing,
            |_, _| json!({ "pattern": "[a-z0-9-]+" }),
        ),
        about("DELETE /v1/settings/{key}", P::SettingsWrite, nothing),
    ]
}
