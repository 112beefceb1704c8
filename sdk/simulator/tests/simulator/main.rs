//! The simulator from outside, over real HTTP. Its clock is driven, so nothing here waits for time to pass.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod control;
mod faults;
mod harness;
mod notifications;
mod orders;
mod ports;
mod program;
mod server;
