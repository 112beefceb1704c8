//! Runs are kept for as many days as the reseller's plan says. A job of every reseller that has an approved release looks
//! once a day, and deletes some at a time, so that nobody's calls wait behind it.

use chrono::TimeDelta;
use serde_json::json;

use super::store;
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Housekeeping, Tx as _, WriteTx},
    fault::Result,
    identity::{Caller, Permission},
    ids::TenantId,
    jobs::{self, Kind},
    limits::{self, Limit},
};

/// Runs that go in one transaction.
const AT_ONCE: i64 = 5_000;
const EVERY: TimeDelta = TimeDelta::days(1);

/// Has the reseller's old runs looked at from now on. Without effect where they are already.
pub(in crate::plugins) async fn begin(tx: &mut WriteTx) -> Result<()> {
    let (reseller, due_at, by) = (tx.scope().reseller(), tx.now() + EVERY, tx.initiator());
    jobs::enqueue_for(tx, reseller, Kind::ForgetRuns(reseller), due_at, by).await
}

/// Deletes the runs that were kept long enough, and comes back tomorrow.
pub async fn forget(app: &App, caller: &Caller, reseller: TenantId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    begin(&mut tx).await?;
    let days = limits::allowed(&mut tx, Limit::PluginRunDays).await?;
    let before = tx.now() - TimeDelta::days(i64::try_from(days)?);
    let gone = store::forget(&mut tx, before, AT_ONCE).await?;
    done(tx, reseller, gone).await?;
    let mut last = gone;
    while last == AT_ONCE.unsigned_abs() {
        last = some(app, caller, reseller, before).await?;
    }
    Ok(())
}

async fn some(app: &App, caller: &Caller, reseller: TenantId, before: Timestamp) -> Result<u64> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    let gone = store::forget(&mut tx, before, AT_ONCE).await?;
    done(tx, reseller, gone).await?;
    Ok(gone)
}

async fn done(tx: WriteTx, reseller: TenantId, gone: u64) -> Result<()> {
    if gone == 0 {
        // Only that somebody looks again tomorrow.
        return tx.commit_housekeeping(Housekeeping::PluginRun).await;
    }
    let event = audit::Event::done("plugin_run.forget", reseller.uuid(), json!({ "runs": gone }));
    tx.commit(event).await
}
