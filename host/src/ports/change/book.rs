//! Booking a quote, seeing what was booked, and withdrawing it in time.

use serde_json::json;

use super::{
    Change, ChangeState, Leg, LegState,
    approval::{self, Approval},
    store,
};
use crate::{
    app::{App, Timestamp},
    audit,
    crash::{self, Point},
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission},
    ids::{ChangeId, PortId, QuoteId},
    jobs,
    page::{Items, Page},
    ports::{
        pin, plan_to_book,
        port::{self, Port},
        quote::{self, Quote},
        rules::{self, Rules, Wish},
    },
    settings::{self, status::Thing},
};

/// A booked change, with what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The change.
    pub change: Change,
    /// Its return leg; none for a base change.
    pub leg: Option<Leg>,
    /// What it waits or waited for; none where it needed nobody's yes.
    pub approval: Option<Approval>,
    /// Its state in the reader's own words.
    pub state_name: String,
}

/// Books what a quote offered. The permission is checked now and never again: whatever becomes of who asked, a window
/// that was booked comes back down. A quote for "now" begins when it is booked. Where the tenant's rules say so the change
/// holds its place and waits for somebody's yes.
pub async fn book(app: &App, caller: &Caller, quote: QuoteId) -> Result<Booked> {
    let mut tx = app.db.read(caller, Permission::BandwidthChange).await?;
    let wanted = quote::store::find(&mut tx, quote).await?;
    let port = port::store::find(&mut tx, wanted.port).await?;
    drop(tx);
    let rules = pin::rules(app, caller, &port).await?;

    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = port::store::lock(&mut tx, wanted.port).await?;
    let (mut change, leg) = new(app, caller, &wanted, tx.now())?;
    check(&mut tx, &rules, &port, &wanted, &change).await?;
    let approval = approval::needed(&mut tx, &change, &wanted).await?;
    if approval.is_some() {
        change.state = ChangeState::AwaitingApproval;
    }
    store(&mut tx, &change, leg.as_ref(), approval.as_ref()).await?;
    let booked = seen(&mut tx, change).await?;
    let Change {
        id,
        kind,
        mbps,
        starts_at,
        ..
    } = booked.change;
    let detail = json!({
        "quote": quote.uuid(), "port": port.id.uuid(), "customer": port.scope.tenant().uuid(),
        "kind": kind.name(), "mbps": mbps, "starts_at": starts_at, "ends_at": kind.ends_at(),
        "awaits_approval_because": approval.map(|approval| approval.because),
    });
    crash::point(Point::Booking);
    tx.commit(audit::Event::done("bandwidth_change.book", id.uuid(), detail))
        .await?;
    crash::point(Point::Booked);
    Ok(booked)
}

/// The changes that the caller can see, of one port or of all.
pub async fn list(app: &App, caller: &Caller, port: Option<PortId>, page: Page) -> Result<Items<Booked>> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let changes = store::list(&mut tx, port, page).await?;
    let changes = page.cut(caller.scope(), "bandwidth-changes", changes, |change| {
        change.id.uuid()
    });
    let ids: Vec<_> = changes.items.iter().map(|change| change.id).collect();
    let mut approvals = store::approvals(&mut tx, &ids).await?;
    let names = settings::status_names(&mut tx).await?;
    let mut items = Vec::with_capacity(changes.items.len());
    for change in changes.items {
        items.push(Booked {
            leg: store::leg_of(&mut tx, change.id).await?,
            approval: approvals.remove(&change.id),
            state_name: names.of(Thing::BandwidthChange, change.state.name()),
            change,
        });
    }
    Ok(Items {
        items,
        next: changes.next,
    })
}

/// One change.
pub async fn get(app: &App, caller: &Caller, id: ChangeId) -> Result<Booked> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let change = store::find(&mut tx, id).await?;
    seen(&mut tx, change).await
}

/// A change with everything that belongs to it.
pub(super) async fn seen(tx: &mut impl Tx, change: Change) -> Result<Booked> {
    let names = settings::status_names(tx).await?;
    Ok(Booked {
        leg: store::leg_of(tx, change.id).await?,
        approval: store::approvals(tx, &[change.id]).await?.remove(&change.id),
        state_name: names.of(Thing::BandwidthChange, change.state.name()),
        change,
    })
}

