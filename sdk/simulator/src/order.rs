//! An order's life as a function of the clock. Nothing here waits for anything: what an order is follows from when
//! it was accepted, how long provisioning takes, and what time it is asked about.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    clock::{millis, optional_millis},
    port::Speed,
    refusal::Refusal,
};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Taken on; the first half of the provisioning time.
    Accepted,
    /// Being carried out; the second half.
    Provisioning,
    /// Carried out: the port has the ordered speed since `completed_at`.
    Completed,
    /// Not carried out, for the order's reason.
    Rejected,
    /// Withdrawn by the customer in time.
    Cancelled,
}

impl Status {
    /// Whether the order may still change the port.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Accepted | Self::Provisioning)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "ACCEPTED",
            Self::Provisioning => "PROVISIONING",
            Self::Completed => "COMPLETED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
        })
    }
}

/// Why an order was rejected, in the carrier's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The carrier's code.
    pub code: String,
    /// For a person to read.
    pub message: String,
}

/// An order as the carrier tells it at some instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The carrier's name for it.
    pub id: String,
    /// The customer's name for it.
    pub reference: String,
    /// The port it is about.
    pub port: String,
    /// The ordered speed.
    pub mbps: u32,
    /// Where it stands.
    pub status: Status,
    /// Why it was rejected, once it is.
    pub reason: Option<Reason>,
    /// When it was accepted.
    #[serde(with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it ended, whichever way.
    #[serde(with = "optional_millis")]
    pub completed_at: Option<DateTime<Utc>>,
}

/// What is kept of an order: only what cannot be derived.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) port: String,
    pub(crate) reference: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) mbps: u32,
    pub(crate) accepted_at: DateTime<Utc>,
    pub(crate) provisioning: TimeDelta,
    /// Its place among everything that sets speeds: of two at one instant, the later one counts.
    pub(crate) sequence: u64,
    /// How it will be rejected, if it will be.
    pub(crate) rejection: Option<Reason>,
    pub(crate) cancelled_at: Option<DateTime<Utc>>,
    /// The last status the webhook was told.
    pub(crate) told: Status,
}

impl Record {
    /// The order as it is at `now`.
    pub(crate) fn at(&self, now: DateTime<Utc>) -> Order {
        let status = self.status(now);
        Order {
            id: self.id.clone(),
            reference: self.reference.clone(),
            port: self.port.clone(),
            mbps: self.mbps,
            status,
            reason: self.rejection.clone().filter(|_| status == Status::Rejected),
            created_at: self.accepted_at,
            completed_at: (!status.is_open()).then(|| self.cancelled_at.unwrap_or(self.due_at())),
        }
    }

    /// Where it stands at `now`.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        if self.cancelled_at.is_some() {
            Status::Cancelled
        } else if now < self.accepted_at + self.provisioning / 2 {
            Status::Accepted
        } else if now < self.due_at() {
            Status::Provisioning
        } else if self.rejection.is_some() {
            Status::Rejected
        } else {
            Status::Completed
        }
    }

    /// What it has done to its port by `now`.
    pub(crate) fn delivered(&self, now: DateTime<Utc>) -> Option<Speed> {
        let speed = Speed {
            since: self.due_at(),
            sequence: self.sequence,
            mbps: self.mbps,
        };
        (self.status(now) == Status::Completed).then_some(speed)
    }

    /// Withdraws it. Withdrawing twice is withdrawing once.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.status(now) {
            Status::Accepted | Status::Provisioning => self.cancelled_at = Some(now),
            Status::Cancelled => {}
            status @ (Status::Completed | Status::Rejected) => return Err(Refusal::TooLate { status }),
        }
        Ok(())
    }

    fn due_at(&self) -> DateTime<Utc> {
        self.accepted_at + self.provisioning
    }
}
