//! What the matrix knows of each operation: its permission, what it names, and a body that would be carried out for the
//! right caller.

use nexusport::identity::Permission;
use reqwest::Method;
use serde_json::{Value, json};

use super::world::World;

/// One operation.
pub struct Entry {
    /// Method and path as in the OpenAPI document.
    pub operation: &'static str,
    /// What its caller needs.
    pub permission: Permission,
    /// What it names in its path or body; empty for nothing.
    pub target: fn(&World) -> String,
    /// What is sent when it names this id: JSON, or a text for raw bytes.
    pub body: fn(&World, &str) -> Value,
}

impl Entry {
    pub fn method(&self) -> Method {
        self.operation.split_once(' ').unwrap().0.parse().unwrap()
    }

    /// The path with the id in its place.
    pub fn path(&self, id: &str) -> String {
        let path = self.operation.split_once(' ').unwrap().1;
        // What it names is in its query.
        let path = path.replace("/serving", "/serving?world=pricing&customer_id={id}");
        path.replace("{id}", id)
            .replace("{name}", id)
            .replace("{handle}", "api")
            .replace("{key}", "naming.port")
            .replace("{limit}", "requests_per_minute")
    }

    pub fn for_customers(&self) -> bool {
        self.permission.for_customers()
    }

    /// Whether the operation names something that can be somebody's.
    pub fn names_something(&self) -> bool {
        self.target as usize != nothing as fn(&World) -> String as usize
    }
}

pub fn nothing(_: &World) -> String {
    String::new()
}

pub fn empty(_: &World, _: &str) -> Value {
    Value::Null
}

pub fn list(operation: &'static str, permission: Permission) -> Entry {
    Entry {
        operation,
        permission,
        target: nothing,
        body: empty,
    }
}

pub fn about(operation: &'static str, permission: Permission, target: fn(&World) -> String) -> Entry {
    Entry {
        operation,
        permission,
        target,
        body: empty,
    }
}

pub fn sent(
    operation: &'static str,
    permission: Permission,
    target: fn(&World) -> String,
    body: fn(&World, &str) -> Value,
) -> Entry {
    Entry {
        operation,
        permission,
        target,
        body,
    }
}

/// The matrix.
pub fn entries() -> Vec<Entry> {
    let mut entries = daily();
    entries.extend(super::activations::entries());
    entries.extend(super::tenants::entries());
    entries.extend(super::settings::entries());
    entries.extend(super::leaving::entries());
    entries.extend(super::fronts::entries());
    entries
}

