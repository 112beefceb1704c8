//! Giving up a change that has not begun: for nothing, or for another one in its place.

use serde_json::json;

use super::{Booked, Change, LegState, book::seen, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Tx, WriteTx},
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::{ChangeId, PortId},
    ports::{Kind, port, speed::Window},
};

/// Withdraws a change that has not begun, and releases its return leg. The quote stays used.
pub async fn cancel(app: &App, caller: &Caller, id: ChangeId) -> Result<Booked> {
    let mut tx = app.db.write(caller, Permission::BandwidthChange).await?;
    let port = store::find(&mut tx, id).await?.port;
    port::store::lock(&mut tx, port).await?;
    let change = store::find(&mut tx, id).await?;
    let (change, event) = withdraw(&mut tx, change).await?;
    let cancelled = seen(&mut tx, change).await?;
    tx.commit(event).await?;
    Ok(cancelled)
}

/// A window of the port that another one can take the place of: it is booked and has not begun.
pub(in crate::ports) async fn replaced(
    tx: &mut impl Tx,
    port: PortId,
    id: ChangeId,
    now: Timestamp,
) -> Result<Window> {
    let old = store::find(tx, id).await?;
    let Kind::Window { ends_at } = old.kind else {
        let message = "a base change is not replaced: book another one after it";
        return Err(Fault::invalid("replaces_base", message));
    };
    if old.port != port {
        let message = "the window to replace is another port's";
        return Err(Fault::invalid("window_of_another_port", message));
    }
    let window = Window {
        mbps: old.mbps,
        starts_at: old.starts_at,
        ends_at,
    };
    old.cancelled(now)?;
    Ok(window)
}

/// Gives up the place of a change that has not begun, on its locked port; with the event that says so.
pub(in crate::ports) async fn withdraw(tx: &mut WriteTx, change: Change) -> Result<(Change, audit::Event)> {
    let change = change.cancelled(tx.now())?;
    store::update(tx, &change).await?;
    if let Some(leg) = store::leg_of(tx, change.id).await? {
        store::update_leg(tx, &leg.become_(LegState::Released, None)?).await?;
    }
    let detail = json!({ "port": change.port.uuid() });
    let event = audit::Event::done("bandwidth_change.cancel", change.id.uuid(), detail);
    Ok((change, event))
}
