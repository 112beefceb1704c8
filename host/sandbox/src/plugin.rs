//! A loaded plugin and how one call of it runs: a fresh store, the limits, the answer or the failure, and what it took.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use wasmtime::Store;

use crate::artifact::Artifact;
use crate::engine::{Sandbox, TICK_MS};
use crate::failure::Failure;
use crate::limits::Budget;
use crate::link::Bound;
use crate::store::State;
use crate::world::World;

/// A component ready to be called, by any number of threads at a time. It keeps nothing between calls.
pub struct Plugin {
    sandbox: Sandbox,
    digest: String,
    bound: Bound,
}

/// One call: its answer or its failure, and in both cases what it took and printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<T> {
    /// The answer, its texts cleaned.
    pub result: Result<T, Failure>,
    /// What the call took.
    pub usage: Usage,
    /// What the plugin printed, if it imports WASI: cleaned, and cut at the limit.
    pub log: String,
}

/// What one call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Units of fuel. After a missed deadline this is only the least it can have been.
    pub fuel: u64,
    /// From before the instance was made until its result was read.
    pub wall: Duration,
    /// The most bytes of linear memory there were.
    pub memory_bytes: u64,
}

impl Plugin {
    /// Loads compiled code; microseconds to milliseconds by size. Fails if the code was made by another engine, which
    /// an artifact of this sandbox's settings never is.
    pub fn load(sandbox: &Sandbox, artifact: &Artifact) -> Result<Self, Failure> {
        let component = artifact.component(sandbox.engine())?;
        let bound = sandbox
            .linkers()
            .bind(&component, artifact.world())
            .map_err(|error| Failure::broken(&error))?;
        Ok(Self {
            sandbox: sandbox.clone(),
            digest: artifact.digest().to_owned(),
            bound,
        })
    }

    /// SHA-256 of the component, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it exports.
    pub fn world(&self) -> World {
        self.bound.world()
    }

    /// The sandbox it runs in.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub(crate) fn bound(&self) -> &Bound {
        &self.bound
    }

    /// Makes an instance, calls it, and drops it with everything that it did.
    pub(crate) fn run<I, T>(
        &self,
        budget: &Budget,
        start: impl FnOnce(&mut Store<State>) -> wasmtime::Result<I>,
        call: impl FnOnce(&mut Store<State>, &I) -> wasmtime::Result<T>,
    ) -> Run<T> {
        let began = Instant::now();
        let limits = self.sandbox.limits();
        let mut store = self.store(budget);
        let result = match start(&mut store) {
            Ok(instance) => call(&mut store, &instance)
                .map_err(|error| Failure::of_call(&error, store.data(), budget, limits)),
            Err(error) => Err(Failure::of_start(&error, store.data(), budget, limits)),
        };
        let left = store.get_fuel().expect("fuel is on in the engine's settings");
        let usage = Usage {
            fuel: budget.fuel.saturating_sub(left),
            wall: began.elapsed(),
            memory_bytes: store.data().peak_bytes(),
        };
        Run {
            result,
            usage,
            log: store.data().log.text(),
        }
    }

    fn store(&self, budget: &Budget) -> Store<State> {
        let limits = self.sandbox.limits();
        let mut store = Store::new(self.sandbox.engine(), State::new(budget, limits));
        store.limiter(State::limiter);
        store
            .set_fuel(budget.fuel)
            .expect("fuel is on in the engine's settings");
        // The tick that is under way counts as none.
        store.set_epoch_deadline(budget.wall_ms.div_ceil(TICK_MS).saturating_add(1));
        store.set_hostcall_fuel(budget.result_bytes as usize);
        store.set_max_component_handles(limits.handles as usize);
        store
    }
}

impl<T> Run<T> {
    /// The same run with its answer checked: a refusal makes it a failure, and what it took stays.
    pub(crate) fn and_then<U>(self, check: impl FnOnce(T) -> Result<U, Failure>) -> Run<U> {
        Run {
            result: self.result.and_then(check),
            usage: self.usage,
            log: self.log,
        }
    }

    /// A run that did not begin.
    pub(crate) fn refused(failure: Failure) -> Self {
        Run {
            result: Err(failure),
            usage: Usage::default(),
            log: String::new(),
        }
    }
}
