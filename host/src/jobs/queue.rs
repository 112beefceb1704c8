//! Claiming due jobs across tenants and telling how they ended. The worker role sees whose jobs wait and since when,
//! never what they are about; that is read as the tenant.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{
    Claimer, Kind, Lease, Outcome, Tag, Verdict,
    pick::{Tally, Waiting},
    store, verdict,
};
use crate::{
    app::{App, Timestamp, random},
    crash::{self, Point},
    db::{Scope, WorkerTx},
    fault::{Fault, Result},
    identity::{ActorKind, Caller, Initiator, Permission},
    ids::JobId,
};

/// How long a claim lasts unless it is extended. Who needs longer asks for it before beginning.
pub const LEASE: Duration = Duration::from_secs(150);

/// How many due jobs are given their virtual time in one transaction, of the earliest and of the latest: few enough that who is
/// due waits for some milliseconds of it, and more than are claimed at once.
const ASSIGNED_AT_ONCE: i64 = 50;

/// Others may have something due meanwhile that this process is not told of.
const STOOD_BACK_AT_MOST: Duration = Duration::from_millis(100);

/// How far the queue is looked along. More are never claimed at once.
const FRONT: usize = 64;

/// A job that this process may do.
#[derive(Debug)]
pub struct Claimed {
    /// Whose job it is.
    pub scope: Scope,
    /// Which one.
    pub id: JobId,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// For how long.
    pub lease: Lease,
}

/// What a claimed job is about.
#[derive(Debug)]
pub struct Work {
    /// What to do.
    pub kind: Kind,
    /// The job's tenant, acting for whom the work was accepted from.
    pub caller: Caller,
}

/// Claims at most `limit` due jobs, in the order of fairness and within the caps on what is under way. Jobs whose lease
/// expired wait again first.
pub async fn claim(app: &App, limit: usize) -> Result<Vec<Claimed>> {
    let lease_id = Uuid::from_bytes(random());
    loop {
        let (asked, now) = (Instant::now(), app.now());
        let mut tx = app.db.worker(Claimer(())).await?;
        store::prepare(&mut tx).await?;
        store::claims::take_turns(&mut tx).await?;
        let began = Instant::now();
        store::claims::reclaim(&mut tx).await?;
        let more = store::claims::assign(&mut tx, now, ASSIGNED_AT_ONCE).await?;
        let picked = pick(&mut tx, now, limit).await?;
        let rows = store::claims::take(&mut tx, lease_id, LEASE, &picked).await?;
        let some = !rows.is_empty();
        if some {
            tracing::debug!(lease = %lease_id, "claiming");
            crash::point(Point::Claiming);
        }
        tx.commit().await?;
        if some {
            crash::point(Point::Claimed);
        }
        if some || !more || app.stop.is_cancelled() {
            let claimed = rows.into_iter().map(|row| row.claimed(lease_id, asked + LEASE));
            return Ok(claimed.collect());
        }
        stand_back(app, began.elapsed()).await;
    }
}

/// Who only gives places leaves the database to others for as long again, until somebody may be due.
async fn stand_back(app: &App, worked: Duration) {
    tokio::select! {
        () = tokio::time::sleep(worked.min(STOOD_BACK_AT_MOST)) => {}
        () = app.db.enqueued() => {}
        () = app.stop.cancelled() => {}
    }
}

/// Who goes next. The front of the queue is enough where it is not full of those that have to wait.
async fn pick(tx: &mut WorkerTx, now: Timestamp, limit: usize) -> Result<Vec<Waiting>> {
    let limit = limit.min(FRONT);
    let front = store::line::front(tx, now, FRONT as i64).await?;
    if front.is_empty() {
        return Ok(front);
    }
    let under_way = store::line::under_way(tx).await?;
    let picked = Tally::new(&under_way).pick(&front, limit);
    if picked.len() == limit || front.len() < FRONT {
        return Ok(picked);
    }
    let heads = store::line::heads(tx, now, FRONT as i64, &under_way).await?;
    Ok(Tally::new(&under_way).pick(&heads, limit))
}

/// What the job is about, read as its tenant.
pub async fn work(app: &App, claimed: &Claimed) -> Result<Work> {
    // Until the row is read nobody knows from whom the work was accepted.
    let reader = Initiator {
        kind: ActorKind::System,
        id: claimed.id.uuid(),
    };
    let reader = Caller::for_job(claimed.scope, reader);
    let mut tx = app.db.read(&reader, Permission::AcceptedWork).await?;
    let row = store::find(&mut tx, claimed.id).await?.ok_or(Fault::Missing)?;
    let kind = Kind::parse(&row.kind, row.subject_id).ok_or_else(|| {
        Fault::invalid(
            "job_unknown",
            format!("this host does no jobs of kind {}", row.kind),
        )
    })?;
    let initiator = Initiator {
        kind: ActorKind::parse(&row.initiated_by_kind)
            .ok_or_else(|| Fault::broken(format!("job {} was initiated by nobody", claimed.id)))?,
        id: row.initiated_by,
    };
    Ok(Work {
        kind,
        caller: Caller::for_job(claimed.scope, initiator),
    })
}

/// Stores how the job ended and says what becomes of it. Without effect where the lease was lost meanwhile: whoever
/// took the job over tells.
pub async fn finish(app: &App, claimed: &Claimed, outcome: Outcome) -> Result<Verdict> {
    let verdict = verdict(outcome, claimed.attempts, app.now());
    let mut tx = app.db.worker(Claimer(())).await?;
    store::prepare(&mut tx).await?;
    if store::finish(&mut tx, &claimed.lease, &verdict).await? == 0 {
        tracing::warn!("the job's lease expired before it ended");
    }
    crash::point(Point::Finishing);
    tx.commit().await?;
    crash::point(Point::Finished);
    Ok(verdict)
}

/// Lets others do these jobs at once, as though they had not been claimed. Whoever did them must have stopped. Without effect on
/// those that are over, or somebody else's by now.
pub async fn give_back(app: &App, held: &[Tag]) -> Result<()> {
    let mut tx = app.db.worker(Claimer(())).await?;
    store::prepare(&mut tx).await?;
    for tag in held {
        store::give_back(&mut tx, *tag).await?;
    }
    tx.commit().await
}

/// When the next job can be done, in business time; none when nothing waits, or only for what is under way. May lie in the
/// past.
pub async fn next_due(app: &App) -> Result<Option<Timestamp>> {
    let (now, mut tx) = (app.now(), app.db.worker(Claimer(())).await?);
    store::prepare(&mut tx).await?;
    let unassigned = store::claims::next_unassigned(&mut tx).await?;
    let next = pick(&mut tx, now, 1).await?;
    let waits = match next.first() {
        Some(next) => Some(next.due_at),
        None if store::line::front(&mut tx, now, 1).await?.is_empty() => None,
        None => store::claims::next_probe(&mut tx, now).await?,
    };
    Ok(unassigned.into_iter().chain(waits).min())
}

impl store::claims::ClaimedRow {
    fn claimed(self, lease_id: Uuid, until: Instant) -> Claimed {
        let scope = Scope::new(self.reseller_id.into(), self.tenant_id.into());
        let id = self.id.into();
        Claimed {
            scope,
            id,
            attempts: self.attempts.unsigned_abs(),
            lease: Lease {
                scope,
                job: id,
                id: lease_id,
                until,
                turn: None,
            },
        }
    }
}
