//! JavaScript: componentize-js puts the module and an engine into a component, by a script of the SDK.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{INTERFACES, Source, run, world};
use crate::terminal::Terminal;

const SCRIPT: &str = "sdk/javascript/build.mjs";
const MODULE: &str = "plugin.js";
const NO_NODE: &str = "node does not start: install Node.js 20 or newer";

pub(super) fn build(terminal: &Terminal, source: &Source<'_>, component: &Path) -> Result<()> {
    let manifest = source.folder.join("package.json");
    let text = fs::read(&manifest).with_context(|| format!("{}", manifest.display()))?;
    let read: Value = serde_json::from_slice(&text).with_context(|| format!("{}", manifest.display()))?;
    let world = world(&manifest, read["nexusport"]["world"].as_str())?;
    let output = std::path::absolute(component)?;
    let waiting = terminal.waiting("making a component of the module and its engine");
    let mut node = Command::new("node");
    node.current_dir(source.folder)
        .args([SCRIPT, MODULE, INTERFACES, &world])
        .arg(output);
    let made = run(&mut node, NO_NODE)?;
    drop(waiting);
    ensure!(made, "{} does not build, see above", source.folder.display());
    Ok(())
}

pub(super) fn test(source: &Source<'_>) -> Result<()> {
    let passed = run(
        Command::new("node").current_dir(source.folder).args(["--test"]),
        NO_NODE,
    )?;
    ensure!(passed, "the tests of {} fail, see above", source.folder.display());
    Ok(())
}
