//! Placeholder.
#[allow(dead_code)]
mod bindings;
mod clean;
mod limits;
