//! The data layer's promises, proven from the catalog: a new table is covered by itself, one without a class fails.

mod aside;
pub mod catalog;
mod doors;
mod dropped;
mod keys;
mod known_keys;
mod links;
mod plans;
mod probe;
mod questions;
mod references;
mod rows;
pub mod seed;
