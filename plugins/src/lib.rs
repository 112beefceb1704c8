//! The plugins of this repository, built as components by the build script: one constant a guest, named like its
//! crate. It knows nothing of what they do.

include!(concat!(env!("OUT_DIR"), "/components.rs"));

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use wasmparser::{Parser, Payload};

    use super::*;

    /// The names a component itself imports and exports, not those of anything inside it.
    fn faces(component: &[u8]) -> (Vec<String>, Vec<String>) {
        let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(component) {
            match payload.unwrap() {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::ComponentImportSection(section) if depth == 0 => {
                    imports.extend(
                        section
                            .into_iter()
                            .map(|import| import.unwrap().name.name.to_owned()),
                    );
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    exports.extend(
                        section
                            .into_iter()
                            .map(|export| export.unwrap().name.name.to_owned()),
                    );
                }
                _ => {}
            }
        }
        (imports, exports)
    }

    #[test]
    fn a_guest_made_with_the_sdk_imports_nothing_and_exports_its_world() {
        let worlds: [(&[u8], &[&str]); 9] = [
            (CARRIER_SIMULATOR, &["types", "http", "carrier"]),
            (CARRIER_EQUINIX_FABRIC, &["types", "http", "carrier"]),
            (CARRIER_MEF_SONATA, &["types", "http", "carrier"]),
            (CARRIER_PACKETFABRIC, &["types", "http", "carrier"]),
            (PRICING_COMMITTED, &["types", "pricing"]),
            (PRICING_BURST, &["types", "pricing"]),
            (BRAND_NORTHLIGHT, &["types", "branding"]),
            (BRAND_HARBOUR, &["types", "branding"]),
            (hostile::LOOPS, &["types", "pricing"]),
        ];
        for (component, interfaces) in worlds {
            let (imports, exports) = faces(component);
            let exported: Vec<_> = interfaces
                .iter()
                .map(|name| format!("nexusport:plugin/{name}@0.1.0"))
                .collect();
            assert_eq!((imports, exports), (Vec::new(), exported));
        }
    }
}
