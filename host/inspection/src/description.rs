//! What a component says about itself, and how that is stored. The component describes itself, so its digest covers all
//! of this.

use nexusport_sandbox::{World, branding, carrier, pricing};
use serde_json::{Value, json};

/// What a component says about itself, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// What its world asks for. The settings schema in it is moved to `settings_schema`.
    pub says: Says,
    /// JSON Schema of the settings that an activation must give.
    pub settings_schema: Value,
    /// What it imports, by name.
    pub imports: Vec<String>,
}

/// A description in the words of its world.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // the worlds
pub enum Says {
    Carrier(carrier::Description),
    Pricing(pricing::Description),
    Branding(branding::Description),
}

impl Says {
    /// Name, version and summary, as its author wrote them.
    pub fn about(&self) -> &carrier::About {
        match self {
            Self::Carrier(description) => &description.about,
            Self::Pricing(description) => &description.about,
            Self::Branding(description) => &description.about,
        }
    }

    pub(crate) fn about_mut(&mut self) -> &mut carrier::About {
        match self {
            Self::Carrier(description) => &mut description.about,
            Self::Pricing(description) => &mut description.about,
            Self::Branding(description) => &mut description.about,
        }
    }
}

impl Description {
    /// How a host keeps it.
    pub fn to_stored(&self) -> Value {
        let (world, says) = match &self.says {
            Says::Carrier(description) => (World::Carrier, serde_json::to_value(description)),
            Says::Pricing(description) => (World::Pricing, serde_json::to_value(description)),
            Says::Branding(description) => (World::Branding, serde_json::to_value(description)),
        };
        let says = says.expect("values of the interface are JSON");
        json!({
            "world": world.name(),
            "says": says,
            "settings_schema": self.settings_schema,
            "imports": self.imports,
        })
    }

    /// None where nothing was learnt before the component was refused.
    pub fn from_stored(mut stored: Value) -> serde_json::Result<Option<Self>> {
        if stored["world"].is_null() {
            return Ok(None);
        }
        let world = serde_json::from_value(stored["world"].take())?;
        let mut says = stored["says"].take();
        // Of an adapter from before a carrier's speeds could be listed.
        if let Some(rules) = says["rules"].as_object_mut() {
            rules.entry("speeds_mbps").or_insert_with(|| json!([]));
        }
        let says = match world {
            World::Carrier => Says::Carrier(serde_json::from_value(says)?),
            World::Pricing => Says::Pricing(serde_json::from_value(says)?),
            World::Branding => Says::Branding(serde_json::from_value(says)?),
        };
        let settings_schema = stored["settings_schema"].take();
        let imports = serde_json::from_value(stored["imports"].take())?;
        Ok(Some(Self {
            says,
            settings_schema,
            imports,
        }))
    }
}
