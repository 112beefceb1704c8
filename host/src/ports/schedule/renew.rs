//! What a schedule's job does: books the windows of more days, for as long as the schedule goes on.

use chrono::TimeDelta;

use super::{
    Schedule, ScheduleState,
    make::{self, AHEAD},
    plan::{self, Kept, Site},
    store,
};
use crate::{
    app::App,
    db::Housekeeping,
    fault::{Fault, Result},
    identity::{Caller, Permission, Purpose, tenants},
    ids::ScheduleId,
    jobs::{self, Lease},
    ports::{
        pin,
        port::{self, Port},
        quote::Ground,
    },
    settings,
};

/// How long nothing is planned for whoever may begin nothing new, or where planning failed.
const PAUSE: TimeDelta = TimeDelta::days(1);

/// Books a schedule's windows of more days, where it goes on.
pub async fn plan(app: &App, caller: &Caller, id: ScheduleId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let schedule = store::find(&mut tx, id).await?;
    if schedule.state != ScheduleState::Active {
        return Ok(());
    }
    let found = port::store::find(&mut tx, schedule.port).await?;
    if let Err(Fault::Refused(refusal)) = found.check_active() {
        drop(tx);
        return end(app, caller, id, Some(&refusal.message)).await;
    }
    let now = app.now();
    let ground = Ground::read(&mut tx, schedule.port, now).await?;
    let calendar = settings::calendar(&mut tx, schedule.scope.tenant()).await?;
    let own = tenants::find(&mut tx, schedule.scope.tenant()).await?.state;
    drop(tx);
    if schedule.terms.recurrence.is_over(now, &calendar) {
        return end(app, caller, id, None).await;
    }
    let house = {
        let mut tx = app.db.house(&caller.for_house(Purpose::Carrier)).await?;
        tenants::house_state(&mut tx).await?
    };
    if own != "active" || house != "active" {
        return again(app, caller, &schedule).await;
    }
    let rules = pin::rules(app, caller, &ground.port).await?;
    let mut site = Site {
        app,
        caller,
        ground,
        rules,
        calendar,
    };
    let (from, until) = (schedule.planned_until.max(now), now + AHEAD);
    let planned = site.plan(&schedule.terms, from, until).await?;
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let port: Port = port::store::lock(&mut tx, schedule.port).await?;
    let found = store::find(&mut tx, id).await?;
    if found != schedule || port.check_active().is_err() {
        // Somebody made it anew, or ended it, since it was read: what is there now has a job of its own.
        return Ok(());
    }
    let schedule = Schedule {
        planned_until: until,
        ..schedule
    };
    store::update(&mut tx, &schedule).await?;
    let kept = site.keep(&mut tx, &port, &schedule, planned).await?;
    make::enqueue(&mut tx, &schedule).await?;
    tx.commit(plan::event("schedule.plan", &schedule, kept)).await
}

/// Has a schedule planned later whose job is set aside, under the job's lease: what was in the way may have passed.
pub async fn plan_later(app: &App, caller: &Caller, id: ScheduleId, lease: &Lease) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    let schedule = store::find(&mut tx, id).await?;
    if schedule.state != ScheduleState::Active {
        return Ok(());
    }
    let (at, by) = (tx.now() + PAUSE, tx.initiator());
    jobs::enqueue_for(
        &mut tx,
        schedule.scope.tenant(),
        jobs::Kind::PlanSchedule(id),
        at,
        by,
    )
    .await?;
    tx.commit_housekeeping(Housekeeping::Lease).await
}

async fn again(app: &App, caller: &Caller, schedule: &Schedule) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let (at, by) = (tx.now() + PAUSE, tx.initiator());
    let kind = jobs::Kind::PlanSchedule(schedule.id);
    jobs::enqueue_for(&mut tx, schedule.scope.tenant(), kind, at, by).await?;
    tx.commit_housekeeping(Housekeeping::Lease).await
}

async fn end(app: &App, caller: &Caller, id: ScheduleId, reason: Option<&str>) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let port = store::find(&mut tx, id).await?.port;
    port::store::lock(&mut tx, port).await?;
    let schedule = store::find(&mut tx, id).await?;
    if schedule.state != ScheduleState::Active {
        return Ok(());
    }
    let schedule = schedule.become_(ScheduleState::Ended, reason)?;
    store::update(&mut tx, &schedule).await?;
    tx.commit(plan::event("schedule.end", &schedule, Kept::default()))
        .await
}
