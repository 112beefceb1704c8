//! Windows that come again: "weekdays from 18:00 to 23:00". A schedule books ordinary windows, each with its own quote,
//! change and return leg, for the weeks ahead, and every week those of one week more. Whatever can be done to a window can
//! thus be done to one of a schedule's, and nothing that was booked depends on the schedule any more.
//!
//! A window that cannot be booked is left out and says why: the rule that refused it, a day off, or that it would cost more
//! than whoever made the schedule agreed to. Nothing else of the schedule is held up by it.

mod make;
mod plan;
mod recurrence;
mod renew;
mod store;

use rust_decimal::Decimal;

pub use make::{cancel, get, list, listed, make, occurrences, preview, replace};
pub use plan::Preview;
pub use recurrence::{Hours, Recurrence};
pub use renew::{plan, plan_later};

use super::change::ChangeState;
use crate::{
    app::Timestamp,
    db::{Scope, WriteTx},
    fault::{Fault, Result},
    identity::Initiator,
    ids::{ChangeId, OccurrenceId, PortId, ScheduleId},
    machine::machine,
};

/// Says of a schedule's window that another one has its place.
pub(super) async fn moved(tx: &mut WriteTx, old: ChangeId, new: ChangeId) -> Result<()> {
    store::moved(tx, old, new).await
}

/// What comes again and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The speed of the windows, in Mbps.
    pub mbps: u32,
    /// When they take place.
    pub recurrence: Recurrence,
    /// What one of them may cost at most, in the tenant's currency; dearer ones are left out.
    pub amount_max: Option<Decimal>,
}

/// Windows that come again.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The customer whose port it is, and its reseller.
    pub scope: Scope,
    /// Which one.
    pub id: ScheduleId,
    /// Of which port.
    pub port: PortId,
    /// What comes again.
    pub terms: Terms,
    /// Where it stands.
    pub state: ScheduleState,
    /// Why the host ended it.
    pub reason: Option<String>,
    /// Counts how often it was made anew.
    pub version: i32,
    /// What begins before then is booked or left out.
    pub planned_until: Timestamp,
    /// Whom the windows are booked for.
    pub initiator: Initiator,
    /// When it was made.
    pub created_at: Timestamp,
}

machine! {
    /// Where a schedule stands.
    ScheduleState "schedule" "a schedule" {
        /// More windows are booked as time goes on.
        Active "active" => [Cancelled, Ended];
        /// Somebody ended it.
        Cancelled "cancelled" => [];
        /// Nothing more comes: its last day is over, or its port is closed.
        Ended "ended" => [];
    }
}

/// A time at which a schedule has a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// Which one.
    pub id: OccurrenceId,
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// What became of it.
    pub comes: Comes,
}

/// What became of a time at which a schedule has a window.
#[derive(Debug, Clone, PartialEq)]
pub enum Comes {
    /// A window was booked.
    Booked {
        /// The window.
        change: ChangeId,
        /// Where it stands.
        state: ChangeState,
        /// What it costs by its quote.
        amount: Decimal,
    },
    /// There is none.
    LeftOut(LeftOut),
}

/// Why a window was not booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Stable, for programs: the code of the rule that refused it, `holiday` or `amount_above_max`.
    pub code: String,
    /// For people.
    pub because: String,
}

impl Schedule {
    /// Refuses what only a schedule that goes on can have done to it.
    fn check_active(&self) -> Result<()> {
        match self.state {
            ScheduleState::Active => Ok(()),
            state => {
                let message = format!("the schedule is {}", state.name());
                Err(Fault::conflict("schedule_over", message))
            }
        }
    }

    /// The schedule in its next state; refused where the state forbids it.
    fn become_(self, next: ScheduleState, reason: Option<&str>) -> Result<Self> {
        Ok(Self {
            state: self.state.become_(next)?,
            reason: reason.map(str::to_owned),
            ..self
        })
    }
}
