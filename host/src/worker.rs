//! Works off the queue: claims due jobs, does each as its tenant, and tells how it ended. Knows which module does what
//! kind of job; what a job means is that module's business. Nothing a job does, fails or panics at stops the loop.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{
    alerts,
    app::{App, Timestamp},
    audit,
    billing::shadow,
    carriers::{self, notifications, operations},
    fault::{Fault, Result},
    identity::{Caller, Permission, domains, invitations},
    ids::JobId,
    jobs::{self, Claimed, Kind, MAX_ATTEMPTS, Outcome, Turns, Verdict, Work},
    leaving, notify, plugins, ports,
};

/// As many jobs work at a time, and are claimed at once.
const WORKING: usize = 16;

/// As many jobs are under way, those included that wait for a carrier: while thirty carriers hang, each with as many
/// operations as it may have, there is room for everybody else's.
const UNDER_WAY: usize = 256;

/// How long the queue is left alone when nothing is due and nothing was enqueued in this process.
const POLL: Duration = Duration::from_millis(500);

/// How long a host that is told to stop lets what is under way end: less than what usually kills it after that.
pub const GRACE: Duration = Duration::from_secs(25);

/// Works off the queue until told to stop, then lets the running jobs end or gives them back.
pub async fn run(app: App, shutdown: CancellationToken) {
    let (mut running, turns) = (JoinSet::new(), Turns::new(WORKING));
    let mut held = Vec::new();
    while !shutdown.is_cancelled() {
        let room = turns.free().min(UNDER_WAY - running.len());
        let claimed = match room {
            0 => Vec::new(),
            room => jobs::claim(&app, room).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the queue cannot be read");
                Vec::new()
            }),
        };
        let idle = claimed.is_empty();
        for mut job in claimed {
            job.lease.work_in(turns.take().await);
            let (app, tag) = (app.clone(), job.lease.tag());
            let working = running.spawn(async move { work_off(&app, job).await });
            held.push((working, tag));
        }
        if idle {
            pause(&app, &mut running, &turns, &shutdown).await;
        }
        while running.try_join_next().is_some() {}
        held.retain(|(working, _)| !working.is_finished());
    }
    let ending = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ending).await.is_ok() {
        return;
    }
    running.shutdown().await;
    let tags: Vec<_> = held.into_iter().map(|(_, tag)| tag).collect();
    tracing::warn!("jobs that did not end in time are given back");
    if let Err(error) = jobs::give_back(&app, &tags).await {
        // Their leases expire.
        tracing::error!(%error, "the jobs could not be given back");
    }
}

/// Does everything that is due now, one job after another in the order of fairness, and what falls due through it.
/// Returns how many jobs that was. For whoever drives the clock.
pub async fn drain(app: &App) -> Result<usize> {
    let mut done = 0;
    loop {
        let claimed = jobs::claim(app, WORKING).await?;
        if claimed.is_empty() {
            return Ok(done);
        }
        done += claimed.len();
        for job in claimed {
            work_off(app, job).await;
        }
    }
}

/// Has a job done again that was set aside. An operation was given up with its job, so it is taken up again.
pub async fn replay(app: &App, caller: &Caller, id: JobId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::WorkRepair).await?;
    let kind = jobs::dead_letter(&mut tx, id).await?;
    if let Kind::RunOperation(operation) = kind {
        operations::take_up(&mut tx, operation).await?;
        jobs::bury(&mut tx, id).await?;
    } else {
        jobs::revive(&mut tx, id).await?;
    }
    let detail = json!({ "kind": kind.name(), "subject": kind.subject() });
    tx.commit(audit::Event::done("job.replay", id.uuid(), detail))
        .await
}

/// When the next job is due; none when nothing waits.
pub async fn next_due(app: &App) -> Result<Option<Timestamp>> {
    jobs::next_due(app).await
}

/// Until something may have become due, or there is room for it.
async fn pause(app: &App, running: &mut JoinSet<()>, turns: &Turns, shutdown: &CancellationToken) {
    let (full, busy) = (running.len() == UNDER_WAY, turns.free() == 0);
    tokio::select! {
        () = shutdown.cancelled() => {}
        Some(_) = running.join_next() => {}
        () = turns.freed(), if busy && !full => {}
        () = app.db.enqueued(), if !busy && !full => {}
        () = tokio::time::sleep(POLL), if !busy && !full => {}
    }
}

/// Does one claimed job and stores how it ended.
async fn work_off(app: &App, mut claimed: Claimed) {
    let span = tracing::info_span!(
        "job",
        reseller = %claimed.scope.reseller(),
        tenant = %claimed.scope.tenant(),
        job = %claimed.id,
    );
    let working = async {
        if let Err(error) = attempt(app, &mut claimed).await {
            // Its lease expires, and another attempt follows.
            tracing::error!(%error, "the job's end could not be stored");
        }
    };
    working.instrument(span).await;
}

async fn attempt(app: &App, claimed: &mut Claimed) -> Result<()> {
    let work = match jobs::work(app, claimed).await {
        Ok(work) => work,
        Err(error) => {
            tracing::error!(%error, "the job cannot be read");
            let outcome = Outcome::of(&Err(error));
            jobs::finish(app, claimed, outcome).await?;
            return Ok(());
        }
    };
    let outcome = outcome(app, claimed, &work).await;
    if let Verdict::Dead { error } = jobs::verdict(outcome.clone(), claimed.attempts, app.now()) {
        tracing::error!(kind = work.kind.name(), subject = %work.kind.subject(), error, "job set aside");
        // Before the job is over: a host that dies in between leaves it to the next one, and nobody waits for ever.
        match set_aside(app, claimed, &work, error).await {
            Err(broken @ Fault::Broken(_)) => return Err(broken),
            Err(fault) => tracing::warn!(%fault, "nobody waits for the job"),
            Ok(()) => {}
        }
    }
    jobs::finish(app, claimed, outcome).await?;
    Ok(())
}

