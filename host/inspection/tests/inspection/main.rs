//! Whole components, looked at as hosts and authors look at them: this repository's own pass, and a guest that is wrong in one
//! way is refused by the check for it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod own;
mod place;
mod recordings;
mod wrong;
