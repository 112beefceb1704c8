//! The matrix's entries about tenants themselves: customers, what they may use, when they were stopped, and who came to see.

use nexusport::identity::Permission as P;
use serde_json::json;

use super::entries::{Entry, about, list, nothing, sent};

pub fn entries() -> Vec<Entry> {
    vec![
        list("GET /v1/customers", P::CustomersRead),
        sent(
            "POST /v1/customers",
            P::CustomersWrite,
            nothing,
            |_, _| json!({ "slug": "one-more", "name": "One More", "currency": "EUR", "time_zone": "UTC" }),
        ),
        about("GET /v1/customers/{id}", P::CustomersRead, |w| {
            w.customer.id.clone()
        }),
        sent(
            "POST /v1/customers/{id}/invitations",
            P::CustomersWrite,
            |w| w.customer.id.clone(),
            |_, _| json!({ "email": "somebody@example.com" }),
        ),
        about("GET /v1/customers/{id}/settings", P::CustomersRead, |w| {
            w.customer.id.clone()
        }),
        about("GET /v1/customers/{id}/settings/{key}", P::CustomersRead, |w| {
            w.customer.id.clone()
        }),
        sent(
            "PUT /v1/customers/{id}/settings/{key}",
            P::CustomersWrite,
            |w| w.customer.id.clone(),
            |_, _| json!({ "pattern": "[a-z0-9-]+" }),
        ),
        about(
            "DELETE /v1/customers/{id}/settings/{key}",
            P::CustomersWrite,
            |w| w.customer.id.clone(),
        ),
        about("GET /v1/customers/{id}/limits", P::CustomersRead, |w| {
            w.customer.id.clone()
        }),
        about(
            "DELETE /v1/customers/{id}/limits/{limit}",
            P::CustomersWrite,
            |w| w.customer.id.clone(),
        ),
        sent(
            "PUT /v1/customers/{id}/limits/{limit}",
            P::CustomersWrite,
            |w| w.customer.id.clone(),
            |_, _| json!({ "value": 50_000 }),
        ),
        list("GET /v1/member-sessions", P::KeysRead),
        about("DELETE /v1/member-sessions/{id}", P::KeysWrite, |w| {
            w.session.clone()
        }),
        sent(
            "PUT /v1/memberships/{id}/roles",
            P::MembersWrite,
            |w| w.membership.clone(),
            |w, _| json!({ "role_ids": [w.role] }),
        ),
        about("GET /v1/roles/{id}", P::MembersRead, |w| w.role.clone()),
        sent(
            "PATCH /v1/roles/{id}",
            P::MembersWrite,
            |w| w.role.clone(),
            |_, _| json!({}),
        ),
        about("DELETE /v1/roles/{id}", P::MembersWrite, |w| w.role.clone()),
        list("GET /v1/limits", P::TenantRead),
        list("GET /v1/visits", P::AuditRead),
        about("DELETE /v1/visits/{id}", P::MembersWrite, |w| w.visit.clone()),
        list("GET /v1/suspensions", P::TenantRead),
    ]
}
