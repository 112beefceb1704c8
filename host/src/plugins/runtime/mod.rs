//! Where plugins run: a sandbox for each class of them, the code loaded into it, the compiled code on the local disk, and
//! the slots that keep one tenant's calls from crowding out another's. Reads no tables; whoever loads says where the
//! bytes of a component come from.

mod compiled;
mod loaded;
mod machines;
mod slots;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use cap_std::fs::Dir;
use nexusport_sandbox::{Artifact, Class, Failure, Limits, Plugin, Report};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::{failure, front::Painted, releases::Callable};
use crate::{
    db::Scope,
    fault::{Fault, Result},
    ids::{ActivationId, ReleaseId, TenantId},
};
use loaded::Recent;
use machines::Machines;
pub(super) use slots::Slot;
use slots::Slots;

/// Compiled code kept in memory, of all tenants together.
const LOADED_BYTES: u64 = 1024 * 1024 * 1024;
/// Releases whose digest and grants are remembered; some hundred bytes each.
const CALLABLES: u64 = 10_000;
/// What brands made of resellers' fronts, of all of them together.
const FRONT_BYTES: u64 = 64 * 1024 * 1024;

/// How long a request waits for its turn. Longer than any one call or compilation, shorter than anybody's own.
const PATIENCE: Duration = Duration::from_secs(30);

/// What plugins run with.
pub struct RuntimeOptions {
    /// The program whose `main` is the compile child's, by its full path.
    pub compiler: PathBuf,
    /// What makes that program the compile child.
    pub compiler_arguments: Vec<OsString>,
    /// A folder that nobody else writes, for compiled code; losing it costs only time.
    pub cache: Dir,
    /// What a plugin may take.
    pub limits: Limits,
    /// Shows that compiled code on the disk is the host's own.
    pub artifact_key: [u8; 32],
}

/// Loads and calls plugins. Clones are the same runtime.
#[derive(Clone)]
pub struct Runtime(Arc<Parts>);

struct Parts {
    machines: Machines,
    /// By reseller, class and digest: no tenant ever uses what another's upload put there.
    loaded: Mutex<Recent<(TenantId, Class, String), Arc<Plugin>>>,
    callables: Mutex<Recent<(TenantId, ReleaseId), Arc<Callable>>>,
    fronts: Mutex<Recent<(TenantId, ActivationId), Arc<Painted>>>,
    calls: Slots,
}

