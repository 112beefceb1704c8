//! Rust: cargo makes a core module, and that becomes a component.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::Source;

const TARGET: &str = "wasm32-unknown-unknown";
const NO_CARGO: &str = "cargo does not start: it comes with Rust, which rustup installs";

pub(super) fn build(source: &Source<'_>, component: &Path) -> Result<()> {
    let module_file = compile(source)?;
    let module = fs::read(&module_file).with_context(|| format!("{}", module_file.display()))?;
    let encoded = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .context("the module does not make a component: does it export a plugin?")?;
    fs::write(component, encoded).with_context(|| format!("{}", component.display()))
}

/// On this machine's own processor, with the SDK's rehearsals.
pub(super) fn test(source: &Source<'_>) -> Result<()> {
    let passed = super::run(cargo(source)?.arg("test"), NO_CARGO)?;
    ensure!(passed, "the tests of {} fail, see above", source.folder.display());
    Ok(())
}

/// The cargo that runs this command, or the one that is found.
fn cargo(source: &Source<'_>) -> Result<Command> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    // Cargo's settings, such as a toolchain, are those of the author's folder.
    cargo.current_dir(source.folder);
    if let Some(target_dir) = source.target_dir {
        cargo.env("CARGO_TARGET_DIR", std::path::absolute(target_dir)?);
    }
    Ok(cargo)
}

/// The module that cargo says it made.
fn compile(source: &Source<'_>) -> Result<PathBuf> {
    let output = cargo(source)?
        .args([
            "build",
            "--release",
            "--message-format",
            "json-render-diagnostics",
            "--target",
            TARGET,
        ])
        .args(homeless())
        .stderr(Stdio::inherit())
        .output()
        .context(NO_CARGO)?;
    let folder = source.folder.display();
    ensure!(
        output.status.success(),
        "{folder} does not build, see above; if {TARGET} is missing, run `rustup target add {TARGET}`"
    );
    // The last one is the crate itself; those before it are what it depends on.
    let messages = String::from_utf8_lossy(&output.stdout);
    messages
        .lines()
        .rev()
        .find_map(module_of)
        .ok_or_else(|| anyhow!("the Cargo.toml of {folder} has no `crate-type = [\"cdylib\"]`"))
}

/// What makes cargo leave out its home, which is the author's: panics name the sources that they come from.
fn homeless() -> Vec<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(env::home_dir()?.join(".cargo"))) else {
        return Vec::new();
    };
    // A JSON string is one of TOML's too.
    let flag = Value::from(format!("--remap-path-prefix={}=/cargo", home.display()));
    vec![
        "--config".to_owned(),
        format!("target.{TARGET}.rustflags=[{flag}]"),
    ]
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
