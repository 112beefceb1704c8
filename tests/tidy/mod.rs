//! What the sources themselves must keep to, read as text: who may name what, the second fence in every query, the
//! shape of files, and the promises that the documents make. These tests start nothing and need no database.
//!
//! A rule may have exceptions, each with its reason. The lists can only shrink: an entry that is no longer needed
//! fails its test.

mod absences;
mod contract;
mod docs;
mod fence;
mod operators;
mod owners;
mod prepared;
mod queries;
mod shape;
mod sources;
mod words;

pub use contract::is_a_test;
pub use prepared::{Prepared, prepared};
pub use queries::{conflict_targets, named_keys, table_names};
pub use sources::read;
