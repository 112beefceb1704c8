//! `build`: cargo makes a core module, and that becomes a component.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::say;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the crate and prints the component's path, size and digest.
pub(crate) fn build(folder: &Path, target_dir: Option<&Path>) -> Result<()> {
    let module_file = compile(folder, target_dir)?;
    let module = fs::read(&module_file).with_context(|| format!("{}", module_file.display()))?;
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .context("the module does not make a component: does it export a plugin?")?;
    let file = module_file.with_extension("component.wasm");
    fs::write(&file, &component).with_context(|| format!("{}", file.display()))?;
    say(&format!("{}", file.display()));
    say(&format!("{} bytes", component.len()));
    say(&format!("sha256 {}", hex::encode(Sha256::digest(&component))));
    Ok(())
}

/// The module that cargo says it made.
fn compile(folder: &Path, target_dir: Option<&Path>) -> Result<PathBuf> {
    let manifest = folder.join("Cargo.toml");
    ensure!(
        manifest.is_file(),
        "{} is no crate: it has no Cargo.toml",
        folder.display()
    );
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo
        .args([
            "build",
            "--release",
            "--message-format",
            "json-render-diagnostics",
            "--target",
            TARGET,
        ])
        .arg("--manifest-path")
        .arg(&manifest)
        .stderr(Stdio::inherit());
    if let Some(target_dir) = target_dir {
        cargo.arg("--target-dir").arg(target_dir);
    }
    let output = cargo.output().context("cargo does not start")?;
    ensure!(
        output.status.success(),
        "{} does not build; if {TARGET} is missing, run `rustup target add {TARGET}`",
        folder.display()
    );
    // The last one is the crate itself; those before it are what it depends on.
    let messages = String::from_utf8_lossy(&output.stdout);
    messages
        .lines()
        .rev()
        .find_map(module_of)
        .ok_or_else(|| anyhow!("{} has no `crate-type = [\"cdylib\"]`", manifest.display()))
}

fn module_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_artifact = message["reason"] == "compiler-artifact";
    let files = message["filenames"].as_array().filter(|_| is_artifact)?;
    files
        .iter()
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(".wasm"))
        .map(PathBuf::from)
}
