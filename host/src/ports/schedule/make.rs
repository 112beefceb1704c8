//! Making a schedule, seeing it, making it anew and ending it.

use chrono::TimeDelta;

use super::{
    Occurrence, Schedule, ScheduleState, Terms,
    plan::{self, Kept, Preview, Site},
    store,
};
use crate::{
    app::{App, Timestamp},
    db::{Tx, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{PortId, ScheduleId},
    jobs, limits,
    page::{Items, Page},
    ports::{change, pin, port, quote::Ground, speed::Window},
    settings,
};

/// How far ahead windows are booked, and how often those of more days.
pub(super) const AHEAD: TimeDelta = TimeDelta::days(35);
pub(super) const EVERY: TimeDelta = TimeDelta::days(7);

/// The most schedules of a port that go on.
const OF_PORT_MAX: i64 = 20;

/// What would come of terms in the weeks ahead, and what each window would cost. Nothing is kept. With a schedule to
/// replace, as if that one had never booked anything that has not begun.
pub async fn preview(
    app: &App,
    caller: &Caller,
    port: PortId,
    terms: &Terms,
    replaced: Option<ScheduleId>,
) -> Result<Preview> {
    let mut site = site(app, caller, port, terms, replaced).await?;
    let (from, until) = (site.ground.now, site.ground.now + AHEAD);
    let planned = site.plan(terms, from, until).await?;
    Ok(site.preview(planned, until))
}

/// Makes a schedule and books its windows of the weeks ahead.
pub async fn make(app: &App, caller: &Caller, port: PortId, terms: Terms) -> Result<Schedule> {
    let mut site = site(app, caller, port, &terms, None).await?;
    let (from, until) = (site.ground.now, site.ground.now + AHEAD);
    let planned = site.plan(&terms, from, until).await?;
    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = port::store::lock(&mut tx, port).await?;
    port.check_active()?;
    if store::count_active(&mut tx, port.id).await? >= OF_PORT_MAX {
        let message = format!("the port has {OF_PORT_MAX} schedules, it cannot have more");
        return Err(Fault::conflict("too_many_schedules", message));
    }
    let schedule = Schedule {
        scope: port.scope,
        id: app.id(),
        port: port.id,
        terms,
        state: ScheduleState::Active,
        reason: None,
        version: 1,
        planned_until: until,
        initiator: caller.initiator(),
        created_at: from,
    };
    store::insert(&mut tx, &schedule).await?;
    let kept = site.keep(&mut tx, &port, &schedule, planned).await?;
    enqueue(&mut tx, &schedule).await?;
    tx.commit(plan::event("schedule.make", &schedule, kept)).await?;
    Ok(schedule)
}

/// Makes a schedule anew by other terms: its windows that have not begun are withdrawn and others booked, together or not
/// at all.
pub async fn replace(app: &App, caller: &Caller, id: ScheduleId, terms: Terms) -> Result<Schedule> {
    let before = get(app, caller, id).await?;
    before.check_active()?;
    let mut site = site(app, caller, before.port, &terms, Some(id)).await?;
    let (from, until) = (site.ground.now, site.ground.now + AHEAD);
    let planned = site.plan(&terms, from, until).await?;
    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = port::store::lock(&mut tx, before.port).await?;
    port.check_active()?;
    let before = store::find(&mut tx, id).await?;
    before.check_active()?;
    withdraw(&mut tx, &before).await?;
    let schedule = Schedule {
        terms,
        version: before.version + 1,
        planned_until: until,
        initiator: caller.initiator(),
        ..before
    };
    store::update(&mut tx, &schedule).await?;
    let kept = site.keep(&mut tx, &port, &schedule, planned).await?;
    enqueue(&mut tx, &schedule).await?;
    tx.commit(plan::event("schedule.replace", &schedule, kept))
        .await?;
    Ok(schedule)
}

/// Ends a schedule and withdraws its windows that have not begun. One that is in force comes back down at its end.
pub async fn cancel(app: &App, caller: &Caller, id: ScheduleId) -> Result<Schedule> {
    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = store::find(&mut tx, id).await?.port;
    port::store::lock(&mut tx, port).await?;
    let schedule = store::find(&mut tx, id).await?;
    schedule.check_active()?;
    withdraw(&mut tx, &schedule).await?;
    let schedule = schedule.become_(ScheduleState::Cancelled, None)?;
    store::update(&mut tx, &schedule).await?;
    tx.commit(plan::event("schedule.cancel", &schedule, Kept::default()))
        .await?;
    Ok(schedule)
}

/// One schedule.
pub async fn get(app: &App, caller: &Caller, id: ScheduleId) -> Result<Schedule> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    store::find(&mut tx, id).await
}

