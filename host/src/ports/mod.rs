//! Ports, their speeds over time, and changes of them: quotes, bandwidth changes, windows with their return legs,
//! observations and the intervals of verified bandwidth that follow from them. Knows no HTTP and no adapter.
//!
//! What is decided about a port is decided under a lock on its row, one thing at a time, and at most one speed of a
//! port is asked of its carrier at a time. What is due while the port is busy waits for it; jobs only wake the port,
//! so a job more or less changes nothing.
//!
//! A base change whose time comes inside a window asks nothing of the carrier: it is recorded as the base at its
//! instant and stays `applying` until the window's return leg has been seen at the new base, which verifies both.

mod again;
mod begin;
pub mod change;
pub mod drift;
pub mod inventory;
mod pin;
pub mod port;
pub mod quote;
pub mod reconciliation;
pub mod rules;
pub mod schedule;
mod settle;
pub mod speed;
mod steps;
pub mod verified;

use change::store::Counted;
use chrono::TimeDelta;

pub use again::asked_again;
pub use begin::{return_later, start_change, start_return};
pub use change::{Pending, pending};
pub use port::{at_carrier, names, of_customer, to_look_at};
pub use settle::settled;
pub use verified::facts;

use crate::{app::Timestamp, db::Tx, fault::Result, ids::PortId};

/// How far back windows play a part in what can be booked. Longer than any carrier's lock-out.
const LOOK_BACK: TimeDelta = TimeDelta::days(31);

/// Whether a change is permanent or for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Permanent.
    Base,
    /// For a while.
    Window {
        /// The first instant after it.
        ends_at: Timestamp,
    },
}

impl Kind {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Window { .. } => "window",
        }
    }

    /// When it ends.
    pub const fn ends_at(self) -> Option<Timestamp> {
        match self {
            Self::Base => None,
            Self::Window { ends_at } => Some(ends_at),
        }
    }

    /// The same so much later.
    fn moved(self, by: TimeDelta) -> Self {
        match self {
            Self::Base => Self::Base,
            Self::Window { ends_at } => Self::Window {
                ends_at: ends_at + by,
            },
        }
    }

    /// A window where there is an end.
    fn ending(ends_at: Option<Timestamp>) -> Self {
        ends_at.map_or(Self::Base, |ends_at| Self::Window { ends_at })
    }
}

/// What speed the port is meant to have, with everything that is booked. What still waits for approval has no part in
/// it: nothing is ever left to a window that may not come.
async fn plan(tx: &mut impl Tx, port: PortId, now: Timestamp) -> Result<speed::Plan> {
    plan_with(tx, port, now, Counted::Firm).await
}

/// The plan as whoever books meets it: windows that are held or wait for approval keep their places.
async fn plan_to_book(tx: &mut impl Tx, port: PortId, now: Timestamp) -> Result<speed::Plan> {
    plan_with(tx, port, now, Counted::AwaitingToo).await
}

async fn plan_with(tx: &mut impl Tx, port: PortId, now: Timestamp, counted: Counted) -> Result<speed::Plan> {
    let bases = port::store::bases(tx, port).await?;
    let coming = change::store::coming_bases(tx, port).await?;
    let windows = change::store::windows(tx, port, now - LOOK_BACK, counted).await?;
    Ok(speed::Plan::new(bases.into_iter().chain(coming), windows))
}

/// A speed out of the database, which holds none below zero.
fn mbps(stored: i32) -> u32 {
    stored.unsigned_abs()
}

/// A speed for the database. No carrier sells what does not fit; one that claims to is shown as the largest.
fn to_db(mbps: u32) -> i32 {
    i32::try_from(mbps).unwrap_or(i32::MAX)
}
