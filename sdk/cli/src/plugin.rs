//! A component as a host would run it: checked and compiled in a child process within the limits, and loaded.

use std::borrow::Cow;
use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use nexusport_sandbox::{Budget, Compiler, Limits, Plugin, Run, Sandbox, World};
use serde_json::{Value, json};

use crate::COMPILE_CHILD;
use crate::build::COMPONENT;
use crate::terminal::Terminal;

/// What a component may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Class {
    /// What every plan has
    #[default]
    Light,
    /// What JavaScript and Python need
    Heavy,
}

impl Class {
    pub(crate) fn limits(self) -> Limits {
        match self {
            Self::Light => nexusport_sandbox::Class::Light.limits(),
            Self::Heavy => nexusport_sandbox::Class::Heavy.limits(),
        }
    }
}

/// The component's file, where its folder may have been named instead.
pub(crate) fn component_at(place: &Path) -> Cow<'_, Path> {
    match place.is_dir() {
        true => place.join(COMPONENT).into(),
        false => place.into(),
    }
}

/// The plugin in the file, or in the folder; an error that names the file, the limit and the figure where a host would refuse it.
pub(crate) fn load(terminal: &Terminal, place: &Path, class: Class) -> Result<Plugin> {
    let file = &*component_at(place);
    let component = fs::read(file).with_context(|| {
        format!(
            "{} cannot be read: `nexusport-plugin build` makes it",
            file.display()
        )
    })?;
    let program = env::current_exe().context("this program cannot find itself")?;
    let limits = class.limits();
    let waiting = terminal.waiting("compiling");
    let report = Compiler::new(program, [COMPILE_CHILD], limits.clone()).check(&component)?;
    drop(waiting);
    if let Some(refused) = report.refusal() {
        bail!(
            "{} is refused by {}: {}{}",
            file.display(),
            refused.name,
            refused.message,
            heavier(class, &refused.name)
        );
    }
    let artifact = report
        .artifact
        .as_ref()
        .ok_or_else(|| anyhow!("{} was not compiled", file.display()))?;
    Ok(Plugin::load(&Sandbox::new(limits)?, artifact)?)
}

/// The way out of a limit that the heavy class has more of.
pub(crate) fn heavier(class: Class, limit: &str) -> &'static str {
    let of = |limits: &Limits| json!(limits)[limit].as_u64();
    match class {
        Class::Light if of(&Limits::heavy()) > of(&Limits::default()) => "; --class heavy allows more",
        Class::Light | Class::Heavy => "",
    }
}

/// Settings that the plugin itself gives as the first example in their schema, or none at all.
pub(crate) fn example_settings(plugin: &Plugin) -> Result<Vec<u8>> {
    let limits = plugin.sandbox().limits();
    let about = match plugin.world() {
        World::Carrier => {
            patient(limits.carrier(), |budget| plugin.carrier_describe(budget))
                .result?
                .about
        }
        World::Pricing => {
            patient(limits.pricing(0), |budget| plugin.pricing_describe(budget))
                .result?
                .about
        }
        World::Branding => {
            patient(limits.branding(), |budget| plugin.branding_describe(budget))
                .result?
                .about
        }
    };
    let schema: Value =
        serde_json::from_slice(&about.settings_schema).context("the settings schema is not JSON")?;
    let example = schema["examples"].get(0).cloned().unwrap_or_else(|| json!({}));
    Ok(serde_json::to_vec(&example)?)
}

/// With more time than a host gives: an author's machine is busy with other things, and fuel says what a call takes.
pub(crate) fn patient<T>(budget: Budget, call: impl FnOnce(&Budget) -> Run<T>) -> Run<T> {
    const TIMES: u64 = 50;
    call(&budget.more_time(TIMES))
}
