//! `build`: a component from a folder, by the tools of the language that the folder is written in. Each language's
//! component lands in the same place, so that whatever comes next is the same for all.

mod javascript;
mod python;
mod recordings;
mod rust;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::terminal::Terminal;

/// The component's name in its author's folder.
pub(crate) const COMPONENT: &str = "plugin.wasm";
/// Where the interface texts lie in an author's folder.
const INTERFACES: &str = "wit/v0";

/// What is to be built.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The author's folder.
    pub folder: &'a Path,
    /// Where cargo is to work, instead of the crate's own target folder.
    pub target_dir: Option<&'a Path>,
}

/// What came of it.
pub(crate) struct Built {
    /// The component.
    pub file: PathBuf,
    /// The names of the calls that it carries.
    pub recordings: Vec<String>,
}

/// What a plugin is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Small and fast: what most plugins should be
    Rust,
    /// With its engine, within the heavy limits
    Javascript,
    /// With its interpreter, within the heavy limits
    Python,
}

impl Language {
    /// What the folder is written in, by the file that each language's tools look for.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let has = |language: &Language| folder.join(language.manifest()).is_file();
        let found = Self::value_variants().iter().copied().find(has);
        found.ok_or_else(|| {
            let manifests: Vec<_> = Self::value_variants()
                .iter()
                .map(|language| language.manifest())
                .collect();
            let (folder, manifests) = (folder.display(), manifests.join(", "));
            anyhow!("{folder} is no plugin: it has none of {manifests}; `nexusport-plugin new` makes one")
        })
    }

    fn manifest(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Javascript => "package.json",
            Self::Python => "pyproject.toml",
        }
    }

    /// Runs the author's own tests, natively.
    pub(crate) fn test(self, source: &Source<'_>) -> Result<()> {
        match self {
            Self::Rust => rust::test(source),
            Self::Javascript => javascript::test(source),
            Self::Python => python::test(source),
        }
    }
}

/// Builds the component and tells its file, size and digest.
pub(crate) fn build(terminal: &Terminal, source: &Source<'_>) -> Result<()> {
    let Built { file, recordings } = component(terminal, source)?;
    let component = fs::read(&file).with_context(|| format!("{}", file.display()))?;
    let digest = hex::encode(Sha256::digest(&component));
    terminal.line(&format!("{}", file.display()));
    terminal.line(&format!("{} bytes", component.len()));
    if !recordings.is_empty() {
        terminal.line(&format!("with its recordings {}", recordings.join(", ")));
    }
    terminal.line(&format!("sha256 {digest}"));
    terminal.answer(&json!({
        "file": file, "bytes": component.len(), "recordings": recordings, "sha256": digest,
    }));
    Ok(())
}

/// Builds the component, and puts into it what was recorded of its carrier.
pub(crate) fn component(terminal: &Terminal, source: &Source<'_>) -> Result<Built> {
    let language = Language::of(source.folder)?;
    let file = source.folder.join(COMPONENT);
    match language {
        Language::Rust => rust::build(source, &file)?,
        Language::Javascript => javascript::build(terminal, source, &file)?,
        Language::Python => python::build(terminal, source, &file)?,
    }
    let recordings = recordings::put(source.folder, &file)?;
    Ok(Built { file, recordings })
}

/// The world that the author's manifest names.
fn world(manifest: &Path, named: Option<&str>) -> Result<String> {
    match named {
        Some(world @ ("carrier" | "pricing" | "branding")) => Ok(format!("{world}-plugin")),
        Some(other) => bail!(
            "{} names the world {other}; there are carrier, pricing and branding",
            manifest.display()
        ),
        None => bail!(
            "{} names no world: it says `world` under `nexusport`",
            manifest.display()
        ),
    }
}

/// Runs a tool whose words are for the author: all of them go to standard error, since standard output is for the
/// command's own answer.
fn run(tool: &mut Command, missing: &str) -> Result<bool> {
    let status = tool.stdout(Stdio::from(std::io::stderr())).status();
    Ok(status.with_context(|| missing.to_owned())?.success())
}
