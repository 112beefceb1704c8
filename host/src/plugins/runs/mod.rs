//! What every call of a plugin cost and how it ended, and of some what was asked and answered. Records are written for
//! whoever pays attention to a plugin, never read by the host itself.

mod doctor;
mod forget;
mod keep;
mod replay;
mod store;

use nexusport_sandbox::{Failure, Run as SandboxRun, Usage, World};
use uuid::Uuid;

use crate::{
    app::{App, Timestamp},
    db::{HouseTx, ReadTx},
    fault::Result,
    identity::{Caller, Permission, Purpose},
    ids::{ReleaseId, TenantId},
    limits,
    page::{Items, Page},
    settings::{self, plugin_runs::Sampling},
};

pub use doctor::{Differing, Examined, examine};
pub(super) use forget::begin as forget_from_now_on;
pub use forget::forget;
pub(super) use keep::Evidence;
pub use keep::Keeping;
use keep::Sealer;
pub use replay::{Replayed, fixture, replay};

const ANSWERED: &str = "answered";

/// One call of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// Which release it was; none for a component that was only checked.
    pub release: Option<ReleaseId>,
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
    /// The same of what it answered.
    pub output_hash: Option<String>,
    /// Which build of the sandbox ran it.
    pub build: String,
    /// Whether it can be asked again.
    pub keeping: Keeping,
    /// The run that this one asked again.
    pub replay_of: Option<Uuid>,
    /// When, in business time.
    pub at: Timestamp,
}

/// A run with what the plugin printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The run.
    pub run: Run,
    /// Cleaned, and cut at the sandbox's limit; for those who may see what plugins are asked, since it may name people.
    pub log: Option<String>,
}

/// Which runs are wanted; none of a field means any.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this component.
    pub digest: Option<String>,
    /// Of this release.
    pub release: Option<ReleaseId>,
    /// Of the plugin of this name.
    pub plugin: Option<String>,
    /// Of this world.
    pub world: Option<World>,
    /// Of this function, with its world.
    pub function: Option<String>,
    /// That ended so.
    pub outcome: Option<String>,
    /// Only those without an answer.
    pub failed: bool,
    /// For this tenant.
    pub customer: Option<TenantId>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Up to and without this moment.
    pub until: Option<Timestamp>,
}

impl RunFilter {
    /// The name of the narrowed list in cursors.
    pub fn list(&self) -> String {
        format!("plugin-runs {self:?}")
    }
}

/// The calls of the caller's plugins.
pub async fn runs(app: &App, caller: &Caller, filter: &RunFilter, page: Page) -> Result<Items<Run>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let rows = store::list(&mut tx, filter, page).await?;
    Ok(page.cut(caller.scope(), &filter.list(), rows, |run| run.id))
}

/// One call, with what the plugin printed.
pub async fn run(app: &App, caller: &Caller, id: Uuid) -> Result<Reading> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let run = store::find(&mut tx, id).await?;
    let log = match caller.may(Permission::PluginsReplay) {
        true => Some(log(app, &mut tx, id).await?),
        false => None,
    };
    Ok(Reading { run, log })
}

async fn log(app: &App, tx: &mut ReadTx, id: Uuid) -> Result<String> {
    match store::sealed(tx, id).await?.log {
        Some(sealed) => {
            let text = Sealer::new(app).open(tx, &keep::log_of(id), &sealed).await?;
            Ok(String::from_utf8(text)?)
        }
        None => Ok(String::new()),
    }
}

/// One try of a call, to be recorded.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    usage: Usage,
    outcome: &'static str,
    output_hash: Option<[u8; 32]>,
    log: String,
}

impl Attempt {
    pub(super) fn of<T>(run: &SandboxRun<T>) -> Self {
        Self {
            usage: run.usage,
            outcome: run.result.as_ref().err().map_or(ANSWERED, Failure::code),
            output_hash: None,
            log: run.log.clone(),
        }
    }

    /// Notes what it answered, by its hash.
    pub(super) fn answered(&mut self, output_hash: [u8; 32]) {
        self.output_hash = Some(output_hash);
    }
}

/// What all tries of a call have in common.
#[derive(Debug, Clone)]
pub(super) struct Called {
    pub digest: String,
    pub function: &'static str,
    pub input_hash: [u8; 32],
}

/// What is known of a call of a release beside its figures.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'a> {
    pub release: Option<ReleaseId>,
    pub evidence: Option<Evidence<'a>>,
    pub replay_of: Option<Uuid>,
}

/// Keeps a record for every try of a component that is no release yet.
pub(super) async fn record(app: &App, caller: &Caller, called: &Called, attempts: &[Attempt]) -> Result<()> {
    record_about(app, caller, called, attempts, About::default()).await
}

/// Keeps a record for every try. What was asked is kept with the last.
pub(super) async fn record_about(
    app: &App,
    caller: &Caller,
    called: &Called,
    attempts: &[Attempt],
    about: About<'_>,
) -> Result<()> {
    let mut tx = app.db.house(&caller.for_house(Purpose::RunRecord)).await?;
    let at = app.now();
    let mut sealer = Sealer::new(app);
    for (n, attempt) in attempts.iter().enumerate() {
        let is_last = n + 1 == attempts.len();
        let evidence = about.evidence.filter(|_| is_last);
        let id = app.id();
        let (keeping, kept) = kept(&mut tx, &mut sealer, id, attempt, evidence).await?;
        let log = about.evidence.map_or("", |evidence| evidence.log(&attempt.log));
        let log = match log.is_empty() {
            true => None,
            false => Some(sealer.seal(&mut tx, &keep::log_of(id), log.as_bytes()).await?),
        };
        let new = store::New {
            id,
            called,
            attempt,
            release: about.release,
            keeping,
            kept,
            log,
            replay_of: about.replay_of,
            at,
        };
        store::insert(&mut tx, new).await?;
    }
    let burned = attempts.iter().map(|attempt| attempt.usage.fuel).sum();
    limits::burn(&mut tx, attempts.len() as u64, burned, at).await?;
    tx.commit().await
}

async fn kept(
    tx: &mut HouseTx,
    sealer: &mut Sealer<'_>,
    id: Uuid,
    attempt: &Attempt,
    evidence: Option<Evidence<'_>>,
) -> Result<(Keeping, Option<Vec<u8>>)> {
    let Some(evidence) = evidence else {
        return Ok((Keeping::NotSampled, None));
    };
    let answered = attempt.outcome == ANSWERED;
    let sampling = match answered {
        true => settings::plugin_runs(tx).await?,
        false => Sampling::default(),
    };
    match evidence.document(answered, sampling) {
        Ok(document) => {
            let sealed = sealer.seal(tx, &keep::fixture_of(id), &document).await?;
            Ok((Keeping::Kept, Some(sealed)))
        }
        Err(why) => Ok((why, None)),
    }
}
