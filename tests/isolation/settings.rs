//! The matrix's operations about settings and what follows from them: fields, approvals, alerts.

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