fn daily() -> Vec<Entry> {
    use Permission as P;
    vec![
        list("GET /v1/api-keys", P::KeysRead),
        sent(
            "POST /v1/api-keys",
            P::KeysWrite,
            nothing,
            |_, _| json!({ "name": "another" }),
        ),
        about("GET /v1/api-keys/{id}", P::KeysRead, |w| w.api_key.clone()),
        about("DELETE /v1/api-keys/{id}", P::KeysWrite, |w| w.api_key.clone()),
        sent(
            "POST /v1/api-keys/{id}/rotate",
            P::KeysWrite,
            |w| w.api_key.clone(),
            |_, _| json!({}),
        ),
        list("GET /v1/audit-events", P::AuditRead),
        list("GET /v1/bandwidth-changes", P::BandwidthRead),
        sent(
            "POST /v1/bandwidth-changes",
            P::BandwidthChange,
            |w| w.open_quote.clone(),
            |_, id| json!({ "quote_id": id }),
        ),
        about("GET /v1/bandwidth-changes/{id}", P::BandwidthRead, |w| {
            w.change.clone()
        }),
        about(
            "POST /v1/bandwidth-changes/{id}/cancel",
            P::BandwidthChange,
            |w| w.scheduled_change.clone(),
        ),
        list("GET /v1/billing-runs", P::BillingRead),
        sent(
            "POST /v1/billing-runs",
            P::BillingRun,
            |w| w.customer.id.clone(),
            |_, id| json!({ "customer_id": id, "period": "2026-03" }),
        ),
        list("GET /v1/carriers", P::CarriersRead),
        sent(
            "POST /v1/carriers",
            P::CarriersWrite,
            nothing,
            |_, _| json!({ "name": "metro-net" }),
        ),
        about("GET /v1/carriers/{id}", P::CarriersRead, |w| {
            w.shop.carrier_id.clone()
        }),
        sent(
            "PUT /v1/carriers/{id}/credentials/{handle}",
            P::CarriersWrite,
            |w| w.shop.carrier_id.clone(),
            |_, _| json!({ "secret": { "kind": "bearer", "token": "a-longer-token" }, "destinations": ["api"] }),
        ),
        about(
            "DELETE /v1/carriers/{id}/credentials/{handle}",
            P::CarriersWrite,
            |w| w.shop.carrier_id.clone(),
        ),
        sent(
            "PUT /v1/carriers/{id}/destinations/{handle}",
            P::CarriersWrite,
            |w| w.shop.carrier_id.clone(),
            |_, _| json!({ "base_url": "https://carrier.example" }),
        ),
        list("GET /v1/charges", P::BillingRead),
        sent(
            "POST /v1/invitations",
            P::MembersWrite,
            |w| w.role.clone(),
            |_, id| json!({ "email": "somebody@example.com", "role_id": id }),
        ),
        list("GET /v1/invitations", P::MembersRead),
        about("DELETE /v1/invitations/{id}", P::MembersWrite, |w| {
            w.invitation.clone()
        }),
        about("POST /v1/invitations/{id}/resend", P::MembersWrite, |w| {
            w.invitation.clone()
        }),
        list("GET /v1/invoices", P::BillingRead),
        about("GET /v1/invoices/{id}", P::BillingRead, |w| w.invoice.clone()),
        about("GET /v1/invoices/{id}/html", P::BillingRead, |w| {
            w.invoice.clone()
        }),
        list("GET /v1/memberships", P::MembersRead),
        about("DELETE /v1/memberships/{id}", P::MembersWrite, |w| {
            w.membership.clone()
        }),
        list("GET /v1/operations", P::BandwidthRead),
        about("GET /v1/operations/{id}", P::BandwidthRead, |w| {
            w.operation.clone()
        }),
        list("GET /v1/plugin-runs", P::PluginsRead),
        about("GET /v1/plugin-runs/{id}", P::PluginsRead, |w| {
            w.plugin_run.clone()
        }),
        about("GET /v1/plugin-runs/{id}/fixture", P::PluginsReplay, |w| {
            w.plugin_run.clone()
        }),
        about("POST /v1/plugin-runs/{id}/replay", P::PluginsReplay, |w| {
            w.plugin_run.clone()
        }),
        list("GET /v1/plugin-use", P::PluginsRead),
        list("GET /v1/plugins", P::PluginsRead),
        about("GET /v1/plugins/{name}/releases", P::PluginsRead, |_| {
            "only-ours".to_owned()
        }),
        sent(
            "POST /v1/plugins/{name}/releases",
            P::PluginsUpload,
            |_| "only-ours".to_owned(),
            |_, _| json!("not a component"),
        ),
        list("GET /v1/ports", P::PortsRead),
        sent(
            "POST /v1/ports",
            P::PortsWrite,
            |w| w.customer.id.clone(),
            |w, id| json!({ "customer_id": id, "name": "new", "carrier_id": w.other.carrier_id, "reference": "new", "base_mbps": 1000 }),
        ),
        about("GET /v1/ports/{id}", P::PortsRead, |w| w.port.clone()),
        about("POST /v1/ports/{id}/close", P::PortsWrite, |w| w.port.clone()),
        about("GET /v1/ports/{id}/intervals", P::PortsRead, |w| w.port.clone()),
        about("GET /v1/ports/{id}/observations", P::PortsRead, |w| {
            w.port.clone()
        }),
        about("POST /v1/ports/{id}/observations", P::PortsWrite, |w| {
            w.port.clone()
        }),
        sent(
            "POST /v1/quotes",
            P::BandwidthChange,
            |w| w.port.clone(),
            |_, id| {
                json!({ "port_id": id, "kind": "window", "mbps": 5000,
                "starts_at": "2026-04-20T18:00:00Z", "ends_at": "2026-04-20T22:00:00Z" })
            },
        ),
        about("GET /v1/quotes/{id}", P::BandwidthRead, |w| w.open_quote.clone()),
        about("GET /v1/receipts/{id}", P::BillingRead, |w| w.receipt.clone()),
        about("POST /v1/receipts/{id}/verify", P::BillingRead, |w| {
            w.receipt.clone()
        }),
        about("GET /v1/releases/{id}", P::PluginsRead, |w| {
            w.pricing_release.clone()
        }),
        sent(
            "POST /v1/releases/{id}/approve",
            P::PluginsApprove,
            |w| w.unapproved_release.clone(),
            |w, _| json!({ "digest": w.unapproved_digest }),
        ),
        about("GET /v1/releases/{id}/report", P::PluginsRead, |w| {
            w.pricing_release.clone()
        }),
        list("GET /v1/roles", P::MembersRead),
        sent(
            "POST /v1/roles",
            P::MembersWrite,
            nothing,
            |_, _| json!({ "name": "r", "permissions": ["ports.read"] }),
        ),
    ]
}
