//! Checks, compiles and calls plugins within stated limits.
//!
//! Used by the host and by the author's command alike, so that a plugin meets the very same limits on its author's
//! machine. It knows no SQL, no HTTP and no tenants: bytes and values go in, values and failures come out.

mod artifact;
mod bindings;
mod call;
mod clean;
pub mod compile;
mod engine;
mod failure;
mod limits;
mod link;
mod plugin;
mod store;
mod wasi;
mod world;

pub use artifact::{Artifact, NotAuthentic, open_artifact, seal_artifact};
pub use call::{branding, carrier, pricing};
pub use clean::{clean, clean_lines, is_clean};
pub use compile::{Check, Compiler, Report};
pub use engine::{Sandbox, pool};
pub use failure::{Blame, Failure};
pub use limits::{Budget, Limits};
pub use plugin::{Plugin, Run, Usage};
pub use world::World;
