//! The way of a component through all checks.

use nexusport_sandbox::{Artifact, Plugin, Report, World};

use crate::bench::{Bench, Halt, Step};
use crate::check::{Check, Outcome};
use crate::description::{Description, Says};
use crate::place::{Event, Interrupted, Place, Stage};
use crate::{branding, carrier, pricing, settings, trial, vet};

/// What an inspection has shown.
#[derive(Debug)]
pub struct Inspected {
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// As far as that was found out.
    pub world: Option<World>,
    /// Every check in the order in which they were made.
    pub checks: Vec<Check>,
    /// What may become a release; none where a check failed.
    pub accepted: Option<Accepted>,
}

/// A component that failed no check.
#[derive(Debug)]
pub struct Accepted {
    /// What it says about itself.
    pub description: Description,
    /// Its compiled code.
    pub artifact: Artifact,
}

impl Inspected {
    /// The check that failed, if one did.
    pub fn failed(&self) -> Option<&Check> {
        self.checks.iter().find(|check| check.outcome == Outcome::Failed)
    }
}

/// Looks at a component that has to be of all these worlds. Each check is told as it was made.
pub fn inspect(
    place: &dyn Place,
    component: &[u8],
    wanted: &[World],
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Inspected, Interrupted> {
    let mut bench = Bench::new(place, tell);
    bench.begin(Stage::Compile);
    let report = place.compile(component)?;
    let (digest, world) = (report.digest.clone(), report.world());
    let accepted = match stages(&mut bench, report, wanted) {
        Ok(accepted) => Some(accepted),
        Err(Halt::Failed) => None,
        Err(Halt::Interrupted(why)) => return Err(why),
    };
    Ok(Inspected {
        digest,
        world,
        checks: bench.end()?,
        accepted,
    })
}

fn stages(bench: &mut Bench<'_>, report: Report, wanted: &[World]) -> Step<Accepted> {
    for check in report.checks() {
        bench.push(check.clone().into());
    }
    let imports = report.imports().to_vec();
    let fixtures = report.fixtures().map(str::to_owned);
    let artifact = report.artifact.ok_or(Halt::Failed)?;
    bench.rule(
        "plugin_world",
        "is of the plugin's world",
        is_of_worlds(wanted, artifact.world()),
    )?;
    let plugin = bench.place().load(&artifact).map_err(Halt::Interrupted)?;
    let description = describe(bench, &plugin, imports)?;
    match settings::sample(&description.settings_schema) {
        Some(settings) => {
            let settings = settings.to_string().into_bytes();
            bench.begin(Stage::Trial);
            trial::attempt(bench, &plugin, &settings)?;
            bench.begin(Stage::Conformance);
            conform(bench, &plugin, &description, &settings, fixtures.as_deref())?;
        }
        None => bench.warn("settings_example", settings::MISSING),
    }
    Ok(Accepted {
        description,
        artifact,
    })
}

fn is_of_worlds(wanted: &[World], is: World) -> Result<(), String> {
    match wanted.iter().find(|wanted| **wanted != is) {
        Some(wanted) => Err(format!(
            "it should be of the world {wanted}, and is of the world {is}"
        )),
        None => Ok(()),
    }
}

fn describe(bench: &mut Bench<'_>, plugin: &Plugin, imports: Vec<String>) -> Step<Description> {
    bench.begin(Stage::Describe);
    let limits = plugin.sandbox().limits().clone();
    let (says, usage) = match plugin.world() {
        World::Carrier => {
            let call = |budget: &_| plugin.carrier_describe(budget);
            let (says, usage) = bench.call("describe", plugin, "carrier.describe", limits.carrier(), call)?;
            (Says::Carrier(says), usage)
        }
        World::Pricing => {
            let call = |budget: &_| plugin.pricing_describe(budget);
            let (says, usage) =
                bench.call("describe", plugin, "pricing.describe", limits.pricing(0), call)?;
            (Says::Pricing(says), usage)
        }
        World::Branding => {
            let call = |budget: &_| plugin.branding_describe(budget);
            let (says, usage) =
                bench.call("describe", plugin, "branding.describe", limits.branding(), call)?;
            (Says::Branding(says), usage)
        }
    };
    bench.pass("describe", format!("answers with {} units of fuel", usage.fuel));
    vet::description(says, imports, bench)
}

/// What its world demands of its answers.
fn conform(
    bench: &mut Bench<'_>,
    plugin: &Plugin,
    description: &Description,
    settings: &[u8],
    fixtures: Option<&str>,
) -> Step {
    match &description.says {
        Says::Carrier(says) => carrier::conform(bench, plugin, says, settings, fixtures),
        Says::Pricing(says) => pricing::conform(bench, plugin, says.properties, settings),
        Says::Branding(_) => branding::conform(bench, plugin, settings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_of_every_world_that_was_named() {
        assert!(is_of_worlds(&[], World::Pricing).is_ok());
        assert!(is_of_worlds(&[World::Pricing; 2], World::Pricing).is_ok());
        assert!(is_of_worlds(&[World::Pricing, World::Carrier], World::Pricing).is_err());
    }
}
