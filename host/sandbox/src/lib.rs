//! Checks, compiles and calls plugins within stated limits.
//!
//! Used by the host and by the author's command alike, so that a plugin meets the very same limits on its author's
//! machine. It knows no SQL, no HTTP and no tenants: bytes and values go in, values and failures come out.
//!
//! The way of a component, from bytes that somebody sent to a price:
//!
//! ```
//! use nexusport_sandbox::compile::compile_trusted;
//! use nexusport_sandbox::pricing::{self, Fact, Interval, Period, Request};
//! use nexusport_sandbox::{Blame, Failure, Limits, Plugin, Sandbox, World, open_artifact, seal_artifact};
//!
//! // One sandbox a process: an engine, a pool of memory for all calls, a clock for their deadlines.
//! let sandbox = Sandbox::new(Limits::default())?;
//!
//! // What is uploaded is checked and compiled in a child process, by a `Compiler`, which tells line by line
//! // what it found. What this very repository builds may be compiled here.
//! let component = nexusport_plugins::PRICING_COMMITTED;
//! let report = compile_trusted(component, sandbox.limits());
//! assert_eq!(report.refusal(), None);
//! assert_eq!(report.world(), Some(World::Pricing));
//! let artifact = report.artifact.expect("nothing refused it");
//!
//! // Compiled code may be kept on a disk: it is opened again only if this key sealed it and no bit has changed.
//! let key = [7; 32];
//! let sealed = seal_artifact(&sandbox, &key, &artifact);
//! let artifact = open_artifact(&sandbox, &key, artifact.digest(), sealed)?;
//! let plugin = Plugin::load(&sandbox, &artifact)?;
//!
//! // A call gets a fresh instance, and a budget that grows with the facts. It is a pure function: the same request
//! // has the same answer and takes the same fuel.
//! let day = 86_400_000;
//! let request = Request {
//!     period: Period { start: 0, end: 30 * day },
//!     time_zone: "Europe/Vienna".into(),
//!     currency: "EUR".into(),
//!     settings: br#"{ "price_per_mbps": "0.40" }"#.into(),
//!     facts: vec![Fact::Interval(Interval {
//!         start: 0,
//!         end: 15 * day,
//!         mbps: 1_000,
//!         base_mbps: 1_000,
//!         extras: vec![],
//!     })],
//!     extras: vec![],
//! };
//! let budget = sandbox.limits().pricing(pricing::facts(&request));
//! let run = plugin.price(&request, &budget);
//! let priced = run.result?.expect("a committed rate prices intervals");
//! assert_eq!(priced.charges[0].amount, "200");
//! assert!(run.usage.fuel < budget.fuel);
//!
//! // A plugin that misbehaves is a failure that names its limit, and harms nobody.
//! let loops = compile_trusted(nexusport_plugins::hostile::LOOPS, sandbox.limits()).artifact.expect("it is well-formed");
//! let run = Plugin::load(&sandbox, &loops)?.price(&request, &budget);
//! let failure = run.result.unwrap_err();
//! assert_eq!(failure, Failure::FuelExhausted { limit: 5_100_000 });
//! assert_eq!(failure.to_string(), "the plugin used all of its fuel, 5100000 units");
//! assert_eq!(failure.blame(), Blame::Plugin);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod artifact;
mod bindings;
mod call;
mod clean;
pub mod compile;
mod engine;
mod failure;
pub mod fixture;
mod limits;
mod link;
mod plugin;
mod store;
mod version;
mod wasi;
mod world;

pub use artifact::{Artifact, NotAuthentic, open_artifact, seal_artifact};
pub use call::{Next, Notified, Question, RenderLabels, RenderTheme, branding, carrier, pricing};
pub use clean::{clean, clean_lines, is_clean};
pub use compile::{Check, Compiler, Report};
pub use engine::{Sandbox, pool};
pub use failure::{Blame, Failure};
pub use limits::{Budget, Class, Limits};
pub use plugin::{Plugin, Run, Usage};
pub use world::{BUILD, World};
