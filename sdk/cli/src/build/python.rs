//! Python: componentize-py puts the module and an interpreter into a component.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{INTERFACES, Source, run, world};
use crate::terminal::Terminal;

const TOOL: &str = "componentize-py";
const MISSING: &str = "componentize-py does not start: in the plugin's folder, run `python3 -m venv .venv` and then \
                       `.venv/bin/pip install -r requirements.txt`";
const NO_PYTHON: &str = "python3 does not start: install Python 3.11 or newer";
const SDK: &str = "sdk/python";
const MODULE: &str = "plugin";
/// The interface's types in Python, for tests and editors. A component has its own.
const BINDINGS: &str = ".bindings";

pub(super) fn build(terminal: &Terminal, source: &Source<'_>, component: &Path) -> Result<()> {
    let output = std::path::absolute(component)?;
    let waiting = terminal.waiting("making a component of the module and its interpreter");
    let mut tool = tool(source)?;
    // Without the stubs it would import what no plugin is given.
    tool.args([
        "componentize",
        "--stub-wasi",
        "--python-path",
        ".",
        "--python-path",
        SDK,
        MODULE,
        "--output",
    ])
    .arg(output);
    let made = run(&mut tool, MISSING)?;
    drop(waiting);
    ensure!(made, "{} does not build, see above", source.folder.display());
    Ok(())
}

pub(super) fn test(source: &Source<'_>) -> Result<()> {
    let bindings = source.folder.join(BINDINGS);
    if bindings.is_dir() {
        fs::remove_dir_all(&bindings).with_context(|| format!("{}", bindings.display()))?;
    }
    let made = run(tool(source)?.args(["bindings", BINDINGS]), MISSING)?;
    ensure!(
        made,
        "the interfaces of {} are not read, see above",
        source.folder.display()
    );
    let mut python = Command::new("python3");
    python
        .current_dir(source.folder)
        .env("PYTHONPATH", env::join_paths([BINDINGS, SDK, "."])?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-m", "unittest", "discover", "--pattern", "test*.py"]);
    ensure!(
        run(&mut python, NO_PYTHON)?,
        "the tests of {} fail, see above",
        source.folder.display()
    );
    Ok(())
}

/// The tool, told of the interfaces and the world.
fn tool(source: &Source<'_>) -> Result<Command> {
    let manifest = source.folder.join("pyproject.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("{}", manifest.display()))?;
    let read: Value = basic_toml::from_str(&text).with_context(|| format!("{}", manifest.display()))?;
    let world = world(&manifest, read["tool"]["nexusport"]["world"].as_str())?;
    let mut tool = Command::new(found(source.folder));
    tool.current_dir(source.folder)
        .args(["--wit-path", INTERFACES, "--world", &world]);
    Ok(tool)
}

/// The one in the plugin's own environment, or whichever is found.
fn found(folder: &Path) -> PathBuf {
    let own = folder.join(".venv/bin").join(TOOL);
    std::path::absolute(own)
        .ok()
        .filter(|own| own.is_file())
        .unwrap_or_else(|| PathBuf::from(TOOL))
}
