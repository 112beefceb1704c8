//! Two resellers that differ in everything they can set.

use serde_json::{Value, json};

use crate::harness::Pricing;

/// What a reseller sets, and what follows from it in the workflow.
pub struct House {
    pub slug: &'static str,
    pub pricing: Pricing,
    pub settings: Vec<(&'static str, Value)>,
    /// A name that its rule allows, and one that it does not.
    pub names: [&'static str; 2],
    /// Values of its fields, a query that finds them, and values of the other's fields.
    pub fields: Value,
    pub found_by: &'static str,
    /// Words for a port in use, a change that waits, one that is booked, and one that was seen.
    pub words: [&'static str; 4],
    /// Why the window waits; nothing where it does not.
    pub because: &'static [&'static str],
    /// When the approval of a window that waits is late.
    pub late: Option<&'static str>,
}

pub fn northlight() -> House {
    let hours = json!([{ "from": "09:00", "to": "17:00" }]);
    House {
        slug: "northlight",
        pricing: Pricing::Burst,
        settings: vec![
            (
                "status_names",
                json!({ "language": "de", "words": { "de": {
                "port": { "active": "In Betrieb" }, "invoice": { "issued": "Ausgestellt" },
                "bandwidth_change": { "awaiting_approval": "Wartet", "scheduled": "Gebucht", "verified": "Bestätigt" } } } }),
            ),
            (
                "custom_fields.port",
                json!({ "fields": [
                { "key": "cost_centre", "label": "Kostenstelle", "type": "integer", "min": "1000", "required": true, "filterable": true },
                { "key": "contact", "label": "Ansprechperson", "type": "text", "personal": true }] }),
            ),
            (
                "naming.port",
                json!({ "pattern": "[A-Z]{3}-[0-9]{2}", "hint": "Stadt, Bindestrich, zwei Ziffern" }),
            ),
            (
                "business_hours",
                json!({ "time_zone": "Europe/Vienna", "week": { "monday": hours, "tuesday": hours, "wednesday": hours } }),
            ),
            (
                "holidays",
                json!({ "days": [{ "date": "2026-03-03", "name": "Inventur" }] }),
            ),
            (
                "approval",
                json!({ "outside_business_hours": "require", "expires_after_business_minutes": 240 }),
            ),
        ],
        names: ["VIE-01", "vienna one"],
        fields: json!({ "cost_centre": 4711, "contact": "Ada" }),
        found_by: "field.cost_centre=4711",
        words: ["In Betrieb", "Wartet", "Gebucht", "Bestätigt"],
        because: &["outside_business_hours"],
        // Monday at 13:05 there, three hours and 55 minutes until five, Tuesday off: Wednesday at 9:05.
        late: Some("2026-03-04T08:05:00Z"),
    }
}

pub fn harbour() -> House {
    House {
        slug: "harbour",
        pricing: Pricing::Committed,
        settings: vec![
            (
                "status_names",
                json!({ "language": "en", "words": { "en": {
                "port": { "active": "Berthed" },
                "bandwidth_change": { "scheduled": "On the tide table", "verified": "Under way" } } } }),
            ),
            (
                "custom_fields.port",
                json!({ "fields": [
                { "key": "berth", "label": "Berth", "type": "choice", "choices": ["north", "south"], "filterable": true },
                { "key": "dredged_on", "label": "Dredged on", "type": "date", "filterable": true },
                { "key": "draught_m", "label": "Draught", "type": "decimal", "max": "20" }] }),
            ),
            ("naming.port", json!({ "pattern": "berth [0-9]+" })),
            (
                "business_hours",
                json!({ "time_zone": "Pacific/Auckland", "week": { "thursday": [{ "from": "00:00", "to": "24:00" }] } }),
            ),
            (
                "holidays",
                json!({ "days": [{ "date": "02-06", "name": "Waitangi Day" }] }),
            ),
            (
                "approval",
                json!({ "outside_business_hours": "require", "mbps_above": 9000 }),
            ),
        ],
        names: ["berth 7", "VIE-01"],
        fields: json!({ "berth": "south", "dredged_on": "2026-02-28", "draught_m": "11.5" }),
        found_by: "field.berth=south&field.dredged_on=2026-02-28",
        words: ["Berthed", "Awaiting approval", "On the tide table", "Under way"],
        // Wednesday evening in London is Thursday morning in Auckland.
        because: &[],
        late: None,
    }
}
