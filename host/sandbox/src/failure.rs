//! Why a call gave no answer, as a value that names the limit and its figure. Knows nothing of what follows from a
//! failure: holding an operation, refusing a quote or trying again is for whoever called.

use wasmtime::{PoolConcurrencyLimitError, Trap};

use crate::clean::clean;
use crate::limits::{Budget, Limits};
use crate::store::{Excess, Exit, State};
use crate::world::World;

/// Why a call gave no answer. Its text holds no character that [`clean`] would remove.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Too many instructions.
    #[error("the plugin used all of its fuel, {limit} units")]
    FuelExhausted {
        /// Units of fuel allowed.
        limit: u64,
    },
    /// Too long a wait: the plugin was slow, or the host was busy.
    #[error("the plugin did not answer within {limit_ms} ms")]
    DeadlineExceeded {
        /// Milliseconds allowed.
        limit_ms: u64,
    },
    /// Too much linear memory.
    #[error("the plugin asked for {asked} bytes of memory, the limit is {limit}")]
    MemoryExceeded {
        /// Bytes allowed.
        limit: u64,
        /// Bytes it would have had.
        asked: u64,
    },
    /// A table grown too far.
    #[error("the plugin asked for a table of {asked} elements, the limit is {limit}")]
    TableExceeded {
        /// Elements allowed.
        limit: u64,
        /// Elements it would have had.
        asked: u64,
    },
    /// More returned than may be read.
    #[error("the plugin's result is larger than {limit} bytes")]
    ResultTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// Recursion past the stack.
    #[error("the plugin used all of its stack, {limit} bytes")]
    StackExhausted {
        /// Bytes allowed.
        limit: u64,
    },
    /// Too many live resource handles.
    #[error("the plugin holds more than {limit} resource handles")]
    TooManyHandles {
        /// Handles allowed.
        limit: u64,
    },
    /// A read or write outside of its memory. Compiled languages keep a stack of their own inside it, so this is
    /// what their recursion mostly ends in.
    #[error("the plugin reached outside of its memory, as recursion past its own stack does")]
    OutOfBounds,
    /// A panic or an abort. Its text, if the plugin imports WASI, is in the log of the run.
    #[error("the plugin panicked")]
    Panicked,
    /// It called `exit`.
    #[error("the plugin ended itself instead of answering")]
    Exited,
    /// Any other trap, such as a division by zero.
    #[error("the plugin trapped: {message}")]
    Trapped {
        /// The engine's words.
        message: String,
    },
    /// A result that is not what the interface says, such as a string that is not UTF-8.
    #[error("the plugin's result cannot be read: {message}")]
    BadResult {
        /// The engine's words.
        message: String,
    },
    /// A value for machines with invisible characters or of great length; it is refused, never repaired.
    #[error("{field} holds characters that do not show or is longer than {limit} characters")]
    BadText {
        /// Which value.
        field: &'static str,
        /// Characters allowed.
        limit: u64,
    },
    /// A value beyond its limit.
    #[error("{what}: {asked}, the limit is {limit}")]
    TooLarge {
        /// What was too large, with its unit.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
        /// How much it was.
        asked: u64,
    },
    /// A call that the plugin's world does not have.
    #[error("a {has} plugin was called as a {wanted} plugin")]
    WrongWorld {
        /// The world of the call.
        wanted: World,
        /// The world of the plugin.
        has: World,
    },
    /// As many calls run as the sandbox allows.
    #[error("{limit} plugin calls are running, as many as the host allows")]
    PoolFull {
        /// Calls allowed at a time.
        limit: u64,
    },
    /// Something of the host's own failed.
    #[error("the sandbox failed: {message}")]
    Broken {
        /// The engine's words.
        message: String,
    },
}

/// Where the cause of a failure lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The plugin: the same call fails again.
    Plugin,
    /// The plugin or a busy host: worth another try with [`Budget::more_time`] before anything is held.
    Unclear,
    /// The host: worth another try as it is.
    Host,
}

