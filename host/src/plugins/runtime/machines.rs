//! What components of a class are compiled and called with: each class has limits, a sandbox and a queue for the compiler of
//! its own, so that nobody's small component waits for a large one. Heavy ones cost address space and are rare: their
//! machine is made when the first of them comes.

use std::{ffi::OsString, path::PathBuf, sync::OnceLock, time::Duration};

use cap_std::fs::Dir;
use nexusport_sandbox::{Class, Compiler, Failure, Limits, Sandbox};

use super::{PATIENCE, RuntimeOptions, compiled::Compiled, slots::Slots};

/// How long a heavy component waits for the one before it to be compiled.
const HEAVY_PATIENCE: Duration = Duration::from_secs(300);
/// Uploads that are looked at at a time, one of each reseller. Each takes a thread, of which a host has 512, and all of them
/// wait for each other's turns to compile and to call.
const UPLOADS: usize = 64;
/// The folder of their compiled code, beside the resellers' of light ones.
const HEAVY: &str = "heavy";

pub(super) struct Machine {
    pub sandbox: Sandbox,
    pub compiler: Compiler,
    pub compiled: Compiled,
    /// Who waits here waits without a thread.
    pub uploads: Slots,
    /// A compile child may take 2 GiB, so there is one at a time.
    pub compiles: Slots,
}

pub(super) struct Machines {
    light: Machine,
    heavy: OnceLock<Machine>,
    shared: Shared,
}

/// What a machine is made with beside its limits.
struct Shared {
    compiler: PathBuf,
    compiler_arguments: Vec<OsString>,
    cache: Dir,
    artifact_key: [u8; 32],
}

impl Machines {
    pub(super) fn new(options: RuntimeOptions) -> Result<Self, Failure> {
        let RuntimeOptions {
            compiler,
            compiler_arguments,
            cache,
            limits,
            artifact_key,
        } = options;
        let shared = Shared {
            compiler,
            compiler_arguments,
            cache,
            artifact_key,
        };
        let cache = shared.cache.try_clone().map_err(broken)?;
        Ok(Self {
            light: shared.machine(limits, cache, PATIENCE)?,
            heavy: OnceLock::new(),
            shared,
        })
    }

    pub(super) fn light(&self) -> &Machine {
        &self.light
    }

    /// Fails where the machine cannot reserve the address space.
    pub(super) fn of(&self, class: Class) -> Result<&Machine, Failure> {
        match (class, self.heavy.get()) {
            (Class::Light, _) => Ok(&self.light),
            (Class::Heavy, Some(made)) => Ok(made),
            (Class::Heavy, None) => {
                let cache = &self.shared.cache;
                cache.create_dir_all(HEAVY).map_err(broken)?;
                let folder = cache.open_dir(HEAVY).map_err(broken)?;
                let made = self.shared.machine(class.limits(), folder, HEAVY_PATIENCE)?;
                // Whoever was first is kept.
                Ok(self.heavy.get_or_init(|| made))
            }
        }
    }
}

impl Shared {
    fn machine(&self, limits: Limits, cache: Dir, patience: Duration) -> Result<Machine, Failure> {
        let sandbox = Sandbox::new(limits.clone())?;
        Ok(Machine {
            compiler: Compiler::new(&self.compiler, self.compiler_arguments.iter().cloned(), limits),
            compiled: Compiled::new(sandbox.clone(), cache, self.artifact_key),
            uploads: Slots::new(UPLOADS, patience),
            compiles: Slots::new(1, patience),
            sandbox,
        })
    }
}

fn broken(error: std::io::Error) -> Failure {
    Failure::Broken {
        message: format!("the folder for compiled plugins: {error}"),
    }
}
