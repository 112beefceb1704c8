//! What a release asks for beyond computing, read from what it says about itself.

use std::collections::BTreeSet;

use crate::plugins::grants::{Capability, CapabilityKind};

pub use nexusport_inspection::{Description, Says};

/// Everything that somebody has to approve.
pub(super) fn wanted(description: &Description) -> BTreeSet<Capability> {
    let imports = description
        .imports
        .iter()
        .map(|name| Capability::new(CapabilityKind::Import, name));
    let mut wanted: BTreeSet<Capability> = imports.collect();
    if let Says::Carrier(carrier) = &description.says {
        let destinations = carrier
            .destinations
            .iter()
            .map(|d| (CapabilityKind::Destination, &d.handle));
        let credentials = carrier
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

#[cfg(test)]
mod tests {
    use nexusport_sandbox::branding;
    use serde_json::json;

    use super::*;

    #[test]
    fn imports_are_approved_like_anything_else() {
        let about = branding::About {
            name: "acme".to_owned(),
            version: "1.0.0".to_owned(),
            summary: String::new(),
            settings_schema: Vec::new(),
            extras: Vec::new(),
        };
        let description = Description {
            says: Says::Branding(branding::Description {
                about,
                extras: Vec::new(),
            }),
            settings_schema: json!({}),
            imports: vec!["wasi:io/streams@0.2.6".to_owned()],
        };
        let wanted = wanted(&description);
        assert_eq!(
            wanted.into_iter().map(|c| c.handle).collect::<Vec<_>>(),
            ["wasi:io/streams@0.2.6"]
        );
    }
}
