//! The fuel that a reseller's plugins burn in a day, UTC. Every call is counted, in the transaction of its run record; past
//! the limit new work is refused. What was accepted goes on: return legs, operations under way, billing what was delivered.

use chrono::{Days, NaiveDate, NaiveTime};

use super::{Limit, store};
use crate::{
    app::{App, Timestamp},
    db::{HouseTx, Scope, Tx as _},
    fault::{Fault, RefusalKind, Result},
    identity::{Caller, Permission, Purpose},
    ids::TenantId,
    page::{Items, Page},
};

/// Refuses new work that needs a plugin, where the caller's house has burned what it may today.
pub async fn admit_plugin_work(app: &App, caller: &Caller) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.house(&caller.for_house(Purpose::Limits)).await?;
    let reseller = tx.scope().reseller();
    let house = Scope::new(reseller, reseller);
    let grounds = store::grounds(tx.conn(), house).await?;
    let allowed = grounds.effective(house, Limit::PluginFuelPerDay).value;
    if store::fuel(tx.conn(), house, now.date_naive()).await? < allowed {
        return Ok(());
    }
    let again = next_day(now).format("%Y-%m-%dT%H:%MZ");
    // How much that is, is the reseller's business.
    let limit = match caller.scope().customer() {
        None => format!(" of {allowed} units"),
        Some(_) => String::new(),
    };
    Err(Fault::refused(
        RefusalKind::TooMany,
        "plugin_budget_spent",
        format!("today's budget{limit} for calculating is spent, the next begins at {again}"),
    ))
}

/// What the caller's house burned today.
pub(super) async fn today(app: &App, tx: &mut HouseTx) -> Result<u64> {
    let reseller = tx.scope().reseller();
    let house = Scope::new(reseller, reseller);
    store::fuel(tx.conn(), house, app.now().date_naive()).await
}

/// Counts what a call for the transaction's tenant burned in its tries.
pub async fn burn(tx: &mut HouseTx, calls: u64, fuel: u64, at: Timestamp) -> Result<()> {
    let day = at.date_naive();
    store::use_of_tenant(tx, day, calls, fuel).await?;
    // Last, since the row of a day is every call's: it is held only until the commit that follows.
    store::burn(tx, fuel, day).await
}

/// What calls for one tenant burned in a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The reseller itself, or one of its customers.
    pub tenant: TenantId,
    /// UTC.
    pub day: NaiveDate,
    /// Tries of calls, whatever became of them.
    pub calls: u64,
    /// Units of fuel.
    pub fuel: u64,
}

/// What calls for each tenant of the caller's house burned on a day, in the order of tenants' ids.
pub async fn uses(app: &App, caller: &Caller, day: NaiveDate, list: &str, page: Page) -> Result<Items<Use>> {
    let mut tx = app.db.read(caller, Permission::PluginsRead).await?;
    let uses = store::uses(&mut tx, day, page).await?;
    Ok(page.cut(caller.scope(), list, uses, |used| used.tenant.uuid()))
}

fn next_day(now: Timestamp) -> chrono::NaiveDateTime {
    (now.date_naive() + Days::new(1)).and_time(NaiveTime::MIN)
}
