//! `bench`: what a plugin takes of its fuel, call by call, as a share of what a host allows. Fuel is the same on every
//! machine; time is this machine's.

mod branding;
mod carrier;
mod pricing;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use nexusport_sandbox::{Budget, Plugin, Run, World};
use serde::Serialize;

use crate::fixtures;
use crate::plugin::patient;
use crate::terminal::Terminal;

/// Past this share of its fuel a call is worth an author's attention.
const NEAR_PERCENT: f64 = 80.0;

/// What one call took.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// What was asked.
    call: String,
    fuel: u64,
    fuel_limit: u64,
    memory_bytes: u64,
    wall_us: u64,
    /// The code of its failure, where it failed.
    failed: Option<&'static str>,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub calls: Vec<Figure>,
    /// Of a rule: what each further fact takes, from few and from many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slope: Option<pricing::Slope>,
}

/// Measures the plugin with these settings and with the calls that were kept of it.
pub(crate) fn bench(
    terminal: &Terminal,
    plugin: &Plugin,
    settings: &[u8],
    fixtures: &[PathBuf],
) -> Result<()> {
    let mut figures = match plugin.world() {
        World::Carrier => carrier::figures(plugin, settings),
        World::Pricing => pricing::figures(plugin, settings)?,
        World::Branding => branding::figures(plugin, settings),
    };
    for file in fixtures {
        figures.calls.push(kept(plugin, file)?);
    }
    figures.calls.iter().for_each(|figure| figure.tell(terminal));
    if let Some(slope) = &figures.slope {
        slope.tell(terminal);
    }
    terminal.answer(&figures);
    Ok(())
}

fn kept(plugin: &Plugin, file: &Path) -> Result<Figure> {
    let fixture = fixtures::read(file)?;
    let limits = plugin.sandbox().limits();
    let replay = fixture
        .replay(plugin)
        .with_context(|| format!("{}", file.display()))?;
    let budget = match plugin.world() {
        World::Carrier => limits.carrier(),
        World::Pricing => limits.pricing(
            fixture.input["facts"]
                .as_array()
                .map_or(0, |facts| facts.len() as u64),
        ),
        World::Branding => limits.branding(),
    };
    Ok(Figure::of(&file.display().to_string(), &budget, &replay.run))
}

impl Figure {
    fn measure<T>(call: &str, budget: Budget, run: impl FnOnce(&Budget) -> Run<T>) -> Self {
        Self::of(call, &budget, &patient(budget, run))
    }

    fn of<T>(call: &str, budget: &Budget, run: &Run<T>) -> Self {
        Self {
            call: call.to_owned(),
            fuel: run.usage.fuel,
            fuel_limit: budget.fuel,
            memory_bytes: run.usage.memory_bytes,
            wall_us: micros(run.usage.wall),
            failed: run.result.as_ref().err().map(|failure| failure.code()),
        }
    }

    fn percent(&self) -> f64 {
        percent(self.fuel, self.fuel_limit)
    }

    fn tell(&self, terminal: &Terminal) {
        use crate::terminal::Mark;
        let mark = match self.failed {
            Some(_) => Mark::Bad,
            None if self.percent() > NEAR_PERCENT => Mark::Warning,
            None => Mark::Good,
        };
        let failed = self.failed.map_or_else(String::new, |code| format!(", {code}"));
        let message = format!(
            "{} fuel, {:.2} % of {}, {} KiB, {} us{failed}",
            self.fuel,
            self.percent(),
            self.fuel_limit,
            self.memory_bytes / 1024,
            self.wall_us,
        );
        terminal.marked(mark, &self.call, &message);
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a share for people needs no more than 15 digits"
)]
fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole as f64
}

fn micros(wall: Duration) -> u64 {
    u64::try_from(wall.as_micros()).unwrap_or(u64::MAX)
}
