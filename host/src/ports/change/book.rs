//! Booking a quote, seeing what was booked, and withdrawing it in time.

use serde_json::json;

use super::{
    Change, ChangeState, Leg, LegState,
    approval::{self, Approval},
    store,
    withdraw::{replaced, withdraw},
};
use crate::{
    app::{App, Timestamp},
    audit,
    crash::{self, Point},
    db::{Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Initiator, Permission},
    ids::{ChangeId, PortId, QuoteId},
    jobs,
    page::{Items, Page},
    ports::{
        pin, plan_to_book,
        port::{self, Port},
        quote::{self, Quote},
        rules::{self, Rules, Taken, Wish},
        schedule,
    },
    settings::{self, status::Thing},
};

const QUOTE_USED: &str = "quote_used";

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
/// holds its place and waits for somebody's yes. A window that has not begun can be given up for it: both happen, or
/// neither does.
pub async fn book(app: &App, caller: &Caller, quote: QuoteId, replaces: Option<ChangeId>) -> Result<Booked> {
    let mut tx = app.db.read(caller, Permission::BandwidthChange).await?;
    let wanted = quote::store::find(&mut tx, quote).await?;
    let port = port::store::find(&mut tx, wanted.port).await?;
    drop(tx);
    let rules = pin::rules(app, caller, &port).await?;

    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = port::store::lock(&mut tx, wanted.port).await?;
    check_unused(&mut tx, wanted.id).await?;
    if let Some(id) = replaces {
        let now = tx.now();
        replaced(&mut tx, port.id, id, now).await?;
        let old = store::find(&mut tx, id).await?;
        let (_, event) = withdraw(&mut tx, old).await?;
        tx.record(event).await?;
    }
    let by = caller.initiator();
    let (change, event) = place(&mut tx, app, by, (&rules, &port), &wanted).await?;
    if let Some(old) = replaces {
        schedule::moved(&mut tx, old, change.id).await?;
    }
    let booked = seen(&mut tx, change).await?;
    crash::point(Point::Booking);
    tx.commit(event).await?;
    crash::point(Point::Booked);
    Ok(booked)
}

/// Gives a quote's change its place on its port, which must be locked; with the event that says so.
pub(in crate::ports) async fn place(
    tx: &mut WriteTx,
    app: &App,
    by: Initiator,
    (rules, port): (&Rules, &Port),
    quote: &Quote,
) -> Result<(Change, audit::Event)> {
    let (mut change, leg) = new(app, by, quote, tx.now())?;
    check(tx, rules, port, quote, &change).await?;
    let approval = approval::needed(tx, &change, quote).await?;
    if approval.is_some() {
        change.state = ChangeState::AwaitingApproval;
    }
    insert(tx, &change, leg.as_ref()).await?;
    begin_waiting(tx, &change, leg.as_ref(), approval.as_ref()).await?;
    let event = event(port, &change, approval);
    Ok((change, event))
}

/// What tells that a change was booked.
pub(super) fn event(port: &Port, change: &Change, approval: Option<Approval>) -> audit::Event {
    let detail = json!({
        "quote": change.quote.uuid(), "port": port.id.uuid(), "customer": port.scope.tenant().uuid(),
        "kind": change.kind.name(), "mbps": change.mbps, "starts_at": change.starts_at, "ends_at": change.ends_at(),
        "awaits_approval_because": approval.map(|approval| approval.because),
    });
    audit::Event::done("bandwidth_change.book", change.id.uuid(), detail)
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

/// The change that a quote offered, and what ends it.
pub(super) fn new(app: &App, by: Initiator, quote: &Quote, now: Timestamp) -> Result<(Change, Option<Leg>)> {
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
        held_until: None,
        initiator: by,
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

/// A quote is good for one change. Whoever asks again because no answer came is told which one it was.
pub(super) async fn check_unused(tx: &mut WriteTx, quote: QuoteId) -> Result<()> {
    match store::of_quote(tx, quote).await? {
        None => Ok(()),
        Some(earlier) => {
            let message = format!("the quote was booked or held before, as change {earlier}");
            Err(Fault::conflict(QUOTE_USED, message))
        }
    }
}

/// Others may have booked since the quote was made.
pub(super) async fn check(
    tx: &mut WriteTx,
    rules: &Rules,
    port: &Port,
    quote: &Quote,
    change: &Change,
) -> Result<()> {
    port.check_active()?;
    let wish = Wish {
        starts_at: change.starts_at,
        ..quote.wish
    };
    let now = change.created_at;
    let plan = &plan_to_book(tx, port.id, now).await?;
    let room = &store::hold_room(tx, port, now).await?;
    rules::admit(rules, Taken { plan, room }, &wish, now)
}

pub(super) async fn insert(tx: &mut WriteTx, change: &Change, leg: Option<&Leg>) -> Result<()> {
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
        .on_constraint("location_has_room", || rules::no_room(change.mbps))
        .on_constraint("bandwidth_change_quote_once", || {
            Fault::conflict(QUOTE_USED, "the quote was booked or held just now")
        })?;
    if let Some(leg) = leg {
        store::insert_leg(tx, leg).await?;
    }
    Ok(())
}

/// Has a change begun when it is due, or given up when nobody approves it.
pub(super) async fn begin_waiting(
    tx: &mut WriteTx,
    change: &Change,
    leg: Option<&Leg>,
    approval: Option<&Approval>,
) -> Result<()> {
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
