//! `check`: what a host finds out about a component on upload, one line a check, and what the component says of itself.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use nexusport_sandbox::carrier::About;
use nexusport_sandbox::{Compiler, Failure, Limits, Plugin, Run, Sandbox, World};

use crate::{COMPILE_CHILD, say};

/// Prints every check; an error where one fails.
pub(crate) fn check(file: &Path) -> Result<()> {
    let component = fs::read(file).with_context(|| format!("{}", file.display()))?;
    let limits = Limits::default();
    let program = env::current_exe().context("this program cannot find itself")?;
    let report = Compiler::new(program, [COMPILE_CHILD], limits.clone()).check(&component)?;
    for check in report.checks() {
        line(check.passed, &check.name, &check.message);
    }
    if let Some(refusal) = report.refusal() {
        bail!("a host refuses this component: {}", refusal.message);
    }
    let artifact = report
        .artifact
        .as_ref()
        .ok_or_else(|| anyhow!("the component was not compiled"))?;
    let sandbox = Sandbox::new(limits)?;
    let plugin = Plugin::load(&sandbox, artifact)?;
    let described = describe(&plugin);
    let fuel = described.usage.fuel;
    match described.result {
        Ok(Said { about, details }) => {
            line(
                true,
                "describe",
                &format!(
                    "{} {}: {} ({fuel} fuel)",
                    about.name, about.version, about.summary
                ),
            );
            serde_json::from_slice::<serde_json::Value>(&about.settings_schema)
                .context("the settings schema is not JSON")?;
            line(true, "settings_schema", "is JSON");
            details.iter().for_each(|detail| say(&format!("     {detail}")));
        }
        Err(failure) => {
            line(false, "describe", &failure.to_string());
            bail!("a host refuses this component: {failure}");
        }
    }
    say(&format!("sha256 {}", report.digest));
    Ok(())
}

struct Said {
    about: About,
    /// What whoever approves the release has to know.
    details: Vec<String>,
}

fn describe(plugin: &Plugin) -> Run<Said> {
    let limits = plugin.sandbox().limits();
    match plugin.world() {
        World::Carrier => said(plugin.carrier_describe(&limits.carrier()), |carrier| {
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
            let details = destinations.chain(credentials).collect();
            Said {
                about: carrier.about,
                details,
            }
        }),
        World::Pricing => said(plugin.pricing_describe(&limits.pricing(0)), |pricing| {
            let holds =
                |property, holds| format!("{property}: {}", if holds { "declared" } else { "not declared" });
            let properties = pricing.properties;
            let details = vec![
                holds("additive", properties.additive),
                holds("monotone", properties.monotone),
            ];
            Said {
                about: pricing.about,
                details,
            }
        }),
        World::Branding => said(plugin.branding_describe(&limits.branding()), |branding| Said {
            about: branding.about,
            details: Vec::new(),
        }),
    }
}

fn said<T>(run: Run<T>, say: impl FnOnce(T) -> Said) -> Run<Said> {
    let Run { result, usage, log } = run;
    Run {
        result: result.map(say) as Result<Said, Failure>,
        usage,
        log,
    }
}

fn line(passed: bool, name: &str, message: &str) {
    let mark = if passed { "ok  " } else { "FAIL" };
    say(&format!("{mark} {name}: {message}"));
}
