//! `check`: what a host finds out about a component on upload, one line a check, and what the component says of itself.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use nexusport_inspection::{Description, Event, Inspected, Interrupted, Local, Says, inspect};
use nexusport_sandbox::{Compiler, Sandbox, World};
use serde_json::json;

use crate::arguments::COMPILE_CHILD;
use crate::looking::Looking;
use crate::plugin::{Class, component_at, heavier};
use crate::terminal::Terminal;

/// Tells every check as it ends; an error where one fails.
pub(crate) fn check(terminal: &Terminal, place: &Path, class: Class) -> Result<()> {
    let file = &*component_at(place);
    let component = fs::read(file).with_context(|| format!("{}", file.display()))?;
    let mut looking = Looking::begin(terminal, "reading it");
    let inspected = look(&component, class, &mut |event| match event {
        Event::Began(stage) => looking.stage(stage.name()),
        Event::Ended(check) => looking.ended(check.clone()),
    })?;
    terminal.answer(&json!({
        "file": file,
        "digest": inspected.digest,
        "world": inspected.world.map(World::name),
        "accepted": inspected.accepted.is_some(),
        "checks": looking.end(),
    }));
    if let Some(failed) = inspected.failed() {
        bail!(
            "a host refuses {} by its check {}: {}{}",
            file.display(),
            failed.name,
            failed.message,
            heavier(class, &failed.name)
        );
    }
    let accepted = inspected
        .accepted
        .as_ref()
        .ok_or_else(|| anyhow!("{} was not compiled", file.display()))?;
    for wish in wishes(&accepted.description) {
        terminal.line(&format!("     {wish}"));
    }
    terminal.line(&format!("sha256 {}", inspected.digest));
    Ok(())
}

/// The inspection that a host makes, here.
fn look(component: &[u8], class: Class, tell: &mut dyn FnMut(Event<'_>)) -> Result<Inspected> {
    let limits = class.limits();
    let program = env::current_exe().context("this program cannot find itself")?;
    let compiler = Compiler::new(program, [COMPILE_CHILD], limits.clone());
    let here = Local::new(compiler, Sandbox::new(limits)?);
    inspect(&here, component, &[], tell).map_err(|interrupted| match interrupted {
        Interrupted::Place => here
            .why()
            .map_or_else(|| anyhow!("the compile child cannot be run"), Into::into),
        Interrupted::Sandbox(failure) => failure.into(),
    })
}

/// What whoever approves the release has to know.
fn wishes(description: &Description) -> Vec<String> {
    match &description.says {
        Says::Carrier(carrier) => {
            let destinations = carrier
                .destinations
                .iter()
                .map(|it| format!("wants destination {}: {}", it.handle, it.summary));
            let credentials = carrier.credentials.iter().map(|it| {
                format!(
                    "wants credential {} for {}: {}",
                    it.handle,
                    it.destinations.join(", "),
                    it.summary
                )
            });
            destinations.chain(credentials).collect()
        }
        Says::Pricing(pricing) => {
            let declared = |property, holds| {
                let word = if holds { "declared" } else { "not declared" };
                format!("{property}: {word}")
            };
            vec![
                declared("additive", pricing.properties.additive),
                declared("monotone", pricing.properties.monotone),
            ]
        }
        Says::Branding(_) => Vec::new(),
    }
}
