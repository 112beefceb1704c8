//! What one call carries: its memory limiter, its log, its seed. Made anew for every call and dropped after it, so
//! that nothing of one call is there in the next.

use wasmtime::ResourceLimiter;

use crate::limits::{Budget, Limits};

/// The data of a call's store.
pub(crate) struct State {
    limiter: Limiter,
    pub(crate) log: Log,
    /// Of the guest's random numbers: the same in every call, so that a call can be repeated.
    pub(crate) seed: u64,
}

impl State {
    pub(crate) fn new(budget: &Budget, limits: &Limits) -> Self {
        Self {
            limiter: Limiter {
                // Beyond its own size the pool would only answer -1.
                memory_bytes: budget.memory_bytes.min(limits.memory_bytes),
                table_elements: limits.table_elements.into(),
                peak_bytes: 0,
                excess: None,
            },
            log: Log {
                text: Vec::new(),
                limit: limits.log_bytes,
            },
            seed: 0,
        }
    }

    /// The bytes of linear memory it may have.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.limiter.memory_bytes
    }

    pub(crate) fn limiter(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.limiter
    }

    /// The limit that was hit, if one of the limiter's was.
    pub(crate) fn excess(&self) -> Option<Excess> {
        self.limiter.excess
    }

    /// The most linear memory there was.
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.limiter.peak_bytes
    }
}

/// What a plugin asked for beyond a limit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Excess {
    Memory { asked: u64 },
    Table { asked: u64 },
}

/// A plugin that called `exit`.
#[derive(Debug, thiserror::Error)]
#[error("the plugin ended itself")]
pub(crate) struct Exit;

/// Per memory and per table; the pool allows one memory a component, so this is the whole of it.
struct Limiter {
    memory_bytes: u64,
    table_elements: u64,
    peak_bytes: u64,
    excess: Option<Excess>,
}

impl ResourceLimiter for Limiter {
    /// An error, where the specification would let `memory.grow` answer -1: the guest's allocator would only
    /// turn that into a panic, and the limit would go unnamed.
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let asked = desired as u64;
        if asked > self.memory_bytes {
            self.excess = Some(Excess::Memory { asked });
            return Err(wasmtime::Error::msg("memory limit exceeded"));
        }
        self.peak_bytes = self.peak_bytes.max(asked);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let asked = desired as u64;
        if asked > self.table_elements {
            self.excess = Some(Excess::Table { asked });
            return Err(wasmtime::Error::msg("table limit exceeded"));
        }
        Ok(true)
    }
}

/// The first part of what a plugin printed.
pub(crate) struct Log {
    text: Vec<u8>,
    limit: u64,
}

impl Log {
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let room = (self.limit as usize).saturating_sub(self.text.len());
        self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    pub(crate) fn text(&self) -> String {
        crate::clean::clean_lines(&String::from_utf8_lossy(&self.text), self.limit as usize)
    }
}