impl Failure {
    /// A stable word for the kind of failure: in refusals, run records and fixtures.
    pub fn code(&self) -> &'static str {
        match self {
            Failure::FuelExhausted { .. } => "plugin_fuel_exhausted",
            Failure::DeadlineExceeded { .. } => "plugin_deadline_exceeded",
            Failure::MemoryExceeded { .. } => "plugin_memory_exceeded",
            Failure::TableExceeded { .. } => "plugin_table_exceeded",
            Failure::ResultTooLarge { .. } => "plugin_result_too_large",
            Failure::StackExhausted { .. } => "plugin_stack_exhausted",
            Failure::TooManyHandles { .. } => "plugin_too_many_handles",
            Failure::OutOfBounds => "plugin_out_of_bounds",
            Failure::Panicked => "plugin_panicked",
            Failure::Exited => "plugin_exited",
            Failure::Trapped { .. } => "plugin_trapped",
            Failure::BadResult { .. } | Failure::BadText { .. } => "plugin_result_invalid",
            Failure::TooLarge { .. } => "plugin_limit_exceeded",
            Failure::WrongWorld { .. } => "plugin_wrong_world",
            Failure::PoolFull { .. } => "plugin_calls_waiting",
            Failure::Broken { .. } => "plugin_host_failed",
        }
    }

    /// Whose fault it is, and so whether trying again makes sense.
    pub fn blame(&self) -> Blame {
        match self {
            Failure::DeadlineExceeded { .. } => Blame::Unclear,
            Failure::PoolFull { .. } | Failure::Broken { .. } | Failure::WrongWorld { .. } => Blame::Host,
            _ => Blame::Plugin,
        }
    }

    pub(crate) fn broken(error: &wasmtime::Error) -> Self {
        Failure::Broken {
            message: words(error),
        }
    }

    /// The failure of a call that had begun to run the plugin's code or to read its result.
    pub(crate) fn of_call(error: &wasmtime::Error, state: &State, budget: &Budget, limits: &Limits) -> Self {
        Self::known(error, state, budget, limits).unwrap_or_else(|| Failure::BadResult {
            message: words(error),
        })
    }

    /// The failure of making the instance, where anything but a limit or a trap is the host's own doing.
    pub(crate) fn of_start(error: &wasmtime::Error, state: &State, budget: &Budget, limits: &Limits) -> Self {
        Self::known(error, state, budget, limits).unwrap_or_else(|| Self::broken(error))
    }

    fn known(error: &wasmtime::Error, state: &State, budget: &Budget, limits: &Limits) -> Option<Self> {
        match state.excess() {
            Some(Excess::Memory { asked }) => {
                return Some(Failure::MemoryExceeded {
                    limit: state.memory_bytes(),
                    asked,
                });
            }
            Some(Excess::Table { asked }) => {
                return Some(Failure::TableExceeded {
                    limit: limits.table_elements.into(),
                    asked,
                });
            }
            None => {}
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Some(Self::of_trap(*trap, budget, limits));
        }
        if error.is::<Exit>() {
            return Some(Failure::Exited);
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Some(Failure::PoolFull {
                limit: limits.concurrent_calls.into(),
            });
        }
        // The engine keeps these two types to itself, so only their words tell. Tests hold the words fast.
        let text = format!("{error:#}");
        if text.contains("fuel allocated for hostcalls has been exhausted") {
            return Some(Failure::ResultTooLarge {
                limit: budget.result_bytes,
            });
        }
        if text.contains("store handle limit exceeded") {
            return Some(Failure::TooManyHandles {
                limit: limits.handles.into(),
            });
        }
        None
    }

    fn of_trap(trap: Trap, budget: &Budget, limits: &Limits) -> Self {
        match trap {
            Trap::OutOfFuel => Failure::FuelExhausted { limit: budget.fuel },
            Trap::Interrupt => Failure::DeadlineExceeded {
                limit_ms: budget.wall_ms,
            },
            Trap::StackOverflow => Failure::StackExhausted {
                limit: limits.stack_bytes,
            },
            Trap::MemoryOutOfBounds => Failure::OutOfBounds,
            Trap::UnreachableCodeReached => Failure::Panicked,
            other => Failure::Trapped {
                message: clean(&other.to_string(), WORDS),
            },
        }
    }
}

const WORDS: usize = 500;

fn words(error: &wasmtime::Error) -> String {
    clean(&format!("{error:#}"), WORDS)
}
