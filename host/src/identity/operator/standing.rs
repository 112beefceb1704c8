//! Suspending a tenant and resuming it. A suspended tenant begins nothing new, and neither do a suspended reseller's
//! customers; what was accepted goes on, above all a port's way back down.

use serde_json::json;

use super::{Operator, structure};
use crate::{
    app::App,
    audit,
    fault::{Fault, OnConstraint as _, Result},
    identity::{
        store,
        suspensions::{self, Suspension},
    },
    ids::TenantId,
};

/// Refuses the tenant's new work from the next request on, at every host.
pub async fn suspend(app: &App, operator: &Operator, id: TenantId, reason: &str) -> Result<Suspension> {
    suspensions::check_reason(reason)?;
    let mut tx = app.db.operator().await?;
    let scope = structure::find(&mut tx, id).await?.tenant.scope;
    let suspension = Suspension {
        id: app.id(),
        tenant: id,
        reason: reason.to_owned(),
        suspended_at: app.now(),
        resumed_at: None,
    };
    store::move_tenant(&mut tx, scope, "active", "suspended")
        .await?
        .then_some(())
        .ok_or_else(|| Fault::conflict("tenant_not_active", "only an active tenant can be suspended"))?;
    store::insert_suspension(&mut tx, scope, operator.id(), &suspension)
        .await
        .on_constraint("suspension_once", || {
            Fault::conflict("tenant_not_active", "only an active tenant can be suspended")
        })?;
    let detail = json!({ "reason": reason, "suspension": suspension.id.uuid() });
    let event = audit::Event::done("tenant.suspend", id.uuid(), detail);
    operator.commit_at(app, tx, scope, event).await?;
    Ok(suspension)
}

/// Lets the tenant begin new work again.
pub async fn resume(app: &App, operator: &Operator, id: TenantId) -> Result<()> {
    let mut tx = app.db.operator().await?;
    let scope = structure::find(&mut tx, id).await?.tenant.scope;
    store::move_tenant(&mut tx, scope, "suspended", "active")
        .await?
        .then_some(())
        .ok_or_else(|| Fault::conflict("tenant_not_suspended", "the tenant is not suspended"))?;
    store::end_suspension(&mut tx, scope, operator.id(), app.now()).await?;
    let event = audit::Event::done("tenant.resume", id.uuid(), json!({}));
    operator.commit_at(app, tx, scope, event).await
}
