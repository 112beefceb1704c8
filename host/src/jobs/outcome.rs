//! How a run of a job ended, and what follows from it. Rules only: no clock, no database.

use chrono::TimeDelta;

use crate::{app::Timestamp, fault::Fault};

/// After so many attempts a job is set aside: with the pauses between them, more than two hours of failing.
pub const MAX_ATTEMPTS: u32 = 20;

const FIRST_PAUSE_S: i64 = 5;
const LONGEST_PAUSE_S: i64 = 600;

/// How a run of a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was for; a job that was asked for again meanwhile runs again.
    Done,
    /// Something that may pass was in the way.
    Retry(String),
    /// Trying again cannot help.
    GiveUp(String),
}

/// What becomes of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Over.
    Done,
    /// It waits for another attempt.
    Wait {
        /// Not before then, in business time.
        until: Timestamp,
        /// What was in the way.
        error: String,
    },
    /// Set aside in its tenant's dead letters.
    Dead {
        /// What was in the way.
        error: String,
    },
}

impl Outcome {
    /// What a job's error means: ours may pass, a rule's no stays a no. The text is for the tenant, so it says
    /// nothing of what broke inside the host.
    pub fn of(result: &Result<(), Fault>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(Fault::Broken(_)) => Self::Retry("the host failed; its log names the job".into()),
            Err(fault) => Self::GiveUp(fault.to_string()),
        }
    }
}

/// What becomes of a job whose attempt of this number ended so. Pauses double from 5 seconds to 10 minutes.
pub fn verdict(outcome: Outcome, attempts: u32, now: Timestamp) -> Verdict {
    match outcome {
        Outcome::Done => Verdict::Done,
        Outcome::Retry(error) if attempts < MAX_ATTEMPTS => Verdict::Wait {
            until: now + pause(attempts),
            error,
        },
        Outcome::Retry(error) | Outcome::GiveUp(error) => Verdict::Dead { error },
    }
}

fn pause(attempts: u32) -> TimeDelta {
    let doubled = FIRST_PAUSE_S << attempts.saturating_sub(1).min(16);
    TimeDelta::seconds(doubled.min(LONGEST_PAUSE_S))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;
    use crate::identity::Permission;

    fn now() -> Timestamp {
        chrono::Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap()
    }

    fn waits(attempts: u32) -> i64 {
        match verdict(Outcome::Retry("busy".into()), attempts, now()) {
            Verdict::Wait { until, .. } => (until - now()).num_seconds(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        assert_eq!([1, 2, 3, 7, 8, 19].map(waits), [5, 10, 20, 320, 600, 600]);
    }

    #[test]
    fn the_last_attempt_is_not_followed_by_another() {
        let dead = Verdict::Dead { error: "busy".into() };
        assert_eq!(verdict(Outcome::Retry("busy".into()), MAX_ATTEMPTS, now()), dead);
        assert_eq!(verdict(Outcome::GiveUp("busy".into()), 1, now()), dead);
    }

    #[test]
    fn the_hosts_failures_are_retried_and_keep_their_words_to_themselves() {
        let Outcome::Retry(error) = Outcome::of(&Err(Fault::broken("password=hunter2"))) else {
            panic!("a failure of the host may pass")
        };
        assert!(!error.contains("hunter2"));
        let refused = Outcome::of(&Err(Fault::invalid("port_closed", "the port is closed")));
        assert_eq!(
            refused,
            Outcome::GiveUp("the port is closed (port_closed)".into())
        );
        let denied = Outcome::of(&Err(Fault::Denied(Permission::PortsRead)));
        assert!(matches!(denied, Outcome::GiveUp(_)));
    }
}
