//! Where a run can be when others go on, and where its host can die.

use std::cell::Cell;

use crate::app::Timestamp;

/// Where a run waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Claimed,
    Found,
    Loaded,
    Asked,
    Extended,
    Appended,
    Reopened,
    /// On the way, after it has left.
    Sent,
    Recorded,
    Waited,
    Ended,
    SetAside,
    Finished,
}

impl Place {
    pub const ALL: [Self; 13] = [
        Self::Claimed,
        Self::Found,
        Self::Loaded,
        Self::Asked,
        Self::Extended,
        Self::Appended,
        Self::Reopened,
        Self::Sent,
        Self::Recorded,
        Self::Waited,
        Self::Ended,
        Self::SetAside,
        Self::Finished,
    ];
}

/// Whether what lasts has happened yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// What the scheduler knows of a run: where it waits, and until when.
pub struct Spot {
    pub place: Cell<(Place, Side)>,
    pub until: Cell<Option<Timestamp>>,
}
