//! The sandbox from outside: what a good plugin gets, and what becomes of every kind that is not.
#![allow(clippy::unwrap_used)]

mod artifacts;
mod bombs;
mod bytes;
mod checks;
mod child;
mod documented;
mod fixtures;
mod harness;
mod inert;
mod limits;
mod misbehaviour;
