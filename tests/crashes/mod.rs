//! Hosts that are killed and requests that are lost, with the carrier's ledger as the judge. A host that is killed is the program
//! in a process of its own; the carrier is in this one. Time is driven, so that an hour's window takes none; a dead host's
//! leases are ended by hand, since they are by the database's clock.

mod drain;
mod judge;
mod lost;
mod points;
mod silent;
mod two;
mod world;

use std::time::Duration;

/// However long the machine takes over so many changes, longer is a fault.
fn patience(changes: usize) -> Duration {
    Duration::from_secs(180 + 2 * changes as u64)
}

/// How often a test does what it repeats: `few`, unless the environment says otherwise.
fn count(name: &str, few: usize) -> usize {
    std::env::var(name).map_or(few, |count| count.parse().expect("a number"))
}
