//! The matrix's operations about settings and what follows from them, and about what people repair: fields, approvals, alerts,
//! dead letters, operations.

use nexusport::identity::Permission as P;
use serde_json::{Value, json};

use super::entries::{Entry, about, list, nothing, sent};

/// Terms of a schedule.
fn nights() -> Value {
    json!({ "mbps": 5000, "days": ["sunday"], "from": "02:00", "to": "04:00", "time_zone": "UTC" })
}

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
        list("GET /v1/drifts", P::PortsRead),
        about("GET /v1/drifts/{id}", P::PortsRead, |w| w.drift.clone()),
        about("POST /v1/drifts/{id}/adopt", P::DriftSettle, |w| w.drift.clone()),
        about("POST /v1/drifts/{id}/correct", P::DriftSettle, |w| {
            w.drift.clone()
        }),
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
        sent(
            "POST /v1/holds",
            P::BandwidthChange,
            |w| w.open_quote.clone(),
            |_, id| json!({ "quote_id": id, "minutes": 10 }),
        ),
        about(
            "POST /v1/bandwidth-changes/{id}/commit",
            P::BandwidthChange,
            |w| w.scheduled_change.clone(),
        ),
        about("GET /v1/carriers/{id}/inbox", P::CarriersRead, |w| {
            w.shop.carrier_id.clone()
        }),
        sent(
            "PUT /v1/carriers/{id}/inbox",
            P::CarriersWrite,
            |w| w.shop.carrier_id.clone(),
            |_, _| json!({}),
        ),
        about("DELETE /v1/carriers/{id}/inbox", P::CarriersWrite, |w| {
            w.shop.carrier_id.clone()
        }),
        about("GET /v1/carriers/{id}/inventory", P::CarriersRead, |w| {
            w.shop.carrier_id.clone()
        }),
        about("GET /v1/carriers/{id}/inventory/ports", P::CarriersRead, |w| {
            w.shop.carrier_id.clone()
        }),
        about("POST /v1/carriers/{id}/inventory", P::CarriersWrite, |w| {
            w.shop.carrier_id.clone()
        }),
        sent(
            "POST /v1/carriers/{id}/inventory/ports",
            P::CarriersWrite,
            |w| w.shop.carrier_id.clone(),
            |w, _| json!({ "ports": [{ "reference": "new", "customer_id": w.customer.id, "name": "new" }] }),
        ),
        about("GET /v1/carriers/{id}/locations", P::CarriersRead, |w| {
            w.shop.carrier_id.clone()
        }),
        sent(
            "POST /v1/carriers/{id}/locations",
            P::CarriersWrite,
            |w| w.shop.carrier_id.clone(),
            |_, _| json!({ "name": "AM1", "capacity_mbps": 1000 }),
        ),
        sent(
            "PUT /v1/locations/{id}",
            P::CarriersWrite,
            |w| w.location.clone(),
            |_, _| json!({ "name": "FR6" }),
        ),
        about("GET /v1/carriers/{id}/notifications", P::CarriersRead, |w| {
            w.shop.carrier_id.clone()
        }),
        list("GET /v1/schedules", P::BandwidthRead),
        sent(
            "POST /v1/schedules",
            P::BandwidthChange,
            |w| w.port.clone(),
            |_, id| json!({ "port_id": id, "terms": nights() }),
        ),
        sent(
            "POST /v1/schedules/preview",
            P::BandwidthChange,
            |w| w.port.clone(),
            |_, id| json!({ "port_id": id, "terms": nights() }),
        ),
        about("GET /v1/schedules/{id}", P::BandwidthRead, |w| w.schedule.clone()),
        sent(
            "PUT /v1/schedules/{id}",
            P::BandwidthChange,
            |w| w.schedule.clone(),
            |_, _| nights(),
        ),
        about("POST /v1/schedules/{id}/cancel", P::BandwidthChange, |w| {
            w.schedule.clone()
        }),
        about("GET /v1/schedules/{id}/occurrences", P::BandwidthRead, |w| {
            w.schedule.clone()
        }),
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