/// Withdraws a change that has not begun, and releases its return leg. The quote stays used.
pub async fn cancel(app: &App, caller: &Caller, id: ChangeId) -> Result<Booked> {
    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = store::find(&mut tx, id).await?.port;
    port::store::lock(&mut tx, port).await?;
    let change = store::find(&mut tx, id).await?.cancelled(tx.now())?;
    store::update(&mut tx, &change).await?;
    if let Some(leg) = store::leg_of(&mut tx, id).await? {
        store::update_leg(&mut tx, &leg.become_(LegState::Released, None)?).await?;
    }
    let cancelled = seen(&mut tx, change).await?;
    tx.commit(audit::Event::done(
        "bandwidth_change.cancel",
        id.uuid(),
        json!({ "port": port.uuid() }),
    ))
    .await?;
    Ok(cancelled)
}

/// The change that a quote offered, and what ends it.
fn new(app: &App, caller: &Caller, quote: &Quote, now: Timestamp) -> Result<(Change, Option<Leg>)> {
    if quote.expires_at <= now {
        let message = format!("the quote was good until {}", quote.expires_at);
        return Err(Fault::conflict("quote_expired", message));
    }
    let starts_at = if quote.is_for_now() {
        now
    } else {
        quote.wish.starts_at
    };
    let change = Change {
        scope: quote.scope,
        id: app.id(),
        port: quote.port,
        quote: quote.id,
        kind: quote.wish.kind,
        mbps: quote.wish.mbps,
        starts_at,
        state: ChangeState::Scheduled,
        reason: None,
        initiator: caller.initiator(),
        created_at: now,
    };
    let leg = change.ends_at().map(|due_at| Leg {
        scope: change.scope,
        id: app.id(),
        change: change.id,
        port: change.port,
        due_at,
        target_mbps: None,
        state: LegState::Reserved,
        reason: None,
    });
    Ok((change, leg))
}

/// Others may have booked since the quote was made.
async fn check(tx: &mut WriteTx, rules: &Rules, port: &Port, quote: &Quote, change: &Change) -> Result<()> {
    port.check_active()?;
    if store::of_quote(tx, quote.id).await? {
        return Err(quote_used());
    }
    let wish = Wish {
        starts_at: change.starts_at,
        ..quote.wish
    };
    let plan = plan_to_book(tx, port.id, change.created_at).await?;
    rules::check(rules, &plan, &wish, change.created_at)
}

async fn store(
    tx: &mut WriteTx,
    change: &Change,
    leg: Option<&Leg>,
    approval: Option<&Approval>,
) -> Result<()> {
    let taken = || {
        Fault::conflict(
            "base_change_exists",
            "another base change of this port begins at that instant",
        )
    };
    store::insert(tx, change)
        .await
        .on_constraint("bandwidth_change_no_overlap", rules::overlaps)
        .on_constraint("bandwidth_change_base_once", taken)
        .on_constraint("bandwidth_change_quote_once", quote_used)?;
    if let Some(leg) = leg {
        store::insert_leg(tx, leg).await?;
    }
    match approval {
        None => enqueue(tx, change, leg).await,
        Some(approval) => {
            store::insert_approval(tx, change.scope, change.id, approval).await?;
            approval::enqueue_expiry(tx, change, approval).await
        }
    }
}

/// Has a change and its return leg begun when they are due.
pub(super) async fn enqueue(tx: &mut WriteTx, change: &Change, leg: Option<&Leg>) -> Result<()> {
    let (tenant, by) = (change.scope.tenant(), change.initiator);
    let start = jobs::Kind::StartChange(change.id);
    jobs::enqueue_for(tx, tenant, start, change.starts_at, by).await?;
    if let Some(leg) = leg {
        jobs::enqueue_for(tx, tenant, jobs::Kind::StartReturn(leg.id), leg.due_at, by).await?;
    }
    Ok(())
}

fn quote_used() -> Fault {
    Fault::conflict("quote_used", "the quote was booked before")
}
