//! Whose table is whose: modules meet through functions, never through each other's rows.

use super::{
    queries::{QUERIES, TABLES},
    sources::only,
};

/// Tables by the module that owns them. A folder owns what is listed for it, not what lies deeper.
const OWNERS: &[(&str, &[&str])] = &[
    ("alerts", &["alert"]),
    ("audit", &["audit_event"]),
    (
        "billing",
        &[
            "billing_run",
            "charge",
            "invoice",
            "invoice_line",
            "number_sequence",
            "receipt",
            "shadow",
            "shadow_customer",
        ],
    ),
    (
        "carriers",
        &[
            "breaker",
            "carrier",
            "credential",
            "credential_destination",
            "destination",
            "location",
        ],
    ),
    ("carriers/inventory", &["inventory", "inventory_port"]),
    ("carriers/notifications", &["notification"]),
    (
        "carriers/operations",
        &["exchange", "exchange_answer", "operation"],
    ),
    ("db", &["permission", "transition"]),
    (
        "identity",
        &[
            "api_key",
            "attempt",
            "domain",
            "federated_identity",
            "federated_sign_in",
            "idempotency_key",
            "identity_provider",
            "inbox",
            "invitation",
            "mailbox_token",
            "membership",
            "membership_role",
            "operator_account",
            "password",
            "recovery_code",
            "role",
            "role_permission",
            "second_factor",
            "session",
            "suspension",
            "tenant",
            "user_account",
            "visit",
        ],
    ),
    ("jobs", &["job"]),
    ("leaving", &["departure", "export", "export_part"]),
    (
        "limits",
        &[
            "limit_lowered",
            "limit_override",
            "plan",
            "plugin_fuel",
            "plugin_use",
            "rate_window",
            "reseller_plan",
        ],
    ),
    ("notify", &["mail"]),
    (
        "plugins",
        &[
            "activation",
            "activation_withdrawal",
            "capability_grant",
            "plugin",
            "plugin_run",
            "rejected_answer",
            "release",
        ],
    ),
    (
        "ports",
        &[
            "approval",
            "bandwidth_change",
            "drift",
            "interval",
            "observation",
            "port",
            "port_base",
            "quote",
            "return_leg",
            "schedule",
            "schedule_occurrence",
        ],
    ),
    ("settings", &["customer_setting", "field_value", "setting"]),
    ("vault", &["master_key", "tenant_key"]),
];

/// Another module's table in a store, with the reason why a function would not do.
const BORROWED: &[(&str, &str)] = &[(
    "host/src/jobs/store/claims.rs: assign: tenant",
    "sharing work fairly counts a reseller's busy customers in the same query",
)];

#[test]
fn every_table_has_one_owner() {
    let mut owned: Vec<&str> = OWNERS.iter().flat_map(|(_, tables)| *tables).copied().collect();
    owned.sort_unstable();
    assert_eq!(owned, TABLES.keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_store_names_only_its_own_modules_tables() {
    let mut strange = Vec::new();
    for query in QUERIES.iter() {
        let owner = OWNERS
            .iter()
            .filter(|(module, _)| query.path.starts_with(&format!("host/src/{module}/")))
            .max_by_key(|(module, _)| module.len());
        let tables = owner.map_or(&[][..], |(_, tables)| tables);
        let others = query
            .mentions()
            .into_iter()
            .filter(|mention| !tables.contains(&mention.table.as_str()));
        strange.extend(others.map(|mention| format!("{}: {}", query.place(), mention.table)));
    }
    only(strange, BORROWED, "no module reads another's tables");
}
