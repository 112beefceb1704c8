//! The database: operations, their journals and their jobs. Each function is one statement, under that statement's conditions;
//! the tests of `jobs` and of the journal hold the statements themselves to them.

use std::time::Duration;

use chrono::TimeDelta;

use super::adapter::Adapter;
use crate::{
    app::Timestamp,
    carriers::operations::{End, Kind, State, journal::Journal},
    fault::{Fault, Result},
    jobs::{self, Verdict},
};

/// What is asked of the carrier.
#[derive(Debug, Clone)]
pub struct What {
    pub n: usize,
    pub kind: Kind,
    pub port: usize,
    pub mbps: u32,
    pub adapter: Adapter,
}

impl What {
    pub fn reference(&self) -> String {
        format!("op-{}", self.n)
    }
}

/// An operation and the job that runs it.
pub struct Row {
    pub what: What,
    pub state: State,
    pub asked_at: Timestamp,
    pub retried_at: Option<Timestamp>,
    pub woken_at: Option<Timestamp>,
    pub wake_on: Vec<String>,
    pub journal: Journal,
    pub end: Option<End>,
    pub ended_at: Option<Timestamp>,
    pub job: Job,
}

pub struct Job {
    pub state: JobState,
    pub due_at: Timestamp,
    /// Whether it was asked for again while it ran.
    pub again: bool,
    pub attempts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Waiting,
    Running { lease: u64, until: Timestamp },
    Done,
    Dead,
}

impl Row {
    pub fn new(what: What, asked_at: Timestamp) -> Self {
        Self {
            what,
            state: State::Running,
            asked_at,
            retried_at: None,
            woken_at: None,
            wake_on: Vec::new(),
            journal: Journal::default(),
            end: None,
            ended_at: None,
            job: Job {
                state: JobState::Waiting,
                due_at: asked_at,
                again: false,
                attempts: 0,
            },
        }
    }

    /// A step is under way.
    pub fn resume(&mut self) -> Result<()> {
        if self.state.is_over() {
            return Err(Fault::broken("the operation ended meanwhile"));
        }
        self.state = State::Running;
        Ok(())
    }

    pub fn wait(&mut self, until: Timestamp, wake_on: Vec<String>) -> Result<()> {
        if self.state.is_over() {
            return Err(Fault::broken("no row was touched"));
        }
        (self.state, self.wake_on) = (State::Waiting, wake_on);
        self.job.enqueue(until);
        Ok(())
    }

    pub fn end(&mut self, end: End, now: Timestamp) -> Result<()> {
        self.resume()?;
        let next = match end {
            End::Done(_) => State::Done,
            End::GivenUp(_) => State::GivenUp,
        };
        self.state = self.state.become_(next)?;
        (self.end, self.ended_at) = (Some(end), Some(now));
        Ok(())
    }

    pub fn take_up(&mut self, now: Timestamp) -> Result<()> {
        self.state = self.state.become_(State::Running)?;
        (self.end, self.retried_at) = (None, Some(now));
        self.job.enqueue(now);
        Ok(())
    }

    /// Goes on if it waits for this key; says whether.
    pub fn wake(&mut self, key: &str, now: Timestamp) -> bool {
        if self.state.is_over() || !self.wake_on.iter().any(|waits| waits == key) {
            return false;
        }
        self.woken_at = Some(now);
        self.job.enqueue(now);
        true
    }
}

impl Job {
    pub fn enqueue(&mut self, due_at: Timestamp) {
        match self.state {
            JobState::Running { .. } if !self.again => (self.due_at, self.again) = (due_at, true),
            JobState::Running { .. } | JobState::Waiting => self.due_at = self.due_at.min(due_at),
            JobState::Done | JobState::Dead => {
                *self = Self {
                    state: JobState::Waiting,
                    due_at,
                    again: false,
                    attempts: 0,
                }
            }
        }
    }

    /// Whether it is to be done now: it waits, or whoever did it did not come back.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let waits = match self.state {
            JobState::Waiting => true,
            JobState::Running { until, .. } => until < now,
            JobState::Done | JobState::Dead => false,
        };
        waits && self.due_at <= now
    }

    pub fn is_over(&self) -> bool {
        matches!(self.state, JobState::Done | JobState::Dead)
    }

    /// When somebody can next do it.
    pub fn next_at(&self) -> Option<Timestamp> {
        match self.state {
            JobState::Waiting => Some(self.due_at),
            // A lease holds until its last moment.
            JobState::Running { until, .. } => Some(self.due_at.max(until + TimeDelta::milliseconds(1))),
            JobState::Done | JobState::Dead => None,
        }
    }

    pub fn reclaim(&mut self, now: Timestamp) {
        if matches!(self.state, JobState::Running { until, .. } if until < now) {
            (self.state, self.again) = (JobState::Waiting, false);
        }
    }

    pub fn claim(&mut self, lease: u64, now: Timestamp) -> Timestamp {
        let until = now + span(jobs::LEASE);
        self.state = JobState::Running { lease, until };
        self.attempts += 1;
        until
    }

    pub fn is_held(&self, by: u64, now: Timestamp) -> bool {
        matches!(self.state, JobState::Running { lease, until } if lease == by && until > now)
    }

    pub fn extend(&mut self, by: u64, to: Timestamp, now: Timestamp) -> bool {
        match &mut self.state {
            JobState::Running { lease, until } if *lease == by && *until > now => {
                *until = to.max(*until);
                true
            }
            _ => false,
        }
    }

    /// Says whether it was still this lease's to end.
    pub fn finish(&mut self, by: u64, verdict: &Verdict) -> bool {
        if !matches!(self.state, JobState::Running { lease, .. } if lease == by) {
            return false;
        }
        let state = match verdict {
            Verdict::Done => JobState::Done,
            Verdict::Wait { until, .. } => {
                self.due_at = *until;
                JobState::Waiting
            }
            Verdict::Dead { .. } => JobState::Dead,
        };
        if state == JobState::Done || state == JobState::Dead && self.again {
            self.attempts = 0;
        }
        self.state = if self.again { JobState::Waiting } else { state };
        self.again = false;
        true
    }

    /// Says whether it was still this lease's.
    pub fn give_back(&mut self, by: u64) -> bool {
        let held = matches!(self.state, JobState::Running { lease, .. } if lease == by);
        if held {
            (self.state, self.again) = (JobState::Waiting, false);
            self.attempts = self.attempts.saturating_sub(1);
        }
        held
    }
}

pub fn span(length: Duration) -> TimeDelta {
    TimeDelta::from_std(length).expect("a lease is no age")
}
