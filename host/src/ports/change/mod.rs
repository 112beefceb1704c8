//! Bandwidth changes and the return legs of windows: what they are and how they go from state to state.

pub mod approval;
pub(super) mod book;
pub mod hold;
pub(super) mod state;
pub(super) mod store;
pub(super) mod withdraw;

pub use book::{Booked, book, get, list};
pub use state::{ChangeState, LegState};
pub use withdraw::cancel;
pub(super) use withdraw::replaced;

use super::Kind;
use crate::{
    app::Timestamp,
    db::{Scope, Tx},
    fault::{Fault, Result},
    identity::Initiator,
    ids::{ChangeId, PortId, QuoteId, ReturnLegId, TenantId},
};

/// A change of a port's speed that was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The customer whose port it is, and its reseller.
    pub scope: Scope,
    /// Which one.
    pub id: ChangeId,
    /// Of which port.
    pub port: PortId,
    /// What was offered for it.
    pub quote: QuoteId,
    /// Permanent or for a while.
    pub kind: Kind,
    /// The speed, in Mbps.
    pub mbps: u32,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Where it stands.
    pub state: ChangeState,
    /// Why it was rejected, failed or cannot be told.
    pub reason: Option<String>,
    /// Until when it keeps or kept its place without being booked.
    pub held_until: Option<Timestamp>,
    /// Who asked for it.
    pub initiator: Initiator,
    /// When it was booked.
    pub created_at: Timestamp,
}

/// What ends a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The customer whose port it is, and its reseller.
    pub scope: Scope,
    /// Which one.
    pub id: ReturnLegId,
    /// The window it ends.
    pub change: ChangeId,
    /// Of which port.
    pub port: PortId,
    /// When the window ends.
    pub due_at: Timestamp,
    /// The speed it goes to, in Mbps; known once it has begun.
    pub target_mbps: Option<u32>,
    /// Where it stands.
    pub state: LegState,
    /// Why it failed or cannot be told.
    pub reason: Option<String>,
}

impl Change {
    /// When it ends; none for a base change.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.kind.ends_at()
    }

    /// The change in its next state; refused where the state forbids it.
    pub fn become_(self, next: ChangeState, reason: Option<String>) -> Result<Self> {
        Ok(Self {
            state: self.state.become_(next)?,
            reason,
            ..self
        })
    }

    /// Withdrawn; refused once it has begun, or its time has come.
    pub fn cancelled(self, now: Timestamp) -> Result<Self> {
        if self.state == ChangeState::Scheduled && self.starts_at <= now {
            let message = format!("the change began at {}", self.starts_at);
            return Err(Fault::conflict("change_started", message));
        }
        self.become_(ChangeState::Cancelled, None)
    }
}

impl Leg {
    /// The leg in its next state; refused where the state forbids it.
    pub fn become_(self, next: LegState, reason: Option<String>) -> Result<Self> {
        Ok(Self {
            state: self.state.become_(next)?,
            reason,
            ..self
        })
    }
}

/// How much that is not over is told at most.
const MAX_PENDING: i64 = 1000;

/// Something of a tenant's that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// A bandwidth change that is booked, under way, not yet seen, or of which nobody knows whether it is in force.
    Change(TenantId),
    /// A return leg that is to come or came to nothing yet.
    Leg(TenantId),
}

/// What of a tenant's is not over; for a reseller, of each of its tenants. At most 1000 of them. Of a port that is closed
/// nobody waits to know.
pub async fn pending(tx: &mut impl Tx, of: Scope) -> Result<Vec<Pending>> {
    store::pending(tx, of).await
}