/// The schedules that the caller can see, of one port or of all.
pub async fn list(app: &App, caller: &Caller, port: Option<PortId>, page: Page) -> Result<Items<Schedule>> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let rows = store::list(&mut tx, port, page).await?;
    Ok(page.cut(caller.scope(), "schedules", rows, |schedule| schedule.id.uuid()))
}

/// The times at which a schedule has or had a window, in order. What was withdrawn when it was made anew is not shown.
pub async fn occurrences(
    app: &App,
    caller: &Caller,
    id: ScheduleId,
    page: Page,
) -> Result<Items<Occurrence>> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let schedule = store::find(&mut tx, id).await?;
    let rows = store::occurrences(&mut tx, &schedule, page).await?;
    Ok(page.cut(caller.scope(), &listed(id), rows, |one| one.id.uuid()))
}

/// What cursors of a schedule's occurrences are bound to.
pub fn listed(id: ScheduleId) -> String {
    format!("schedules/{id}/occurrences")
}

/// Has the windows of more days booked in a while; where none can come any more, nothing.
pub(super) async fn enqueue(tx: &mut WriteTx, schedule: &Schedule) -> Result<()> {
    let (tenant, kind) = (schedule.scope.tenant(), jobs::Kind::PlanSchedule(schedule.id));
    let at = schedule.planned_until - AHEAD + EVERY;
    jobs::enqueue_for(tx, tenant, kind, at, schedule.initiator).await
}

async fn site<'a>(
    app: &'a App,
    caller: &'a Caller,
    port: PortId,
    terms: &Terms,
    replaced: Option<ScheduleId>,
) -> Result<Site<'a>> {
    let mut tx = app.db.read(caller, Permission::BandwidthChange).await?;
    let mut ground = Ground::read(&mut tx, port, app.now()).await?;
    if let Some(id) = replaced {
        let schedule = store::find(&mut tx, id).await?;
        if schedule.port != port {
            let message = "the schedule to replace is another port's";
            return Err(Fault::invalid("schedule_of_another_port", message));
        }
        let gone = coming(&mut tx, &schedule, ground.now).await?;
        let gone: Vec<_> = gone.iter().filter_map(window).collect();
        ground.give_up(&gone);
    }
    let calendar = settings::calendar(&mut tx, ground.port.scope.tenant()).await?;
    drop(tx);
    terms
        .recurrence
        .check(ground.now.with_timezone(&ground.time_zone).date_naive())?;
    limits::admit_plugin_work(app, caller).await?;
    let rules = pin::rules(app, caller, &ground.port).await?;
    Ok(Site {
        app,
        caller,
        ground,
        rules,
        calendar,
    })
}

/// The windows of a schedule that have not begun.
async fn coming(tx: &mut impl Tx, schedule: &Schedule, now: Timestamp) -> Result<Vec<change::Change>> {
    let changes = store::changes_after(tx, schedule, now).await?;
    let mut coming = Vec::new();
    for id in changes {
        let change = change::store::find(tx, id).await?;
        if change.state.next().contains(&change::ChangeState::Cancelled) {
            coming.push(change);
        }
    }
    Ok(coming)
}

async fn withdraw(tx: &mut WriteTx, schedule: &Schedule) -> Result<()> {
    let now = tx.now();
    for change in coming(tx, schedule, now).await? {
        let (_, event) = change::withdraw::withdraw(tx, change).await?;
        tx.record(event).await?;
    }
    Ok(())
}

fn window(change: &change::Change) -> Option<Window> {
    change.ends_at().map(|ends_at| Window {
        mbps: change.mbps,
        starts_at: change.starts_at,
        ends_at,
    })
}
