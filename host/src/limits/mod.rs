//! How much each tenant may use. A limit's value in force comes from the code's default, the plan that the operator offers
//! its reseller, what the operator changed for this tenant, and what its reseller lowered, and says which it was. Read anew
//! whenever it counts, so an edit needs no restart. Knows nothing of what is limited: who counts asks here.

mod class;
mod effective;
mod fuel;
mod limit;
mod lowered;
pub mod operator;
mod rate;
mod store;

pub use class::admit_class;
pub use effective::{Effective, Source, Standing};
pub use fuel::{Use, admit_plugin_work, burn, uses};
pub use limit::Limit;
pub use lowered::{lower, of_customer, restore};
pub use rate::{Quota, Rates, Spent};

use crate::{
    app::App,
    db::Tx,
    fault::{Fault, Result},
    identity::{Caller, Permission, Purpose},
};

/// The limits of the caller's tenant.
pub async fn own(app: &App, caller: &Caller) -> Result<Standing> {
    // The permission is checked by the caller's own door; what a customer's limits come from is in the house.
    drop(app.db.read(caller, Permission::TenantRead).await?);
    let mut tx = app.db.house(&caller.for_house(Purpose::Limits)).await?;
    let scope = caller.scope();
    let mut standing = store::grounds(tx.conn(), scope).await?.standing(scope);
    if scope.customer().is_none() {
        standing.plugin_fuel_used_today = Some(fuel::today(app, &mut tx).await?);
    }
    Ok(standing)
}

/// How much of it the transaction's own tenant may have.
pub async fn allowed(tx: &mut impl Tx, limit: Limit) -> Result<u64> {
    let scope = tx.scope();
    let grounds = store::grounds(tx.conn(), scope).await?;
    Ok(grounds.effective(scope, limit).value)
}

/// Refuses one more where `used` of them is all that the transaction's own tenant may have. Whoever counts holds a lock,
/// so that two at once are not both the last.
pub async fn room(tx: &mut impl Tx, limit: Limit, used: u64) -> Result<()> {
    let allowed = allowed(tx, limit).await?;
    if used < allowed {
        return Ok(());
    }
    Err(Fault::conflict(
        "limit_reached",
        format!("there are {used} {}, and the limit is {allowed}", limit.name()),
    ))
}
