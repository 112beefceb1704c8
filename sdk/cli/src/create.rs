//! `new`: a folder in which a plugin builds, with the SDK and the interface texts in it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::arguments::World;
use crate::build::Language;
use crate::embedded::{File, JAVASCRIPT, LOCK, PYTHON, RUST, WIT};
use crate::terminal::Terminal;

const NAME_CHARS_MAX: usize = 60;

/// What is to be written.
pub(crate) struct New<'a> {
    pub name: &'a str,
    pub world: World,
    pub language: Language,
    /// The folder that the plugin's own folder comes into.
    pub place: &'a Path,
}

macro_rules! template {
    ($($path:literal: $file:literal),* $(,)?) => {
        vec![$(File { path: $path, text: include_str!(concat!("../templates/", $file)) }),*]
    };
}

/// Writes the plugin into a new folder of its name.
pub(crate) fn create(terminal: &Terminal, new: &New<'_>) -> Result<()> {
    ensure!(
        is_name(new.name),
        "a plugin's name is at most {NAME_CHARS_MAX} lower-case letters, digits and dashes, and begins with a letter"
    );
    let folder = new.place.join(new.name);
    ensure!(!folder.exists(), "{} is there already", folder.display());
    let (mut template, sdk) = match new.language {
        Language::Rust => (rust(new.world), RUST),
        Language::Javascript => (javascript(new.world), JAVASCRIPT),
        Language::Python => (python(new.world), PYTHON),
    };
    if new.world == World::Carrier {
        template.extend(template! { "fixtures/README.md": "carrier/fixtures.md.txt" });
    }
    for File { path, text } in template {
        let text = text
            .replace("{name}", new.name)
            .replace("{world}", word(new.world))
            .replace("{summary}", summary(new.world));
        write(&folder.join(path), &text)?;
    }
    for File { path, text } in WIT.iter().chain(sdk) {
        write(&folder.join(path), text)?;
    }
    terminal.line(&format!("{}", folder.display()));
    terminal.answer(&json!({ "folder": folder }));
    Ok(())
}

fn rust(world: World) -> Vec<File> {
    let mut files = template! { "Cargo.toml": "rust/Cargo.toml.txt", ".gitignore": "rust/gitignore.txt" };
    files.push(File {
        path: "Cargo.lock",
        text: LOCK,
    });
    files.extend(match world {
        World::Carrier => {
            template! {
                "src/lib.rs": "rust/carrier.rs.txt",
                "src/tests.rs": "rust/carrier_tests.rs.txt",
                "fixtures/throttled.json": "carrier/throttled.json",
            }
        }
        World::Pricing => {
            template! { "src/lib.rs": "rust/pricing.rs.txt", "src/tests.rs": "rust/pricing_tests.rs.txt" }
        }
        World::Branding => {
            template! { "src/lib.rs": "rust/branding.rs.txt", "src/tests.rs": "rust/branding_tests.rs.txt" }
        }
    });
    files
}

fn javascript(world: World) -> Vec<File> {
    let mut files =
        template! { "package.json": "javascript/package.json.txt", ".gitignore": "javascript/gitignore.txt" };
    files.extend(match world {
        World::Carrier => template! { "plugin.js": "javascript/carrier.js.txt", "plugin.test.js": "javascript/carrier_test.js.txt" },
        World::Pricing => template! { "plugin.js": "javascript/pricing.js.txt", "plugin.test.js": "javascript/pricing_test.js.txt" },
        World::Branding => template! { "plugin.js": "javascript/branding.js.txt", "plugin.test.js": "javascript/branding_test.js.txt" },
    });
    files
}

fn python(world: World) -> Vec<File> {
    let mut files = template! {
        "pyproject.toml": "python/pyproject.toml.txt",
        "requirements.txt": "python/requirements.txt",
        ".gitignore": "python/gitignore.txt",
    };
    files.extend(match world {
        World::Carrier => template! { "plugin.py": "python/carrier.py.txt", "test_plugin.py": "python/carrier_test.py.txt" },
        World::Pricing => template! { "plugin.py": "python/pricing.py.txt", "test_plugin.py": "python/pricing_test.py.txt" },
        World::Branding => template! { "plugin.py": "python/branding.py.txt", "test_plugin.py": "python/branding_test.py.txt" },
    });
    files
}

fn word(world: World) -> &'static str {
    match world {
        World::Carrier => "carrier",
        World::Pricing => "pricing",
        World::Branding => "branding",
    }
}

fn summary(world: World) -> &'static str {
    match world {
        World::Carrier => "An adapter for a carrier",
        World::Pricing => "A pricing rule",
        World::Branding => "A brand",
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_CHARS_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
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
    fn a_name_can_be_a_crate_a_folder_and_a_plugin_and_nothing_else() {
        for name in ["acme", "acme-carrier-2"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "Acme",
            "2acme",
            "-acme",
            "acme-",
            "../acme",
            "ac me",
            "ac\"me",
            &"a".repeat(61),
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
