//! What tenants set for themselves, over HTTP: what is in force, who set it, and what follows from it.

mod alerts;
mod approvals;
mod customers;
mod edits;
mod fields;
mod houses;
mod levels;
mod workflow;

use serde_json::{Value, json};

/// What is the reseller's alone.
const HOUSE: [&str; 5] = [
    "on_call",
    "plugin_failures",
    "plugin_runs",
    "reconciliation",
    "shadow",
];

/// A value other than the platform's for each setting, told apart by a mark.
fn values(mark: &str, member: &str) -> Vec<(&'static str, Value)> {
    let hours = json!([{ "from": "09:00", "to": "17:00" }]);
    let field = json!({ "key": "rack", "label": mark, "type": "text" });
    vec![
        (
            "status_names",
            json!({ "language": "de", "words": { "de": { "port": { "active": mark } } } }),
        ),
        ("custom_fields.port", json!({ "fields": [field] })),
        ("custom_fields.customer", json!({ "fields": [field] })),
        ("naming.port", json!({ "pattern": "[a-z0-9-]+", "hint": mark })),
        ("naming.customer", json!({ "pattern": ".+", "hint": mark })),
        (
            "business_hours",
            json!({ "time_zone": "Europe/London", "week": { "monday": hours } }),
        ),
        (
            "holidays",
            json!({ "days": [{ "date": "2026-05-01", "name": mark }] }),
        ),
        ("approval", json!({ "mbps_above": 1000, "approvers": "reseller" })),
        (
            "on_call",
            json!({ "rotation": { "people": [member], "every": "week", "starts_on": "2026-03-02",
            "at": "09:00", "time_zone": "Europe/London" } }),
        ),
        (
            "leaving",
            json!({ "grace_days": 7 + mark.len(), "documents_years": 7 }),
        ),
        ("shadow", json!({ "required": true })),
        ("plugin_failures", json!({ "pricing": "hold" })),
        ("plugin_runs", json!({ "sample_percent": 50 + mark.len() })),
        ("reconciliation", json!({ "every_minutes": 60 + mark.len() })),
    ]
}
