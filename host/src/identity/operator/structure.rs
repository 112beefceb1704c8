//! What operators see of tenants: who they are, below whom, in which state and at which addresses. Never what is in them.

use serde_json::json;

use super::{MACHINE, Operator, home};
use crate::{
    app::{App, Timestamp},
    audit,
    db::OperatorTx,
    fault::{Fault, Result},
    identity::{store, suspensions::Suspension, tenants::Tenant},
    ids::TenantId,
    page::{Items, Page},
};

/// Which tenants are wanted; none of a field means any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `reseller` or `customer`.
    pub kind: Option<String>,
    /// `active`, `suspended` or `leaving`.
    pub state: Option<String>,
    /// A reseller and its customers.
    pub reseller: Option<TenantId>,
}

/// A tenant as operators see it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The tenant.
    pub tenant: Tenant,
    /// How many customers a reseller has.
    pub customers: u64,
}

/// A host name of a tenant.
#[derive(Debug, Clone)]
pub struct Host {
    /// The name.
    pub host: String,
    /// Since when it is known to be the tenant's; none while it is not.
    pub proven_at: Option<Timestamp>,
}

/// One tenant with what belongs to its structure.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The tenant.
    pub listed: Listed,
    /// Where it is served; a customer is served at its reseller's.
    pub hosts: Vec<Host>,
    /// Why it is suspended, while it is.
    pub suspension: Option<Suspension>,
}

/// Resellers and customers, in the order in which they were made.
pub async fn tenants(app: &App, operator: &Operator, filter: &Filter, page: Page) -> Result<Items<Listed>> {
    let mut tx = app.db.operator().await?;
    let rows = store::tenants(&mut tx, filter, page).await?;
    let items = page.cut(operator.home, "operator/tenants", rows, |listed| {
        listed.tenant.scope.tenant().uuid()
    });
    let event = audit::Event::done("tenant.list", None, json!({ "tenants": items.items.len() }));
    operator.commit(app, tx, event).await?;
    Ok(items)
}

/// One tenant.
pub async fn tenant(app: &App, operator: &Operator, id: TenantId) -> Result<Shown> {
    let mut tx = app.db.operator().await?;
    let listed = find(&mut tx, id).await?;
    let scope = listed.tenant.scope;
    let shown = Shown {
        hosts: store::hosts(&mut tx, scope).await?,
        suspension: store::open_suspension(&mut tx, scope).await?,
        listed,
    };
    let event = audit::Event::done("tenant.look", id.uuid(), json!({}));
    operator.commit(app, tx, event).await?;
    Ok(shown)
}

/// Every reseller and customer, for the command on the machine.
pub async fn all(app: &App) -> Result<Vec<Tenant>> {
    let mut tx = app.db.operator().await?;
    let own = home(&mut tx).await?;
    let tenants = store::all_tenants(&mut tx).await?;
    let event = audit::Event::done("tenant.list", None, json!({ "tenants": tenants.len() }));
    tx.commit(own, &MACHINE, app.now(), event).await?;
    Ok(tenants)
}

/// A reseller or a customer; the operators' own row is neither.
pub(crate) async fn find(tx: &mut OperatorTx, id: TenantId) -> Result<Listed> {
    let found = store::any_tenant(tx, id).await?;
    found
        .filter(|listed| listed.tenant.kind != "operator")
        .ok_or(Fault::Missing)
}
