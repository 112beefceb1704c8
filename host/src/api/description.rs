//! What a component says about itself, as whoever approves it reads it.

use nexusport_sandbox::carrier;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::plugins::{self, Says};

/// What a component says about itself.
#[derive(Serialize, ToSchema)]
pub(super) struct Description {
    name: String,
    summary: String,
    /// JSON Schema of the settings that an activation must give.
    settings_schema: Value,
    /// Further facts, by world: a carrier's rules, a price's properties.
    facts: Value,
    /// Places that requests go to.
    destinations: Vec<Destination>,
    /// Secrets that the host puts into requests.
    credentials: Vec<Credential>,
}

#[derive(Serialize, ToSchema)]
struct Destination {
    handle: String,
    summary: String,
}

#[derive(Serialize, ToSchema)]
struct Credential {
    handle: String,
    summary: String,
    /// The only destinations it is put into requests for.
    destinations: Vec<String>,
}

impl From<plugins::Description> for Description {
    fn from(description: plugins::Description) -> Self {
        let plugins::Description {
            says,
            settings_schema,
            imports: _,
        } = description;
        let about = says.about().clone();
        let (mut destinations, mut credentials) = (Vec::new(), Vec::new());
        let facts = match says {
            Says::Carrier(adapter) => {
                destinations = adapter
                    .destinations
                    .into_iter()
                    .map(|d| Destination {
                        handle: d.handle,
                        summary: d.summary,
                    })
                    .collect();
                credentials = adapter
                    .credentials
                    .into_iter()
                    .map(|c| Credential {
                        handle: c.handle,
                        summary: c.summary,
                        destinations: c.destinations,
                    })
                    .collect();
                rules(&adapter.rules)
            }
            Says::Pricing(pricing) => {
                json!({ "additive": pricing.properties.additive, "monotone": pricing.properties.monotone })
            }
            Says::Branding(_) => json!({}),
        };
        Self {
            name: about.name,
            summary: about.summary,
            settings_schema,
            facts,
            destinations,
            credentials,
        }
    }
}

fn rules(rules: &carrier::Rules) -> Value {
    json!({
        "min_mbps": rules.min_mbps,
        "max_mbps": rules.max_mbps,
        "step_mbps": rules.step_mbps,
        "speeds_mbps": rules.speeds_mbps,
        "may_decrease": rules.may_decrease,
        "lock_out_seconds": rules.lock_out_seconds,
        "changes_in_flight": rules.changes_in_flight,
        "settle_seconds": rules.settle_seconds,
        "billing_granularity_seconds": rules.billing_granularity_seconds,
        "has_idempotency_keys": rules.has_idempotency_keys,
        "has_lookup_by_reference": rules.has_lookup_by_reference,
    })
}
