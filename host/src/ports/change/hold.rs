//! Holds: a change that keeps its place and its price for a while before somebody books it. It orders nothing and costs
//! nothing, and whoever waits too long gives both up.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Booked, Change, ChangeState, Leg, LegState, approval,
    book::{self, seen},
    store,
};
use crate::{
    app::App,
    audit,
    db::{Housekeeping, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{ChangeId, QuoteId},
    jobs::{self, Lease},
    ports::{
        Kind, pin, plan_to_book,
        port::{self, Port},
        quote,
        rules::{self, Room, Rules, Taken, Wish},
    },
};

/// How long a change can be held, in minutes.
const MINUTES: std::ops::RangeInclusive<u32> = 1..=1440;

/// Holds what a quote offered for so many minutes, and at most until it begins.
pub async fn hold(app: &App, caller: &Caller, quote: QuoteId, minutes: u32) -> Result<Booked> {
    if !MINUTES.contains(&minutes) {
        let message = format!(
            "a change is held for {} to {} minutes",
            MINUTES.start(),
            MINUTES.end()
        );
        return Err(Fault::invalid("hold_out_of_range", message));
    }
    let mut tx = app.db.read(caller, Permission::BandwidthChange).await?;
    let wanted = quote::store::find(&mut tx, quote).await?;
    let port = port::store::find(&mut tx, wanted.port).await?;
    drop(tx);
    if wanted.is_for_now() {
        let message = "a change that begins when it is booked cannot be held";
        return Err(Fault::conflict("hold_needs_start", message));
    }
    let rules = pin::rules(app, caller, &port).await?;

    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = port::store::lock(&mut tx, wanted.port).await?;
    book::check_unused(&mut tx, wanted.id).await?;
    let (mut change, leg) = book::new(app, caller.initiator(), &wanted, tx.now())?;
    book::check(&mut tx, &rules, &port, &wanted, &change).await?;
    let until = tx.now() + TimeDelta::minutes(minutes.into());
    let until = until.min(change.starts_at);
    change.state = ChangeState::Quoted;
    change.held_until = Some(until);
    book::insert(&mut tx, &change, leg.as_ref()).await?;
    let (tenant, kind) = (change.scope.tenant(), jobs::Kind::ExpireHold(change.id));
    jobs::enqueue_for(&mut tx, tenant, kind, until, change.initiator).await?;
    let held = seen(&mut tx, change).await?;
    let detail = json!({
        "quote": quote.uuid(), "port": port.id.uuid(), "customer": port.scope.tenant().uuid(), "held_until": until,
    });
    let event = audit::Event::done("bandwidth_change.hold", held.change.id.uuid(), detail);
    tx.commit(event).await?;
    Ok(held)
}

/// Books a held change at the price of its quote, as if it were booked now: it waits for somebody's yes where the tenant's
/// rules say so.
pub async fn commit(app: &App, caller: &Caller, id: ChangeId) -> Result<Booked> {
    let mut tx = app.db.read(caller, Permission::BandwidthChange).await?;
    let change = store::find(&mut tx, id).await?;
    let wanted = quote::store::find(&mut tx, change.quote).await?;
    let port = port::store::find(&mut tx, change.port).await?;
    drop(tx);
    let rules = pin::rules(app, caller, &port).await?;

    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = port::store::lock(&mut tx, port.id).await?;
    port.check_active()?;
    let (change, leg) = held(&mut tx, id).await?;
    let until = change.held_until.unwrap_or(change.created_at);
    if until <= tx.now() {
        return Err(Fault::conflict(
            "hold_expired",
            format!("it was held until {until}"),
        ));
    }
    check(&mut tx, &rules, &port, &change).await?;
    let change = Change {
        initiator: caller.initiator(),
        ..change
    };
    let approval = approval::needed(&mut tx, &change, &wanted).await?;
    let next = match approval {
        Some(_) => ChangeState::AwaitingApproval,
        None => ChangeState::Scheduled,
    };
    let change = change.become_(next, None)?;
    store::update(&mut tx, &change).await?;
    book::begin_waiting(&mut tx, &change, leg.as_ref(), approval.as_ref()).await?;
    let event = book::event(&port, &change, approval);
    let booked = seen(&mut tx, change).await?;
    tx.commit(event).await?;
    Ok(booked)
}

/// Gives up a change that was held too long. Without effect on one that is held no more.
pub async fn expire(app: &App, caller: &Caller, id: ChangeId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let port = store::find(&mut tx, id).await?.port;
    port::store::lock(&mut tx, port).await?;
    let change = store::find(&mut tx, id).await?;
    if change.state != ChangeState::Quoted {
        return Ok(());
    }
    let reason = "nobody booked it while it was held".to_owned();
    store::update(&mut tx, &change.become_(ChangeState::Expired, Some(reason))?).await?;
    if let Some(leg) = store::leg_of(&mut tx, id).await? {
        store::update_leg(&mut tx, &leg.become_(LegState::Released, None)?).await?;
    }
    let detail = json!({ "port": port.uuid() });
    tx.commit(audit::Event::done("bandwidth_change.expire", id.uuid(), detail))
        .await
}

/// Has a held change given up later whose job is set aside, under the job's lease: nothing keeps its place for ever.
pub async fn expire_later(app: &App, caller: &Caller, id: ChangeId, lease: &Lease) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    jobs::hold(&mut tx, lease).await?;
    let change = store::find(&mut tx, id).await?;
    if change.state != ChangeState::Quoted {
        return Ok(());
    }
    let (at, by) = (tx.now() + TimeDelta::hours(1), tx.initiator());
    jobs::enqueue_for(&mut tx, change.scope.tenant(), jobs::Kind::ExpireHold(id), at, by).await?;
    tx.commit_housekeeping(Housekeeping::Lease).await
}

/// A change that is held, with its port locked.
async fn held(tx: &mut WriteTx, id: ChangeId) -> Result<(Change, Option<Leg>)> {
    let change = store::find(tx, id).await?;
    if change.state != ChangeState::Quoted {
        let message = format!("a bandwidth change that is {} is not held", change.state.name());
        return Err(Fault::conflict("state_forbids", message));
    }
    let leg = store::leg_of(tx, id).await?;
    Ok((change, leg))
}

/// A window's place was kept from others; base changes have none, so somebody may have come closer to one than the carrier
/// allows.
async fn check(tx: &mut WriteTx, rules: &Rules, port: &Port, change: &Change) -> Result<()> {
    if change.kind != Kind::Base {
        return Ok(());
    }
    let now = tx.now();
    let (plan, room) = (&plan_to_book(tx, port.id, now).await?, &Room::default());
    let wish = Wish {
        kind: change.kind,
        mbps: change.mbps,
        starts_at: change.starts_at,
    };
    rules::admit(rules, Taken { plan, room }, &wish, now)
}