impl Runtime {
    /// Starts the sandbox. Fails where the machine cannot reserve its address space.
    pub fn new(options: RuntimeOptions) -> Result<Self, Failure> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self(Arc::new(Parts {
            machines: Machines::new(options)?,
            loaded: Mutex::new(Recent::new(LOADED_BYTES)),
            callables: Mutex::new(Recent::new(CALLABLES)),
            fronts: Mutex::new(Recent::new(FRONT_BYTES)),
            calls: Slots::new(turns(cores), PATIENCE),
        })))
    }

    /// What a light plugin may take. What a host does for a plugin is limited alike in every class.
    pub fn limits(&self) -> &Limits {
        self.0.machines.light().sandbox.limits()
    }

    /// SHA-256 in hexadecimal, of what may be 16 MiB.
    pub(super) async fn digest(&self, component: Bytes) -> Result<String> {
        Ok(spawn_blocking(move || hex::encode(Sha256::digest(&component))).await?)
    }

    /// A turn to have a component looked at, one of each reseller: however many it uploads, they take one thread.
    pub(super) async fn upload_turn(&self, scope: Scope, class: Class) -> Result<Slot> {
        let machine = self.0.machines.of(class).map_err(failure::fault)?;
        machine.uploads.enter(scope).await
    }

    /// Checks and compiles a component in the compile child.
    pub(super) async fn check(&self, scope: Scope, class: Class, component: Bytes) -> Result<Report> {
        let machine = self.0.machines.of(class).map_err(failure::fault)?;
        let slot = machine.compiles.enter(scope).await?;
        self.compile(slot, class, component).await
    }

    async fn compile(&self, slot: Slot, class: Class, component: Bytes) -> Result<Report> {
        let compiler = self
            .0
            .machines
            .of(class)
            .map_err(failure::fault)?
            .compiler
            .clone();
        let report = spawn_blocking(move || {
            let report = compiler.check(&component);
            drop(slot);
            report
        });
        Ok(report.await??)
    }

    /// Loads code without keeping it: for a component that is not a release yet.
    pub(super) fn try_out(&self, class: Class, artifact: &Artifact) -> Result<Plugin, Failure> {
        Plugin::load(&self.0.machines.of(class)?.sandbox, artifact)
    }

    /// Keeps compiled code of a reseller's release on the local disk. Memory is for what is called: whoever uploads much
    /// takes none of it from others.
    pub(super) async fn keep(&self, reseller: TenantId, class: Class, artifact: Artifact) -> Result<()> {
        let runtime = self.clone();
        spawn_blocking(move || {
            let machine = runtime.0.machines.of(class).map_err(failure::fault)?;
            if let Err(error) = machine.compiled.write(reseller, &artifact) {
                // The disk is only a cache: the next call compiles again.
                tracing::warn!(%reseller, digest = artifact.digest(), %error, "compiled code was not kept");
            }
            Ok(())
        })
        .await?
    }

    /// The loaded code of a reseller's release, if it is at hand in memory or on the local disk.
    pub(super) async fn at_hand(
        &self,
        reseller: TenantId,
        class: Class,
        digest: &str,
    ) -> Result<Option<Arc<Plugin>>> {
        if let Some(plugin) = self.in_memory(reseller, class, digest) {
            return Ok(Some(plugin));
        }
        let (runtime, digest) = (self.clone(), digest.to_owned());
        spawn_blocking(move || {
            let machine = runtime.0.machines.of(class).map_err(failure::fault)?;
            match machine.compiled.read(reseller, &digest) {
                Some(artifact) => runtime.remember(reseller, class, &artifact).map(Some),
                None => Ok(None),
            }
        })
        .await?
    }

    /// Compiles what was checked before, on another host or by an earlier version of this one.
    pub(super) async fn recompile(
        &self,
        scope: Scope,
        class: Class,
        component: Bytes,
    ) -> Result<Arc<Plugin>> {
        let machine = self.0.machines.of(class).map_err(failure::fault)?;
        let slot = machine.compiles.enter(scope).await?;
        let digest = self.digest(component.clone()).await?;
        // Whoever was before in the queue may have wanted the same.
        if let Some(plugin) = self.in_memory(scope.reseller(), class, &digest) {
            return Ok(plugin);
        }
        let report = self.compile(slot, class, component).await?;
        match (report.artifact.clone(), report.refusal()) {
            (Some(artifact), None) => {
                self.keep(scope.reseller(), class, artifact.clone()).await?;
                let runtime = self.clone();
                spawn_blocking(move || runtime.remember(scope.reseller(), class, &artifact)).await?
            }
            (_, refusal) => {
                let why = refusal.map_or("no code was made", |check| &check.message);
                Err(Fault::broken(format!(
                    "the release {} no longer compiles: {why}",
                    report.digest
                )))
            }
        }
    }

    /// A turn to call, fair between resellers and between one reseller's tenants.
    pub(super) async fn turn(&self, scope: Scope) -> Result<Slot> {
        self.0.calls.enter(scope).await
    }

    pub(super) fn callable(&self, reseller: TenantId, release: ReleaseId) -> Option<Arc<Callable>> {
        self.0
            .callables
            .lock()
            .expect(UNPOISONED)
            .get(&(reseller, release))
    }

    pub(super) fn remember_callable(&self, reseller: TenantId, release: ReleaseId, callable: &Arc<Callable>) {
        self.0
            .callables
            .lock()
            .expect(UNPOISONED)
            .put((reseller, release), callable.clone(), 1);
    }

    pub(super) fn front(&self, reseller: TenantId, activation: ActivationId) -> Option<Arc<Painted>> {
        self.0
            .fronts
            .lock()
            .expect(UNPOISONED)
            .get(&(reseller, activation))
    }

    pub(super) fn remember_front(
        &self,
        reseller: TenantId,
        activation: ActivationId,
        painted: &Arc<Painted>,
    ) {
        let weight = painted.bytes();
        self.0
            .fronts
            .lock()
            .expect(UNPOISONED)
            .put((reseller, activation), painted.clone(), weight);
    }

    fn in_memory(&self, reseller: TenantId, class: Class, digest: &str) -> Option<Arc<Plugin>> {
        self.0
            .loaded
            .lock()
            .expect(UNPOISONED)
            .get(&(reseller, class, digest.to_owned()))
    }

    fn remember(&self, reseller: TenantId, class: Class, artifact: &Artifact) -> Result<Arc<Plugin>> {
        let machine = self.0.machines.of(class).map_err(failure::fault)?;
        let plugin = Arc::new(Plugin::load(&machine.sandbox, artifact)?);
        let key = (reseller, class, artifact.digest().to_owned());
        self.0
            .loaded
            .lock()
            .expect(UNPOISONED)
            .put(key, plugin.clone(), artifact.bytes());
        Ok(plugin)
    }
}

/// Turns to call at a time: one core stays with everything that is not a plugin. A reseller has one turn, so with two at
/// least no reseller's long call is all that there is.
fn turns(cores: usize) -> usize {
    cores.saturating_sub(1).max(2)
}

const UNPOISONED: &str = "nothing panics while holding the lock";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_resellers_call_is_never_all_that_there_is() {
        assert_eq!([1, 2, 3, 8].map(turns), [2, 2, 2, 7]);
    }
}
