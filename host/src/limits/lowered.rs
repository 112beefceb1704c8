//! A reseller lowers what its customers may use.

use serde_json::json;

use super::{Limit, Standing, store};
use crate::{
    app::App,
    audit,
    db::Tx as _,
    fault::{Fault, Result},
    identity::{Caller, Permission, tenants},
    ids::TenantId,
};

/// The limits of one of the caller's customers.
pub async fn of_customer(app: &App, caller: &Caller, customer: TenantId) -> Result<Standing> {
    let mut tx = app.db.read(caller, Permission::CustomersRead).await?;
    let scope = tenants::find_customer(&mut tx, customer).await?.scope;
    Ok(store::grounds(tx.conn(), scope).await?.standing(scope))
}

/// Lowers a limit of one of the caller's customers. More than the operator gives is refused.
pub async fn lower(
    app: &App,
    caller: &Caller,
    customer: TenantId,
    limit: Limit,
    value: u64,
) -> Result<Standing> {
    limit.check(value)?;
    let mut tx = app.db.write(caller, Permission::CustomersWrite).await?;
    let scope = tenants::find_customer(&mut tx, customer).await?.scope;
    if !limit.is_of(scope) {
        let rule = format!("customers have no limit {}", limit.name());
        return Err(Fault::invalid("limit_not_a_customers", rule));
    }
    let given = store::grounds(tx.conn(), scope).await?.given(scope, limit).value;
    if value > given {
        let rule = format!("{} is {value}, a customer can have at most {given}", limit.name());
        return Err(Fault::invalid("limit_beyond_own", rule));
    }
    let now = tx.now();
    store::lower(&mut tx, scope, limit, value, now).await?;
    let standing = store::grounds(tx.conn(), scope).await?.standing(scope);
    let detail = json!({ "limit": limit.name(), "value": value });
    let event = audit::Event::done("customer_limit.lower", customer.uuid(), detail);
    tx.commit(event).await?;
    Ok(standing)
}

/// Lets a customer have again what the operator gives.
pub async fn restore(app: &App, caller: &Caller, customer: TenantId, limit: Limit) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::CustomersWrite).await?;
    let scope = tenants::find_customer(&mut tx, customer).await?.scope;
    store::restore(&mut tx, scope, limit).await?;
    let detail = json!({ "limit": limit.name() });
    let event = audit::Event::done("customer_limit.restore", customer.uuid(), detail);
    tx.commit(event).await
}
