//! From facts to money. One pricing function gives quote, invoice, shadow and replay; every charge carries a receipt
//! that can be re-run. Facts are never edited, invoices never change.

mod answer;
pub mod charge;
mod deal;
pub mod invoice;
pub mod money;
pub mod price;
pub mod rate;
pub mod receipt;
pub mod run;
pub mod shadow;

use chrono_tz::Tz;

pub use deal::{Deal, Level};
pub use price::price_facts;

use crate::fault::{Fault, Result};

/// A time zone out of the database, which was checked on its way in.
fn stored_zone(name: &str) -> Result<Tz> {
    name.parse()
        .map_err(|_| Fault::broken(format!("stored time zone {name}")))
}

/// Every row must have been kept: row-level security hides rows silently.
fn touched_all(touched: u64, meant: usize) -> Result<()> {
    if usize::try_from(touched) == Ok(meant) {
        return Ok(());
    }
    Err(Fault::broken(format!(
        "{touched} rows were kept where {meant} were meant"
    )))
}
