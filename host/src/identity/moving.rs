//! What whoever administers the machine does with tenants: taking one from one platform to another, all of it and none of it
//! looked at; and having the host look through every house's plugins, which shows nothing of what they were asked.

use serde_json::json;

use super::{
    Actor, ActorKind, Caller, Initiator, Permission, TenantState, caller::Principal, operator::structure,
    store,
};
use crate::{
    app::App,
    audit,
    db::Scope,
    fault::{Fault, Result},
    ids::TenantId,
};

const MACHINE: Actor = Actor {
    kind: ActorKind::Operator,
    id: None,
    initiated_by: None,
};

/// The right to move one tenant.
pub struct Mover(Scope);

impl Mover {
    /// Whose data it is.
    pub fn scope(&self) -> Scope {
        self.0
    }

    /// Who an audit event names.
    pub fn actor(&self) -> Actor {
        MACHINE
    }

    /// Notes in the tenant's own trail that it was taken away.
    pub async fn took_away(self, app: &App) -> Result<()> {
        let tx = app.db.operator().await?;
        let event = audit::Event::done("tenant.move_away", self.0.tenant().uuid(), json!({}));
        tx.commit(self.0, &MACHINE, app.now(), event).await
    }
}

/// The right to take a tenant away from this platform.
pub async fn take_away(app: &App, tenant: TenantId) -> Result<Mover> {
    let mut tx = app.db.operator().await?;
    let found = store::any_tenant(&mut tx, tenant).await?;
    let found = found.filter(|listed| listed.tenant.kind != "operator");
    Ok(Mover(found.ok_or(Fault::Missing)?.tenant.scope))
}

/// The right to bring a reseller to this platform, who is not here yet.
pub fn bring(reseller: TenantId) -> Mover {
    Mover(Scope::new(reseller, reseller))
}

/// Every reseller by its short name, to be examined by the host itself. Each one's trail tells that it is.
pub async fn examine(app: &App) -> Result<Vec<(String, Caller)>> {
    let mut houses = Vec::new();
    for tenant in structure::all(app).await? {
        if tenant.kind != "reseller" || tenant.state == "gone" {
            continue;
        }
        let tx = app.db.operator().await?;
        let event = audit::Event::done("plugin.examine", tenant.scope.tenant().uuid(), json!({}));
        tx.commit(tenant.scope, &MACHINE, app.now(), event).await?;
        houses.push((tenant.slug, examiner(tenant.scope)));
    }
    Ok(houses)
}

fn examiner(house: Scope) -> Caller {
    let host = Initiator {
        kind: ActorKind::System,
        id: house.tenant().uuid(),
    };
    let looks = [Permission::PluginsReplay].into_iter().collect();
    Caller::new(house, Principal::System(host), looks, TenantState::Active)
}
