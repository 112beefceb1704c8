//! The data layer's promises, proven from the catalog: a new table is covered by itself, one without a class fails.

mod catalog;
mod doors;
mod keys;
mod probe;
mod rows;
mod seed;