async fn outcome(app: &App, claimed: &mut Claimed, work: &Work) -> Outcome {
    if claimed.attempts > MAX_ATTEMPTS {
        // Whoever tried it did not live to tell: it is not given the chance again.
        return Outcome::GiveUp(format!("{MAX_ATTEMPTS} attempts did not come to an end"));
    }
    let doing = AssertUnwindSafe(Box::pin(perform(app, claimed, work))).catch_unwind();
    let Ok(result) = doing.await else {
        tracing::error!(kind = work.kind.name(), subject = %work.kind.subject(), "job panicked");
        return Outcome::Retry("the host failed; its log names the job".into());
    };
    match &result {
        Ok(()) => {}
        Err(Fault::Broken(error)) => {
            tracing::error!(kind = work.kind.name(), subject = %work.kind.subject(), error = format!("{error:#}"), "job failed");
        }
        Err(fault) => {
            tracing::warn!(kind = work.kind.name(), subject = %work.kind.subject(), %fault, "job refused");
        }
    }
    Outcome::of(&result)
}

async fn perform(app: &App, claimed: &mut Claimed, work: &Work) -> Result<()> {
    // Several jobs were claimed at once, and the ones before may have taken long.
    claimed.lease.last(app, jobs::LEASE / 2).await?;
    match work.kind {
        Kind::WatchCarrier(id) => carriers::watch(app, &work.caller, id).await,
        Kind::ReconcileCarrier(id) => ports::reconciliation::run(app, &work.caller, id).await,
        Kind::RunOperation(id) => operations::run(app, &work.caller, id, &mut claimed.lease).await,
        Kind::HandleNotification(id) => notifications::handle(app, &work.caller, id).await,
        Kind::StartChange(id) => ports::start_change(app, &work.caller, id).await,
        Kind::StartReturn(id) => ports::start_return(app, &work.caller, id).await,
        Kind::PlanSchedule(id) => ports::schedule::plan(app, &work.caller, id).await,
        Kind::EscalateAlert(id) => alerts::escalate(app, &work.caller, id).await,
        Kind::JudgeActivation(id) => plugins::judge(app, &work.caller, id).await,
        Kind::RunShadow(id) => shadow::run(app, &work.caller, id, &mut claimed.lease).await,
        Kind::ExpireHold(id) => ports::change::hold::expire(app, &work.caller, id).await,
        Kind::ExpireApproval(id) => ports::change::approval::expire(app, &work.caller, id).await,
        Kind::CheckDomain(id) => domains::check(app, &work.caller, id).await,
        Kind::SendMail(id) => notify::send(app, &work.caller, id).await,
        Kind::MakeExport(id) => leaving::make_export(app, &work.caller, id, &mut claimed.lease).await,
        Kind::RemoveExport(id) => leaving::remove(app, &work.caller, id).await,
        Kind::EndDeparture(id) => leaving::end_departure(app, &work.caller, id).await,
        Kind::ForgetDocuments(id) => leaving::forget_documents(app, &work.caller, id).await,
        Kind::ForgetInvitation(id) => invitations::forget(app, &work.caller, id).await,
        Kind::ForgetRuns(reseller) => plugins::forget_runs(app, &work.caller, reseller).await,
    }
}

/// Tells whoever waits for the job that nothing comes. A return leg is not left at that, and neither is a departure.
async fn set_aside(app: &App, claimed: &Claimed, work: &Work, error: String) -> Result<()> {
    match work.kind {
        Kind::RunOperation(id) => operations::abandon(app, &work.caller, id, &claimed.lease, error).await,
        Kind::ExpireHold(id) => {
            ports::change::hold::expire_later(app, &work.caller, id, &claimed.lease).await
        }
        Kind::StartChange(_) | Kind::ExpireApproval(_) | Kind::EscalateAlert(_) | Kind::CheckDomain(_) => {
            Ok(())
        }
        Kind::RunShadow(id) => shadow::set_aside(app, &work.caller, id, &claimed.lease).await,
        // The next failed call has it judged again.
        Kind::JudgeActivation(_) => Ok(()),
        Kind::HandleNotification(id) => notifications::set_aside(app, &work.caller, id, &error).await,
        // The next change of its breaker has it looked at again.
        Kind::WatchCarrier(_) => Ok(()),
        Kind::ReconcileCarrier(id) => {
            ports::reconciliation::run_later(app, &work.caller, id, &claimed.lease).await
        }
        Kind::RemoveExport(_) | Kind::ForgetDocuments(_) | Kind::ForgetInvitation(_) => Ok(()),
        Kind::ForgetRuns(_) => Ok(()),
        Kind::EndDeparture(id) => leaving::end_later(app, &work.caller, id, &claimed.lease).await,
        Kind::MakeExport(id) => leaving::set_aside(app, &work.caller, id, &claimed.lease).await,
        Kind::PlanSchedule(id) => ports::schedule::plan_later(app, &work.caller, id, &claimed.lease).await,
        Kind::StartReturn(id) => ports::return_later(app, &work.caller, id, &claimed.lease).await,
        Kind::SendMail(id) => notify::give_up(app, &work.caller, id, error).await,
    }
}
