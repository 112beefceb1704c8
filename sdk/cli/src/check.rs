//! `check`: what a host finds out about a component on upload, one line a check, and what the component says of itself.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use nexusport_inspection::{
    Check, Description, Event, Inspected, Interrupted, Local, Outcome, Says, inspect,
};
use nexusport_sandbox::{Compiler, Limits, Sandbox};

use crate::{COMPILE_CHILD, say};

/// Prints every check; an error where one fails.
pub(crate) fn check(file: &Path) -> Result<()> {
    let component = fs::read(file).with_context(|| format!("{}", file.display()))?;
    let mut tell = |event: Event<'_>| {
        if let Event::Ended(check) = event {
            line(check);
        }
    };
    let inspected = look(&component, &mut tell)?;
    if let Some(failed) = inspected.failed() {
        bail!("a host refuses this component: {}", failed.message);
    }
    let accepted = inspected
        .accepted
        .as_ref()
        .ok_or_else(|| anyhow!("the component was not compiled"))?;
    for wish in wishes(&accepted.description) {
        say(&format!("     {wish}"));
    }
    say(&format!("sha256 {}", inspected.digest));
    Ok(())
}

/// The inspection that a host makes, here.
fn look(component: &[u8], tell: &mut dyn FnMut(Event<'_>)) -> Result<Inspected> {
    let limits = Limits::default();
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

fn line(check: &Check) {
    let mark = match check.outcome {
        Outcome::Passed => "ok  ",
        Outcome::Warning => "warn",
        Outcome::Failed => "FAIL",
    };
    say(&format!("{mark} {}: {}", check.name, check.message));
}
