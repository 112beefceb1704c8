//! `new`: a crate that compiles, from the templates.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{World, say};

const MANIFEST: &str = include_str!("../templates/Cargo.toml.txt");
const CARRIER: &str = include_str!("../templates/carrier.rs.txt");
const PRICING: &str = include_str!("../templates/pricing.rs.txt");
const BRANDING: &str = include_str!("../templates/branding.rs.txt");

const NAME_CHARS_MAX: usize = 60;

/// Writes the crate into a new folder of its name.
pub(crate) fn create(name: &str, world: World, sdk: Option<&Path>, place: &Path) -> Result<()> {
    ensure!(
        is_name(name),
        "a plugin's name is at most {NAME_CHARS_MAX} lower-case letters, digits and dashes, and begins with a letter"
    );
    let folder = place.join(name);
    ensure!(!folder.exists(), "{} is there already", folder.display());
    let (source, summary) = match world {
        World::Carrier => (CARRIER, "An adapter for a carrier"),
        World::Pricing => (PRICING, "A pricing rule"),
        World::Branding => (BRANDING, "A brand"),
    };
    let manifest = MANIFEST
        .replace("{name}", name)
        .replace("{summary}", summary)
        .replace("{sdk}", &dependency(sdk)?);
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/lib.rs"), &source.replace("{name}", name))?;
    write(&folder.join(".gitignore"), "/target\n")?;
    say(&format!("{}", folder.display()));
    Ok(())
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_CHARS_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// How the manifest spells its dependency on the SDK.
fn dependency(sdk: Option<&Path>) -> Result<String> {
    let Some(sdk) = sdk else {
        return Ok(format!("\"{}\"", env!("CARGO_PKG_VERSION")));
    };
    let sdk = sdk.canonicalize().with_context(|| format!("{}", sdk.display()))?;
    // A JSON string is a TOML string too.
    let path = serde_json::to_string(&sdk).context("the SDK's path is not UTF-8")?;
    Ok(format!("{{ path = {path} }}"))
}

fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().expect("every file of a template is in a folder");
    fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    fs::write(file, text).with_context(|| format!("{}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_a_crate_and_a_folder_and_nothing_else() {
        for name in ["acme", "acme-carrier-2"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "Acme",
            "2acme",
            "-acme",
            "../acme",
            "ac me",
            "ac\"me",
            &"a".repeat(61),
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
