//! The ledger of drift: each stretch of time in which a port was seen with another speed than it was meant to have and
//! nothing under way explained it. It opens and ends by what read-backs show; people adopt what is there, or have what is
//! meant ordered again.

mod by_hand;
mod rules;
pub(super) mod store;
mod watch;

use crate::{
    app::{App, Timestamp},
    db::Scope,
    fault::{Fault, Result},
    identity::{Caller, Initiator, Permission},
    ids::{DriftId, OperationId, PortId},
    machine::machine,
    page::{Items, Page},
};

pub use by_hand::{adopt, correct};
pub use rules::{Since, Speeds};
pub(super) use watch::{port_closed, watch};

/// The name of the list in cursors.
pub const LIST: &str = "drifts";

/// A stretch in which a port had another speed than it was meant to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The port's customer, and its reseller.
    pub scope: Scope,
    /// Which one.
    pub id: DriftId,
    /// Of which port.
    pub port: PortId,
    /// Where it stands.
    pub state: DriftState,
    /// What was meant and what was seen.
    pub speeds: Speeds,
    /// When it began.
    pub since: Timestamp,
    /// Who says so.
    pub basis: Since,
    /// When a read-back had shown it when it was found.
    pub seen_at: Timestamp,
    /// What the correction waits for, or waited for last: its order, then the read-back after it.
    pub operation: Option<OperationId>,
    /// What came of the last correction that did not help.
    pub note: Option<String>,
    /// When it was over, and how.
    pub ended: Option<(Timestamp, Outcome)>,
    /// Who adopted it or had it corrected last.
    pub settled_by: Option<Initiator>,
}

machine! {
    /// Where a drift stands.
    DriftState "drift" "a drift" {
        /// The port has the other speed.
        Open "open" => [Correcting, Ended];
        /// The carrier is asked for what is meant, or that is being looked at.
        Correcting "correcting" => [Open, Ended];
        /// Over.
        Ended "ended" => [];
    }
}

/// How a drift ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The port was seen with what is meant, and nobody had done anything.
    Gone,
    /// The port was seen with yet another speed, or another one is meant: the next drift begins.
    Changed,
    /// The speed became the port's base.
    Adopted,
    /// What was meant was ordered again, and seen.
    Corrected,
    /// The port was closed.
    PortClosed,
}

/// Who bears what the two speeds differ by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// There is more than the customer asked for: it is not billed to the customer, and the carrier may bill the reseller.
    Reseller,
    /// There is less than was asked for: nobody is billed for what is not there.
    Nobody,
}

/// Which drifts are wanted; none of a field means any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Those of this port.
    pub port: Option<PortId>,
    /// Those that stand there.
    pub state: Option<DriftState>,
}

impl Outcome {
    const ALL: [Self; 5] = [
        Self::Gone,
        Self::Changed,
        Self::Adopted,
        Self::Corrected,
        Self::PortClosed,
    ];

    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::Adopted => "adopted",
            Self::Corrected => "corrected",
            Self::PortClosed => "port_closed",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

impl Payer {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reseller => "reseller",
            Self::Nobody => "nobody",
        }
    }
}

impl Speeds {
    /// What is billed meanwhile: what was asked for, as far as it is there.
    pub fn billed(self) -> u32 {
        self.intended.min(self.observed)
    }

    /// Who bears the difference.
    pub fn payer(self) -> Payer {
        match self.observed > self.intended {
            true => Payer::Reseller,
            false => Payer::Nobody,
        }
    }
}

impl Drift {
    /// Refuses one that nobody can settle now.
    fn check_open(&self) -> Result<()> {
        let message = match self.state {
            DriftState::Open => return Ok(()),
            DriftState::Correcting => "the drift is being corrected",
            DriftState::Ended => "the drift is over",
        };
        Err(Fault::conflict("drift_not_open", message))
    }
}

/// The drifts that the caller can see.
pub async fn list(app: &App, caller: &Caller, filter: Filter, page: Page) -> Result<Items<Drift>> {
    let mut tx = app.db.read(caller, Permission::PortsRead).await?;
    let rows = store::list(&mut tx, filter, page).await?;
    Ok(page.cut(caller.scope(), LIST, rows, |drift| drift.id.uuid()))
}

/// One drift.
pub async fn get(app: &App, caller: &Caller, id: DriftId) -> Result<Drift> {
    let mut tx = app.db.read(caller, Permission::PortsRead).await?;
    store::find(&mut tx, id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_is_billed_to_no_customer_and_what_is_not_there_to_nobody() {
        let speeds = |intended, observed| Speeds { intended, observed };
        let more = speeds(1000, 3000);
        assert_eq!((more.billed(), more.payer()), (1000, Payer::Reseller));
        let less = speeds(5000, 3000);
        assert_eq!((less.billed(), less.payer()), (3000, Payer::Nobody));
    }

    #[test]
    fn names_lead_back_to_their_outcome() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.name()), Some(outcome));
        }
    }
}
