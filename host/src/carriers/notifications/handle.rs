//! What a notification's job does: asks the adapter what it is about, and wakes what waits for that.

use super::{operations, store};
use crate::{
    app::App,
    carriers,
    db::Housekeeping,
    fault::{Fault, RefusalKind, Result},
    identity::{Caller, Permission, Purpose},
    ids::NotificationId,
    plugins::{self, Serves},
    ports,
};

/// The most keys of one notification that anything is done about.
const KEYS: usize = 20;

/// Has a notification's keys told by the adapter that serves now. Without effect on one that was handled.
pub async fn handle(app: &App, caller: &Caller, id: NotificationId) -> Result<()> {
    let mut tx = app.db.read(caller, Permission::AcceptedWork).await?;
    let key = app.vault.key(&mut tx, caller.scope().reseller()).await?;
    let notification = store::find(&mut tx, id).await?.open(&key)?;
    drop(tx);
    if notification.state != "received" {
        return Ok(());
    }
    let carrier = notification.carrier;
    let keys = match keys(app, caller, &notification).await {
        Ok(keys) => keys,
        // The host had no time, which passes.
        Err(Fault::Refused(refusal))
            if refusal.kind == RefusalKind::TooMany || refusal.code == "plugin_deadline_exceeded" =>
        {
            return Err(Fault::broken(refusal.message));
        }
        Err(Fault::Refused(refusal)) => {
            let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
            store::failed(&mut tx, id, &refusal.message).await?;
            return tx.commit_housekeeping(Housekeeping::Notification).await;
        }
        Err(fault) => return Err(fault),
    };
    let reads = ports::to_look_at(app, caller, carrier, &keys).await?;
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let mut operations = operations::wake(&mut tx, carrier, &keys).await?;
    for read in reads {
        operations.push(operations::start(&mut tx, read).await?);
    }
    store::handled(&mut tx, id, &keys, &operations).await?;
    tx.commit_housekeeping(Housekeeping::Notification).await
}

/// Says of a notification whose job is set aside that nothing came of it. What it was about is found by asking, too.
pub async fn set_aside(app: &App, caller: &Caller, id: NotificationId, error: &str) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    if !store::is_new(&mut tx, id).await? {
        return Ok(());
    }
    store::failed(&mut tx, id, error).await?;
    tx.commit_housekeeping(Housekeeping::Notification).await
}

async fn keys(app: &App, caller: &Caller, notification: &super::Notification) -> Result<Vec<String>> {
    let mut tx = app.db.house(&caller.for_house(Purpose::Carrier)).await?;
    carriers::carrier(&mut tx, notification.carrier).await?;
    let what = Serves::Carrier(notification.carrier, caller.scope().reseller());
    let serving = plugins::serving(&mut tx, what, app.now()).await?;
    drop(tx);
    let content = &notification.content;
    let asked = (content.headers(), content.body.clone());
    let mut keys = plugins::carrier_notified(app, caller, serving.release, asked).await?;
    keys.sort();
    keys.dedup();
    keys.truncate(KEYS);
    Ok(keys)
}
