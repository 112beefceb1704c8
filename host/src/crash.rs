//! Places where a host can be told to die: before and after everything that lasts, from a booking to the interval that is
//! billed. Tests kill hosts there, to see that none of it is lost or done twice. A release build has nothing of this.

/// A place where a host can be told to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A booking is about to be committed.
    Booking,
    /// It was; nobody was told.
    Booked,
    /// An approval is about to be committed.
    Approving,
    /// It was; nobody was told.
    Approved,
    /// Due jobs are about to be this host's.
    Claiming,
    /// They are; none was looked at.
    Claimed,
    /// A change is about to begin, with its operation.
    BeginningChange,
    /// It began; its job is not over.
    BegunChange,
    /// A return leg is about to begin, with its operation.
    BeginningReturn,
    /// It began; its job is not over.
    BegunReturn,
    /// A request is about to be written down as being sent.
    WritingRequest,
    /// It was written down and has not left.
    WrittenRequest,
    /// A repeated request is about to be written down as being sent.
    WritingRepeat,
    /// It was written down and has not left.
    WrittenRepeat,
    /// What came of a request is known here alone.
    HeardAnswer,
    /// It was written down.
    WrittenAnswer,
    /// An operation is about to wait, with its job due again.
    Waiting,
    /// It waits; its job is not over.
    Waited,
    /// An operation is about to end; nothing has followed from that.
    Ending,
    /// What follows for the port, its intervals and the audit trail is about to be committed with the end.
    Settling,
    /// It was; the job is not over.
    Settled,
    /// A job is about to be over.
    Finishing,
    /// It is.
    Finished,
}

impl Point {
    /// Every one.
    pub const ALL: [Self; 23] = [
        Self::Booking,
        Self::Booked,
        Self::Approving,
        Self::Approved,
        Self::Claiming,
        Self::Claimed,
        Self::BeginningChange,
        Self::BegunChange,
        Self::BeginningReturn,
        Self::BegunReturn,
        Self::WritingRequest,
        Self::WrittenRequest,
        Self::WritingRepeat,
        Self::WrittenRepeat,
        Self::HeardAnswer,
        Self::WrittenAnswer,
        Self::Waiting,
        Self::Waited,
        Self::Ending,
        Self::Settling,
        Self::Settled,
        Self::Finishing,
        Self::Finished,
    ];

    /// Its name in `NEXUSPORT_CRASH_AT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Booking => "booking",
            Self::Booked => "booked",
            Self::Approving => "approving",
            Self::Approved => "approved",
            Self::Claiming => "claiming",
            Self::Claimed => "claimed",
            Self::BeginningChange => "beginning_change",
            Self::BegunChange => "begun_change",
            Self::BeginningReturn => "beginning_return",
            Self::BegunReturn => "begun_return",
            Self::WritingRequest => "writing_request",
            Self::WrittenRequest => "written_request",
            Self::WritingRepeat => "writing_repeat",
            Self::WrittenRepeat => "written_repeat",
            Self::HeardAnswer => "heard_answer",
            Self::WrittenAnswer => "written_answer",
            Self::Waiting => "waiting",
            Self::Waited => "waited",
            Self::Ending => "ending",
            Self::Settling => "settling",
            Self::Settled => "settled",
            Self::Finishing => "finishing",
            Self::Finished => "finished",
        }
    }
}

/// Lets the host go on; or ends it at once, as by `kill -9`, in a debug build whose environment says so:
/// `NEXUSPORT_CRASH_AT=settling:2` dies at the third passage.
pub fn point(point: Point) {
    #[cfg(debug_assertions)]
    armed::pass(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    };

    use rustix::process::{Signal, getpid, kill_process};

    use super::Point;

    struct Armed {
        point: Point,
        /// How many passages are let go by still.
        left: AtomicU32,
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let told = std::env::var("NEXUSPORT_CRASH_AT").ok()?;
        let (name, left) = told.split_once(':').unwrap_or((&told, "0"));
        let point = Point::ALL.into_iter().find(|point| point.name() == name);
        Some(Armed {
            point: point.expect("NEXUSPORT_CRASH_AT names a point"),
            left: AtomicU32::new(
                left.parse()
                    .expect("NEXUSPORT_CRASH_AT has a number behind its colon"),
            ),
        })
    });

    pub(super) fn pass(point: Point) {
        let Some(armed) = ARMED.as_ref().filter(|armed| armed.point == point) else {
            return;
        };
        let one_less = |left: u32| left.checked_sub(1);
        if armed
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_err()
        {
            kill_process(getpid(), Signal::KILL).expect("a process can end itself");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_listed_once_under_a_name_of_its_own() {
        let listed = Point::ALL.iter().enumerate();
        assert!(listed.clone().all(|(place, point)| place == *point as usize));
        assert_eq!(Point::ALL.len(), Point::Finished as usize + 1);
        let names: std::collections::BTreeSet<_> = Point::ALL.iter().map(|point| point.name()).collect();
        assert_eq!(names.len(), Point::ALL.len());
    }
}
