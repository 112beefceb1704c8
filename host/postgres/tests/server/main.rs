//! The server seen from the processes that hold it: sharing, crashes, refusals, backups.
#![allow(clippy::unwrap_used, missing_docs)]

mod backups;
mod crashes;
mod refusals;
mod sharing;
mod support;
