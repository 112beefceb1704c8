//! Everything that a release asks for or declares about itself, as one flat list that two releases can be compared by.
//! Read from the component's imports and its own description, which its digest covers.

use nexusport_sandbox::carrier::{self, Extra};
use serde_json::Value;

use crate::plugins::releases::{Description, Says};

/// Kinds of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimKind {
    /// A place that requests go to.
    Destination,
    /// A secret that the host puts into requests, and for which destinations.
    Credential,
    /// An inert part of WASI.
    Import,
    /// What it says its carrier allows.
    Rule,
    /// What it says holds for all of its prices.
    Property,
    /// Something further that it says about itself.
    Fact,
    /// What an activation gives it, and of which form.
    Setting,
}

impl ClaimKind {
    /// The word in the audit trail and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Credential => "credential",
            Self::Import => "import",
            Self::Rule => "rule",
            Self::Property => "property",
            Self::Fact => "fact",
            Self::Setting => "setting",
        }
    }
}

/// One thing that a release asks for or declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What kind.
    pub kind: ClaimKind,
    /// Unique among those of the kind.
    pub name: String,
    /// What it is, as text; empty where its name says all.
    pub value: String,
}

/// What the release claims, in the order of kinds and names.
pub(in crate::plugins) fn claims(of: &Description) -> Vec<Claim> {
    let mut claims = match &of.says {
        Says::Carrier(adapter) => adapters(adapter),
        Says::Pricing(pricing) => {
            let properties = [
                ("additive", pricing.properties.additive),
                ("monotone", pricing.properties.monotone),
            ];
            let mut claims = list(ClaimKind::Property, properties);
            claims.extend(facts(ClaimKind::Fact, &pricing.extras));
            claims
        }
        Says::Branding(branding) => facts(ClaimKind::Fact, &branding.extras),
    };
    claims.extend(list(
        ClaimKind::Import,
        of.imports.iter().map(|name| (name.as_str(), "")),
    ));
    claims.extend(settings(&of.settings_schema));
    claims.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    claims.dedup_by(|a, b| (a.kind, &a.name) == (b.kind, &b.name));
    claims
}

fn adapters(adapter: &carrier::Description) -> Vec<Claim> {
    let destinations = adapter.destinations.iter();
    let mut claims = list(
        ClaimKind::Destination,
        destinations.map(|d| (d.handle.as_str(), d.summary.as_str())),
    );
    let credentials = adapter.credentials.iter();
    claims.extend(list(
        ClaimKind::Credential,
        credentials.map(|c| (c.handle.as_str(), format!("for {}", c.destinations.join(", ")))),
    ));
    claims.extend(rules(&adapter.rules));
    claims.extend(facts(ClaimKind::Rule, &adapter.rules.extras));
    claims.extend(facts(ClaimKind::Fact, &adapter.extras));
    claims
}

fn rules(rules: &carrier::Rules) -> Vec<Claim> {
    let carrier::Rules {
        min_mbps,
        max_mbps,
        step_mbps,
        speeds_mbps,
        may_decrease,
        lock_out_seconds,
        changes_in_flight,
        settle_seconds,
        billing_granularity_seconds,
        has_idempotency_keys,
        has_lookup_by_reference,
        extras: _,
    } = rules;
    let numbers = [
        ("min_mbps", min_mbps),
        ("max_mbps", max_mbps),
        ("step_mbps", step_mbps),
        ("lock_out_seconds", lock_out_seconds),
        ("changes_in_flight", changes_in_flight),
        ("settle_seconds", settle_seconds),
        ("billing_granularity_seconds", billing_granularity_seconds),
    ];
    let mut claims = list(ClaimKind::Rule, numbers);
    claims.extend(list(
        ClaimKind::Rule,
        [
            ("may_decrease", may_decrease),
            ("has_idempotency_keys", has_idempotency_keys),
            ("has_lookup_by_reference", has_lookup_by_reference),
        ],
    ));
    if !speeds_mbps.is_empty() {
        let speeds: Vec<_> = speeds_mbps.iter().map(u32::to_string).collect();
        claims.extend(list(ClaimKind::Rule, [("speeds_mbps", speeds.join(", "))]));
    }
    claims
}

fn facts(kind: ClaimKind, extras: &[Extra]) -> Vec<Claim> {
    list(
        kind,
        extras.iter().map(|extra| (extra.name.as_str(), &extra.value)),
    )
}

fn settings(schema: &Value) -> Vec<Claim> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    list(
        ClaimKind::Setting,
        properties.map(|(name, form)| (name.as_str(), form.to_string())),
    )
}

fn list<'a>(kind: ClaimKind, named: impl IntoIterator<Item = (&'a str, impl ToString)>) -> Vec<Claim> {
    let claim = |(name, value): (&str, _)| Claim {
        kind,
        name: name.to_owned(),
        value: ToString::to_string(&value),
    };
    named.into_iter().map(claim).collect()
}

#[cfg(test)]
mod tests {
    use nexusport_sandbox::{branding, carrier::About, pricing};
    use serde_json::json;

    use super::*;

    fn about() -> About {
        About {
            name: "n".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "s".to_owned(),
            settings_schema: Vec::new(),
            extras: Vec::new(),
        }
    }

    fn told(says: Says, schema: Value) -> Vec<String> {
        let description = Description {
            says,
            settings_schema: schema,
            imports: vec!["wasi:clocks/wall-clock@0.2.6".to_owned()],
        };
        let tell = |claim: &Claim| format!("{} {}={}", claim.kind.name(), claim.name, claim.value);
        claims(&description).iter().map(tell).collect()
    }

    #[test]
    fn a_price_claims_its_properties_imports_and_settings() {
        let properties = pricing::Properties {
            additive: true,
            monotone: false,
        };
        let says = Says::Pricing(pricing::Description {
            about: about(),
            properties,
            extras: Vec::new(),
        });
        let schema = json!({ "type": "object", "properties": { "rate": { "type": "string" } } });
        assert_eq!(
            told(says, schema),
            [
                "import wasi:clocks/wall-clock@0.2.6=",
                "property additive=true",
                "property monotone=false",
                r#"setting rate={"type":"string"}"#,
            ]
        );
    }

    #[test]
    fn a_brand_claims_what_it_says_beyond_its_name() {
        let extra = Extra {
            name: "languages".to_owned(),
            value: "en, de".to_owned(),
        };
        let says = Says::Branding(branding::Description {
            about: about(),
            extras: vec![extra],
        });
        let expected = ["import wasi:clocks/wall-clock@0.2.6=", "fact languages=en, de"];
        assert_eq!(told(says, json!({})), expected);
    }
}
