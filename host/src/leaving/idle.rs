//! Whether anything of a leaving tenant's is still under way: nobody leaves a port high behind, or an order that a
//! carrier may yet carry out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    carriers::operations,
    db::{Scope, Tx},
    fault::{Fault, Result},
    identity::tenants,
    ids::TenantId,
    ports::{self, Pending},
};

/// How many tenants a refusal names.
const NAMED: usize = 10;

/// How much of one tenant's is not over.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnderWay {
    changes: u32,
    legs: u32,
    operations: u32,
}

/// What is not over, by tenant; nothing where all of the leaving tenants are idle.
pub(super) async fn under_way(tx: &mut impl Tx, of: Scope) -> Result<BTreeMap<TenantId, UnderWay>> {
    let mut found = BTreeMap::<_, UnderWay>::new();
    for pending in ports::pending(tx, of).await? {
        match pending {
            Pending::Change(tenant) => found.entry(tenant).or_default().changes += 1,
            Pending::Leg(tenant) => found.entry(tenant).or_default().legs += 1,
        }
    }
    for tenant in operations::under_way(tx, of).await? {
        found.entry(tenant).or_default().operations += 1;
    }
    Ok(found)
}

/// Refuses while a window lies ahead or is up, a return leg is pending or a carrier is being asked: says whose, and how
/// much.
pub(super) async fn check(tx: &mut impl Tx, of: Scope) -> Result<()> {
    let found = under_way(tx, of).await?;
    if found.is_empty() {
        return Ok(());
    }
    let mut named = Vec::new();
    for (tenant, under_way) in found.iter().take(NAMED) {
        let slug = tenants::find(tx, *tenant).await?.slug;
        named.push(format!("{slug}: {}", under_way.words()));
    }
    if found.len() > NAMED {
        named.push(format!("and {} more tenants", found.len() - NAMED));
    }
    let message = format!("not everything is over: {}", named.join("; "));
    Err(Fault::conflict("work_pending", message))
}

/// The same for a trail, which names tenants by their ids alone.
pub(super) fn detail(found: &BTreeMap<TenantId, UnderWay>) -> Value {
    let told = found.iter().map(|(tenant, under_way)| {
        let UnderWay {
            changes,
            legs,
            operations,
        } = under_way;
        json!({ "tenant": tenant.uuid(), "bandwidth_changes": changes, "return_legs": legs, "operations": operations })
    });
    json!({ "code": "work_pending", "of": told.collect::<Vec<_>>() })
}

impl UnderWay {
    fn words(self) -> String {
        let Self {
            changes,
            legs,
            operations,
        } = self;
        format!("{changes} bandwidth changes, {legs} return legs, {operations} operations")
    }
}
