//! Every check of an uploaded component, from its bytes to its first answers. Everything that reads the bytes happens in
//! the compile child; the calls made here run under the limits of every call.

use std::sync::Arc;

use bytes::Bytes;
use nexusport_sandbox::{Plugin, Report, World};

use super::{Description, checks::Checks, vet};
use crate::{app::App, fault::Result, identity::Caller, plugins::trial};

/// What the checks of one upload have shown.
pub(super) struct Examined {
    pub digest: String,
    /// As far as that was found out.
    pub world: Option<World>,
    pub checks: Checks,
    /// Only when every check passed.
    pub description: Option<Description>,
}

/// Checks a component that has to be of all these worlds.
pub(super) async fn examine(
    app: &App,
    caller: &Caller,
    component: Bytes,
    wanted: &[World],
) -> Result<Examined> {
    let report = app.plugins.check(caller.scope(), component).await?;
    let (world, imports) = (report.world(), report.imports().to_vec());
    let mut checks = Checks::new(report.checks().to_vec());
    let Report { digest, artifact, .. } = report;
    let mut description = None;
    if let Some(artifact) = artifact
        && is_of_worlds(wanted, artifact.world(), &mut checks)
    {
        let plugin = app.plugins.try_out(artifact.clone()).await?;
        description = rehearse(app, caller, &plugin, imports, &mut checks).await?;
        if description.is_some() {
            app.plugins.keep(caller.scope().reseller(), artifact).await?;
        }
    }
    Ok(Examined {
        digest,
        world,
        checks,
        description,
    })
}

fn is_of_worlds(wanted: &[World], is: World, checks: &mut Checks) -> bool {
    let other = wanted.iter().find(|wanted| **wanted != is);
    let found = match other {
        Some(wanted) => Err(format!(
            "it should be of the world {wanted}, and is of the world {is}"
        )),
        None => Ok(()),
    };
    checks
        .note("plugin_world", "is of the plugin's world", found)
        .is_some()
}

/// Lets the component describe itself and answer one ordinary call.
async fn rehearse(
    app: &App,
    caller: &Caller,
    plugin: &Arc<Plugin>,
    imports: Vec<String>,
    checks: &mut Checks,
) -> Result<Option<Description>> {
    let described = trial::describe(app, caller, plugin).await?;
    let Some(says) = checks.called("describe", described)? else {
        return Ok(None);
    };
    let Some(description) = vet::description(says, imports, checks) else {
        return Ok(None);
    };
    match trial::attempt(app, caller, plugin, &description).await? {
        Some(tried) => Ok(checks.called("trial", tried)?.map(|()| description)),
        None => {
            let why = "is not called: its settings schema has no example and refuses {}";
            Ok(checks.note("trial", why, Ok(description)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_of_another_world_fails_a_check() {
        let mut checks = Checks::default();
        assert!(is_of_worlds(&[], World::Pricing, &mut checks));
        assert!(is_of_worlds(&[World::Pricing; 2], World::Pricing, &mut checks));
        assert!(checks.failed().is_none());
        assert!(!is_of_worlds(
            &[World::Pricing, World::Carrier],
            World::Pricing,
            &mut checks
        ));
        assert_eq!(checks.failed().unwrap().name, "plugin_world");
    }
}
