//! What every call of a plugin cost and how it ended. Records are written for whoever pays attention to a plugin, never
//! read by the host itself.

mod store;

use nexusport_sandbox::{Failure, Run as SandboxRun, Usage};
use uuid::Uuid;

use crate::{
    app::{App, Timestamp},
    fault::Result,
    identity::{Caller, Permission, Purpose},
    ids::TenantId,
    limits,
    page::{Items, Page},
};

const ANSWERED: &str = "answered";

/// One call of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// `pricing.price`: the world and its function.
    pub function: String,
    /// Whom the call was for.
    pub for_tenant: TenantId,
    /// Units of fuel.
    pub fuel: u64,
    /// Microseconds from before the instance was made until its result was read.
    pub wall_us: u64,
    /// The most bytes of linear memory there were.
    pub memory_bytes: u64,
    /// `answered`, or the code of the failure, such as `plugin_fuel_exhausted`.
    pub outcome: String,
    /// BLAKE3 hash of what the call was given, in hexadecimal; equal inputs have equal hashes.
    pub input_hash: String,
    /// When, in business time.
    pub at: Timestamp,
}

/// Which runs are wanted; none of a field means any.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this component.
    pub digest: Option<String>,
    /// That ended so.
    pub outcome: Option<String>,
}

/// The calls of the caller's plugins.
pub async fn runs(app: &App, caller: &Caller, filter: &RunFilter, page: Page) -> Result<Items<Run>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let rows = store::list(&mut tx, filter, page).await?;
    Ok(page.cut(caller.scope(), "plugin-runs", rows, |run| run.id))
}

/// One try of a call, to be recorded.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    usage: Usage,
    outcome: &'static str,
}

impl Attempt {
    pub(super) fn of<T>(run: &SandboxRun<T>) -> Self {
        let outcome = run.result.as_ref().err().map_or(ANSWERED, Failure::code);
        Self {
            usage: run.usage,
            outcome,
        }
    }
}

/// What all tries of a call have in common.
#[derive(Debug, Clone)]
pub(super) struct Called {
    pub digest: String,
    pub function: &'static str,
    pub input_hash: [u8; 32],
}

/// Keeps a record for every try.
pub(super) async fn record(app: &App, caller: &Caller, called: &Called, attempts: &[Attempt]) -> Result<()> {
    let mut tx = app.db.house(&caller.for_house(Purpose::RunRecord)).await?;
    let at = app.now();
    for attempt in attempts {
        store::insert(&mut tx, app.id(), called, attempt, at).await?;
    }
    let burned = attempts.iter().map(|attempt| attempt.usage.fuel).sum();
    // Last, since the row of a day is every call's: it is held only until the commit that follows.
    limits::burn(&mut tx, burned, at).await?;
    tx.commit().await
}
