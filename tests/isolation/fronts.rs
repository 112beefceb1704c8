//! What a reseller's addresses are and who lets people in there.

use nexusport::identity::Permission as P;
use serde_json::json;

use super::entries::{Entry, about, list, nothing, sent};

pub fn entries() -> Vec<Entry> {
    vec![
        list("GET /v1/domains", P::DomainsRead),
        sent(
            "POST /v1/domains",
            P::DomainsWrite,
            nothing,
            |_, _| json!({ "host": "shop.example.com" }),
        ),
        about("GET /v1/domains/{id}", P::DomainsRead, |w| w.domain.clone()),
        about("DELETE /v1/domains/{id}", P::DomainsWrite, |w| w.domain.clone()),
        about("POST /v1/domains/{id}/prove", P::DomainsWrite, |w| {
            w.domain.clone()
        }),
        list("GET /v1/identity-providers", P::FederationRead),
        sent(
            "POST /v1/identity-providers",
            P::FederationWrite,
            |w| w.customer.id.clone(),
            |w, id| {
                json!({ "name": "one more", "issuer": "https://login.example.com", "client_id": "c",
                "client_secret": "s", "joins": { "tenant_id": id, "role_id": w.role } })
            },
        ),
        about("DELETE /v1/identity-providers/{id}", P::FederationWrite, |w| {
            w.identity_provider.clone()
        }),
    ]
}
