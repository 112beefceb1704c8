//! Hosts that are killed: the program in a process of its own, a carrier in this one, and the carrier's ledger as the judge.
//! Time is driven, so that an hour's window takes none; a dead host's leases are ended by hand where nobody could still hold
//! them, since they are by the database's clock.

mod judge;
mod points;
mod silent;
mod world;

/// How often a test does what it repeats: `few`, unless the environment says otherwise.
fn count(name: &str, few: usize) -> usize {
    std::env::var(name).map_or(few, |count| count.parse().expect("a number"))
}
