//! Booking a quote, seeing what was booked, and withdrawing it in time.

use serde_json::json;

use super::{Change, ChangeState, Leg, LegState, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::WriteTx,
    fault::{Fault, OnConstraint as _, Result},
    identity::{Caller, Permission},
    ids::{ChangeId, PortId, QuoteId},
    jobs,
    page::{Items, Page},
    ports::{
        pin, plan,
        port::{self, Port},
        quote::{self, Quote},
        rules::{self, Rules, Wish},
    },
};

/// A booked change, with what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The change.
    pub change: Change,
    /// Its return leg; none for a base change.
    pub leg: Option<Leg>,
}

/// Books what a quote offered. The permission is checked now and never again: whatever becomes of who asked, a window
/// that was booked comes back down. A quote for "now" begins when it is booked.
pub async fn book(app: &App, caller: &Caller, quote: QuoteId) -> Result<Booked> {
    let mut tx = app.db.read(caller, Permission::BandwidthChange).await?;
    let wanted = quote::store::find(&mut tx, quote).await?;
    let port = port::store::find(&mut tx, wanted.port).await?;
    drop(tx);
    let rules = pin::rules(app, caller, &port).await?;

    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = port::store::lock(&mut tx, wanted.port).await?;
    let booked = Booked::new(app, caller, &wanted, tx.now())?;
    check(&mut tx, &rules, &port, &wanted, &booked.change).await?;
    store(&mut tx, &booked).await?;
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
    });
    tx.commit(audit::Event::done("bandwidth_change.book", id.uuid(), detail))
        .await?;
    Ok(booked)
}

/// The changes that the caller can see, of one port or of all.
pub async fn list(app: &App, caller: &Caller, port: Option<PortId>, page: Page) -> Result<Items<Booked>> {
    let mut tx = app.db.read(caller, Permission::BandwidthRead).await?;
    let changes = store::list(&mut tx, port, page).await?;
    let changes = page.cut(caller.scope(), "bandwidth-changes", changes, |change| {
        change.id.uuid()
    });
    let mut items = Vec::with_capacity(changes.items.len());
    for change in changes.items {
        let leg = store::leg_of(&mut tx, change.id).await?;
        items.push(Booked { change, leg });
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
    let leg = store::leg_of(&mut tx, id).await?;
    Ok(Booked { change, leg })
}

/// Withdraws a change that has not begun, and releases its return leg. The quote stays used.
pub async fn cancel(app: &App, caller: &Caller, id: ChangeId) -> Result<Booked> {
    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = store::find(&mut tx, id).await?.port;
    port::store::lock(&mut tx, port).await?;
    let change = store::find(&mut tx, id).await?.cancelled(tx.now())?;
    store::update(&mut tx, &change).await?;
    let leg = match store::leg_of(&mut tx, id).await? {
        Some(leg) => {
            let leg = leg.become_(LegState::Released, None)?;
            store::update_leg(&mut tx, &leg).await?;
            Some(leg)
        }
        None => None,
    };
    tx.commit(audit::Event::done(
        "bandwidth_change.cancel",
        id.uuid(),
        json!({ "port": port.uuid() }),
    ))
    .await?;
    Ok(Booked { change, leg })
}

impl Booked {
    fn new(app: &App, caller: &Caller, quote: &Quote, now: Timestamp) -> Result<Self> {
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
        Ok(Self { change, leg })
    }
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
    let plan = plan(tx, port.id, change.created_at).await?;
    rules::check(rules, &plan, &wish, change.created_at)
}

async fn store(tx: &mut WriteTx, booked: &Booked) -> Result<()> {
    let Booked { change, leg } = booked;
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
    let (tenant, by) = (change.scope.tenant(), change.initiator);
    jobs::enqueue_for(
        tx,
        tenant,
        jobs::Kind::StartChange(change.id),
        change.starts_at,
        by,
    )
    .await?;
    if let Some(leg) = leg {
        store::insert_leg(tx, leg).await?;
        jobs::enqueue_for(tx, tenant, jobs::Kind::StartReturn(leg.id), leg.due_at, by).await?;
    }
    Ok(())
}

fn quote_used() -> Fault {
    Fault::conflict("quote_used", "the quote was booked before")
}
