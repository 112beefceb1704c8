//! How a carrier's breaker is shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::Timestamp, carriers};

/// Whether requests to a carrier are held back.
#[derive(Serialize, ToSchema)]
pub(super) struct Breaker {
    /// `closed`: everything passes. `open`: the carrier failed too often in a row, and what is to be asked of it waits.
    /// `half_open`: one operation at a time sees whether it is back.
    state: &'static str,
    /// When it last opened or closed.
    since: DateTime<Utc>,
    /// Failures in a row, the last ones: no connection, no answer, or an answer of 500 and above.
    failures: u32,
    /// What the last of them was.
    reason: Option<String>,
    /// From when on one operation at a time may try.
    probe_at: Option<DateTime<Utc>>,
}

impl Breaker {
    pub(super) fn of(breaker: carriers::Breaker, now: Timestamp) -> Self {
        let state = breaker.state(now).name();
        let carriers::Breaker {
            failures,
            reason,
            opened_at: _,
            probe_at,
            changed_at,
        } = breaker;
        Self {
            state,
            since: changed_at,
            failures,
            reason,
            probe_at,
        }
    }
}
