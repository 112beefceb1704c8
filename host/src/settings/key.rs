//! The closed list of settings. Each has a file in `schema`: its JSON Schema (2020-12), with the platform's value as
//! `default` and one sentence on what it is for as `description`.

use std::sync::LazyLock;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// Who sees and sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A tenant's own matter: customers set it for themselves.
    Tenants,
    /// What binds a customer: it sees what is in force, and its reseller sets it, for all or for this one.
    Resellers,
    /// The reseller's alone: for a customer there is no such setting.
    House,
}

macro_rules! settings {
    ($($(#[$doc:meta])* $variant:ident $name:literal $whose:ident)*) => {
        /// A setting's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Key {
            $($(#[$doc])* $variant,)*
        }

        impl Key {
            /// Every setting.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in the database and on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Who sees and sets it.
            pub const fn whose(self) -> Whose {
                match self {
                    $(Self::$variant => Whose::$whose,)*
                }
            }

            const fn file(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("schema/", $name, ".json")),)*
                }
            }
        }
    };
}

settings! {
    /// Own words for states.
    StatusNames "status_names" Tenants
    /// Fields of ports.
    PortFields "custom_fields.port" Resellers
    /// Fields of customers.
    CustomerFields "custom_fields.customer" Resellers
    /// Names of ports.
    PortNaming "naming.port" Tenants
    /// Names of customers.
    CustomerNaming "naming.customer" Resellers
    /// Weekly hours.
    BusinessHours "business_hours" Resellers
    /// Days off.
    Holidays "holidays" Resellers
    /// Which changes wait for somebody's yes.
    Approval "approval" Resellers
    /// Who is called.
    OnCall "on_call" House
    /// How tenants leave.
    Leaving "leaving" Resellers
    /// Whether prices are tried before they serve.
    Shadow "shadow" House
    /// Which calls of plugins are kept.
    PluginRuns "plugin_runs" House
    /// How often ports are read back.
    Reconciliation "reconciliation" House
    /// What takes the place of a release that fails.
    PluginFailures "plugin_failures" House
}

/// A file of `schema`, read.
pub(super) struct Known {
    pub schema: Value,
    pub default: Value,
    pub summary: String,
    pub validator: Validator,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| Key::ALL.iter().map(|key| Known::read(*key)).collect());

impl Key {
    /// The setting of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// What a value must be, in JSON Schema 2020-12.
    pub fn schema(self) -> &'static Value {
        &self.known().schema
    }

    /// What holds where neither the tenant nor its reseller set it.
    pub fn default(self) -> &'static Value {
        &self.known().default
    }

    /// One sentence on what it is for.
    pub fn summary(self) -> &'static str {
        &self.known().summary
    }

    pub(super) fn known(self) -> &'static Known {
        &KNOWN[self as usize]
    }
}

impl Known {
    fn read(key: Key) -> Self {
        let schema: Value = serde_json::from_str(key.file()).expect("schemas are JSON");
        // Patterns run in linear time: this engine has no look-around.
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .expect("schemas are JSON Schema");
        Self {
            default: schema["default"].clone(),
            summary: schema["description"].as_str().unwrap_or_default().to_owned(),
            schema,
            validator,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_key() {
        for key in Key::ALL {
            assert_eq!(Key::parse(key.name()), Some(*key));
            assert!(!key.summary().is_empty(), "{key:?}");
        }
        assert_eq!(Key::parse("custom_fields"), None);
    }
}
