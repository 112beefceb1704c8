//! The platform's operator: a tenant row of its own kind, a login, a pool and a type of its own. It sees the structure
//! of tenants across resellers and none of their content, and each look is in its audit trail.

use serde_json::json;

use super::{Actor, ActorKind, store, tenants, tenants::Tenant};
use crate::{
    app::{self, App, Timestamp},
    audit,
    db::{Db, Scope},
    fault::{Fault, Result},
    ids::TenantId,
};

const OPERATOR: Actor = Actor {
    kind: ActorKind::Operator,
    id: None,
    initiated_by: None,
};

/// Makes the operator's row on an empty database. Hosts that start at once agree on one.
pub async fn ensure(db: &Db, now: Timestamp) -> Result<()> {
    let mut tx = db.operator().await?;
    if store::operator(&mut tx).await?.is_some() {
        return Ok(());
    }
    let id: TenantId = app::new_id(now);
    let scope = Scope::new(id, id);
    let new = tenants::NewTenant {
        slug: "operator".into(),
        name: "Operator".into(),
        currency: "EUR".into(),
        time_zone: "UTC".into(),
    };
    let row = tenants::tenant(scope, "operator", new, chrono_tz::UTC, now);
    if store::insert_operator(&mut tx, &row).await? {
        let event = audit::Event::done("operator.make", id.uuid(), json!({}));
        tx.commit(scope, &OPERATOR, now, event).await?;
    }
    Ok(())
}

/// Every reseller and customer, in the order in which they were made.
pub async fn tenants(app: &App) -> Result<Vec<Tenant>> {
    let mut tx = app.db.operator().await?;
    let own = store::operator(&mut tx).await?;
    let scope = own.ok_or_else(|| Fault::broken("the operator has no tenant row"))?;
    let tenants = store::all_tenants(&mut tx).await?;
    let event = audit::Event::done("tenant.list", None, json!({ "tenants": tenants.len() }));
    tx.commit(scope, &OPERATOR, app.now(), event).await?;
    Ok(tenants)
}
