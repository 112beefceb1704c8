//! Everything that is looked at before a component becomes a release, in the order of what it costs: its structure and
//! its code, which are read in a child process alone; what it says about itself; and how it answers.
//!
//! A host's upload and its author's command call the same [`inspect`], so both get the very same list of [`Check`]s. This
//! crate knows no tenants, no SQL and no HTTP; where a component is compiled and called is for a [`Place`] to say.

mod bench;
mod branding;
mod carrier;
mod check;
mod description;
mod inspect;
pub mod markup;
mod place;
pub mod pricing;
pub mod schema;
mod settings;
mod trial;
mod vet;

pub use carrier::{is_recording, section};
pub use check::{Check, Outcome};
pub use description::{Description, Says};
pub use inspect::{Accepted, Inspected, inspect};
pub use place::{Called, Event, Interrupted, Local, Place, Stage, Turn};
