//! A port and the rules for its speed, as plain functions. A port's speed is not stored: it follows from what was
//! set, what drifted and which orders have completed by the instant in question.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{clock::millis, refusal::Refusal};

/// Speeds are sold in multiples of this.
pub(crate) const STEP_MBPS: u32 = 100;

/// A port as the carrier tells it at some instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The carrier's name for it.
    pub id: String,
    /// The speed in force.
    pub mbps: u32,
    /// The highest speed it can have.
    pub max_mbps: u32,
    /// Since when the speed is in force.
    #[serde(with = "millis")]
    pub since: DateTime<Utc>,
    /// Always `ACTIVE`.
    pub status: String,
}

/// A speed that came into force at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Speed {
    pub(crate) since: DateTime<Utc>,
    /// Of two speeds since the same instant, the one with the higher number is in force.
    pub(crate) sequence: u64,
    pub(crate) mbps: u32,
}

/// What is kept of a port.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) max_mbps: u32,
    pub(crate) first: Speed,
    pub(crate) drifts: Vec<Speed>,
}

impl Record {
    /// The port as it is at `now`, given the speeds its orders have delivered by then. The first speed holds from
    /// ever, since a clock may be driven to before the port was set up.
    pub(crate) fn at(&self, now: DateTime<Utc>, delivered: impl Iterator<Item = Speed>) -> Port {
        let drifted = self.drifts.iter().copied().filter(|speed| speed.since <= now);
        let first = Speed {
            since: self.first.since.min(now),
            ..self.first
        };
        let speed = drifted
            .chain(delivered)
            .max_by_key(|speed| (speed.since, speed.sequence))
            .unwrap_or(first);
        Port {
            id: self.id.clone(),
            mbps: speed.mbps,
            max_mbps: self.max_mbps,
            since: speed.since,
            status: "ACTIVE".to_owned(),
        }
    }

    /// Whether the port could have this speed at all.
    pub(crate) fn allows(&self, mbps: u32) -> Result<(), Refusal> {
        if mbps > self.max_mbps {
            return Err(Refusal::TooFast {
                mbps,
                max_mbps: self.max_mbps,
            });
        }
        if mbps == 0 || !mbps.is_multiple_of(STEP_MBPS) {
            return Err(Refusal::BadSpeed {
                mbps,
                step_mbps: STEP_MBPS,
            });
        }
        Ok(())
    }
}
