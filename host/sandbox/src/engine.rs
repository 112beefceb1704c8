//! The engine and its settings: the same code for every plugin, one pool of slots for all calls, and a clock that
//! ends calls which take too long. Knows nothing of what a plugin is for.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, EngineWeak, PoolingAllocationConfig};

use crate::failure::Failure;
use crate::limits::Limits;
use crate::link::Linkers;

/// How often running calls are looked at: a deadline is kept to within this.
pub(crate) const TICK_MS: u64 = 5;

/// The place where plugins run. One per process; clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox(Arc<Parts>);

struct Parts {
    engine: Engine,
    linkers: Linkers,
    limits: Limits,
    /// Held for its drop, which ends the ticker's thread.
    _ticker: Sender<()>,
}

impl Sandbox {
    /// Reserves the pool and starts the clock. Fails where the machine cannot reserve the address space.
    pub fn new(limits: Limits) -> Result<Self, Failure> {
        let mut settings = settings(&limits);
        settings.allocation_strategy(pool(&limits));
        let engine = Engine::new(&settings).map_err(|error| Failure::broken(&error))?;
        let linkers = Linkers::new(&engine).map_err(|error| Failure::broken(&error))?;
        let ticker = ticker(engine.weak())?;
        Ok(Self(Arc::new(Parts {
            engine,
            linkers,
            limits,
            _ticker: ticker,
        })))
    }

    /// The limits it was made with.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn linkers(&self) -> &Linkers {
        &self.0.linkers
    }
}

/// The pool that plugin calls take their memory from. Public for whoever measures against a bare engine.
///
/// 256 KiB of each memory are kept resident and cleaned by hand: with `pagemap_scan` that spares small calls every
/// system call, without which two threads are slower than one.
pub fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let calls = limits.concurrent_calls;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(limits.core_instances))
        .total_memories(calls)
        .total_tables(calls.saturating_mul(limits.tables))
        .max_core_instances_per_component(limits.core_instances)
        // The limiter counts per memory, so there is only one.
        .max_memories_per_component(1)
        .max_tables_per_component(limits.tables)
        .max_tables_per_module(limits.tables)
        .table_elements(limits.table_elements as usize)
        .max_memory_size(limits.memory_bytes as usize)
        .linear_memory_keep_resident(256 * 1024)
        .table_keep_resident(16 * 1024)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// An engine that compiles and checks, for the child process: no pool, which its address space could not hold, and
/// one thread, so that its limit on processor time is one on waiting time too. What it compiles runs in a [`Sandbox`].
pub(crate) fn compiling(limits: &Limits) -> wasmtime::Result<Engine> {
    let mut settings = settings(limits);
    settings.parallel_compilation(false);
    Engine::new(&settings)
}

/// What decides the code that is made, equal wherever it is made or run.
fn settings(limits: &Limits) -> Config {
    let mut settings = Config::new();
    settings
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes as usize)
        // Results must be the same on every machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // Nothing a plugin needs, and less for a stranger to try.
        .concurrency_support(false)
        .wasm_memory64(false)
        // Nobody is shown a plugin's stack, and without its tables compiled code is smaller.
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .generate_address_map(false);
    settings
}

fn ticker(engine: EngineWeak) -> Result<Sender<()>, Failure> {
    let (alive, dropped) = mpsc::channel::<()>();
    let tick = Duration::from_millis(TICK_MS);
    let run = move || {
        while dropped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => break,
            }
        }
    };
    std::thread::Builder::new()
        .name("plugin-deadlines".to_owned())
        .spawn(run)
        .map_err(|error| Failure::Broken {
            message: format!("no thread for deadlines: {error}"),
        })?;
    Ok(alive)
}
