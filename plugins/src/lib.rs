//! The plugins of this repository, built as components by the build script: one constant a guest, named like its
//! crate. It knows nothing of what they do.

include!(concat!(env!("OUT_DIR"), "/components.rs"));

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use std::fs;
    use std::path::Path;

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

    /// What takes more than this is not an adapter's to do but its host's.
    #[test]
    fn an_adapter_is_small() {
        let adapters = [
            ("carrier-simulator", CARRIER_SIMULATOR),
            ("carrier-equinix-fabric", CARRIER_EQUINIX_FABRIC),
            ("carrier-mef-sonata", CARRIER_MEF_SONATA),
            ("carrier-megaport", CARRIER_MEGAPORT),
            ("carrier-packetfabric", CARRIER_PACKETFABRIC),
        ];
        for (name, component) in adapters {
            assert!(component.len() < 150_000, "{name} has {} bytes", component.len());
            let lines = lines_of_code(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("src"));
            assert!((1..400).contains(&lines), "{name} has {lines} lines");
        }
    }

    /// Without comments and tests, with the schema of the settings wherever it is.
    fn lines_of_code(folder: &Path) -> usize {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let sources = files.filter(|file| file.is_file() && !file.ends_with("tests.rs"));
        let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
        let count = |file| {
            fs::read_to_string(file)
                .unwrap()
                .lines()
                .map(str::trim)
                .filter(is_code)
                .count()
        };
        sources.map(count).sum()
    }

    #[test]
    fn a_guest_made_with_the_sdk_imports_nothing_and_exports_its_world() {
        let worlds: [(&[u8], &[&str]); 10] = [
            (CARRIER_SIMULATOR, &["types", "http", "carrier"]),
            (CARRIER_EQUINIX_FABRIC, &["types", "http", "carrier"]),
            (CARRIER_MEF_SONATA, &["types", "http", "carrier"]),
            (CARRIER_MEGAPORT, &["types", "http", "carrier"]),
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
