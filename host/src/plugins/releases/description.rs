//! What a component says about itself, and how that is stored. The component describes itself, so its digest covers all
//! of this.

use std::collections::BTreeSet;

use nexusport_sandbox::{World, branding, carrier, pricing};
use serde_json::{Value, json};

use crate::{
    fault::Result,
    plugins::{
        grants::{Capability, CapabilityKind},
        world_named,
    },
};

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

    pub(super) fn about_mut(&mut self) -> &mut carrier::About {
        match self {
            Self::Carrier(description) => &mut description.about,
            Self::Pricing(description) => &mut description.about,
            Self::Branding(description) => &mut description.about,
        }
    }
}

impl Description {
    /// Everything it asks for beyond computing.
    pub fn wanted(&self) -> BTreeSet<Capability> {
        let imports = self
            .imports
            .iter()
            .map(|name| Capability::new(CapabilityKind::Import, name));
        let mut wanted: BTreeSet<Capability> = imports.collect();
        if let Says::Carrier(description) = &self.says {
            let destinations = description
                .destinations
                .iter()
                .map(|d| (CapabilityKind::Destination, &d.handle));
            let credentials = description
                .credentials
                .iter()
                .map(|c| (CapabilityKind::Credential, &c.handle));
            wanted.extend(
                destinations
                    .chain(credentials)
                    .map(|(kind, handle)| Capability::new(kind, handle)),
            );
        }
        wanted
    }

    pub(super) fn to_stored(&self) -> Result<Value> {
        let (world, says) = match &self.says {
            Says::Carrier(description) => (World::Carrier, serde_json::to_value(description)?),
            Says::Pricing(description) => (World::Pricing, serde_json::to_value(description)?),
            Says::Branding(description) => (World::Branding, serde_json::to_value(description)?),
        };
        Ok(json!({
            "world": world.name(),
            "says": says,
            "settings_schema": self.settings_schema,
            "imports": self.imports,
        }))
    }

    /// None where nothing was learnt before the component was refused.
    pub(super) fn from_stored(mut stored: Value) -> Result<Option<Self>> {
        let Some(world) = stored["world"].as_str() else {
            return Ok(None);
        };
        let world = world_named(world)?;
        let says = stored["says"].take();
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
