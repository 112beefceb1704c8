//! The right to do a job for a while. It is kept by the database's clock; here its end is known only pessimistically,
//! counted on this machine's monotonic clock from before the database was asked.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{Claimer, Turn, store};
use crate::{
    app::App,
    db::{Scope, Tx as _, WriteTx},
    fault::{Fault, Result},
    ids::JobId,
};

/// The right to do a job for a while.
#[derive(Debug)]
pub struct Lease {
    pub(super) scope: Scope,
    pub(super) job: JobId,
    pub(super) id: Uuid,
    pub(super) until: Instant,
    /// None where nobody else works in the process.
    pub(super) turn: Option<Turn>,
}

/// Which job is held by which lease.
#[derive(Debug, Clone, Copy)]
pub struct Tag {
    pub(super) scope: Scope,
    pub(super) job: JobId,
    pub(super) id: Uuid,
}

impl Lease {
    /// What it is known by. Whoever has that may not do the job.
    pub fn tag(&self) -> Tag {
        Tag {
            scope: self.scope,
            job: self.job,
            id: self.id,
        }
    }

    /// How much of it is left at least.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Makes it last at least this much longer. Fails once somebody else may have taken the job over; whoever
    /// holds the lease must then stop.
    pub async fn last(&mut self, app: &App, at_least: Duration) -> Result<()> {
        if self.left() >= at_least {
            return Ok(());
        }
        let asked = Instant::now();
        let mut tx = app.db.worker(Claimer(())).await?;
        store::prepare(&mut tx).await?;
        if store::extend(&mut tx, self, at_least).await? != 1 {
            return Err(self.lost());
        }
        tx.commit().await?;
        self.until = asked + at_least;
        Ok(())
    }

    /// Gives the job its turn to work.
    pub fn work_in(&mut self, turn: Turn) {
        self.turn = Some(turn);
    }

    /// Lets other jobs of the process work, for whoever is about to wait for somebody elsewhere.
    pub fn pause(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.pause();
        }
    }

    /// Works again after a pause. The lease may have run out meanwhile, as it may at any time.
    pub async fn go_on(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.go_on().await;
        }
    }

    fn lost(&self) -> Fault {
        Fault::broken(format!(
            "the lease of job {} has expired, another worker may have it",
            self.job
        ))
    }
}

/// Fails unless the lease still holds, and keeps anyone from taking the job over until the transaction ends: what
/// is written in it is written by the only one who does the job.
pub async fn hold(tx: &mut WriteTx, lease: &Lease) -> Result<()> {
    let scope = tx.scope();
    if store::held(tx.conn(), scope, lease).await? {
        return Ok(());
    }
    Err(lease.lost())
}
