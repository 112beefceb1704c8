//! What the operator offers: plans, which plan a reseller has, and single limits changed for one tenant.

use serde_json::json;

use super::{Limit, Standing, effective::Values, store};
use crate::{
    app::{App, Timestamp},
    audit,
    fault::{Fault, Result},
    identity::operator::{Operator, structure},
    ids::TenantId,
};

/// A plan that the operator offers.
#[derive(Debug, Clone)]
pub struct Plan {
    /// 1 to 40 of a-z, 0-9 and hyphen.
    pub name: String,
    /// What it says; what it does not say is the default.
    pub limits: Vec<(Limit, u64)>,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// Every plan, by name.
pub async fn plans(app: &App, operator: &Operator) -> Result<Vec<Plan>> {
    let mut tx = app.db.operator().await?;
    let plans = store::plans(&mut tx).await?;
    let event = audit::Event::done("plan.list", None, json!({ "plans": plans.len() }));
    operator.commit(app, tx, event).await?;
    Ok(plans)
}

/// Offers a plan, or changes one for every reseller that has it.
pub async fn put_plan(app: &App, operator: &Operator, name: &str, limits: Vec<(Limit, u64)>) -> Result<Plan> {
    let word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    let ends = bytes.first().is_some_and(word) && bytes.last().is_some_and(word);
    if !ends || bytes.len() > 40 || !bytes.iter().all(|b| word(b) || *b == b'-') {
        let rule = "a plan's name has 1 to 40 of a-z, 0-9 and hyphen, with no hyphen at its ends";
        return Err(Fault::invalid("plan_name_invalid", rule));
    }
    for (limit, value) in &limits {
        limit.check(*value)?;
    }
    let plan = Plan {
        name: name.to_owned(),
        limits,
        changed_at: app.now(),
    };
    let mut tx = app.db.operator().await?;
    store::put_plan(&mut tx, &plan).await?;
    let detail = json!({ "name": name, "limits": values(&plan.limits) });
    operator
        .commit(app, tx, audit::Event::done("plan.put", None, detail))
        .await?;
    Ok(plan)
}

/// Gives a reseller a plan.
pub async fn choose_plan(app: &App, operator: &Operator, reseller: TenantId, plan: &str) -> Result<Standing> {
    let mut tx = app.db.operator().await?;
    let scope = structure::find(&mut tx, reseller).await?.tenant.scope;
    if scope.customer().is_some() {
        let rule = "a customer has its reseller's plan; single limits can be changed for it";
        return Err(Fault::invalid("not_a_reseller", rule));
    }
    if !store::plans(&mut tx)
        .await?
        .iter()
        .any(|known| known.name == plan)
    {
        return Err(Fault::invalid("plan_unknown", "there is no such plan"));
    }
    store::choose_plan(&mut tx, scope, plan, app.now()).await?;
    let standing = store::grounds(tx.conn(), scope).await?.standing(scope);
    let event = audit::Event::done("plan.choose", reseller.uuid(), json!({ "plan": plan }));
    operator.commit_at(app, tx, scope, event).await?;
    Ok(standing)
}

/// A tenant's limits.
pub async fn limits(app: &App, operator: &Operator, tenant: TenantId) -> Result<Standing> {
    let mut tx = app.db.operator().await?;
    let scope = structure::find(&mut tx, tenant).await?.tenant.scope;
    let standing = store::grounds(tx.conn(), scope).await?.standing(scope);
    let event = audit::Event::done("limit.look", tenant.uuid(), json!({}));
    operator.commit(app, tx, event).await?;
    Ok(standing)
}

/// Changes one limit for one tenant, whatever its plan says; none goes back to the plan.
pub async fn change(
    app: &App,
    operator: &Operator,
    tenant: TenantId,
    limit: Limit,
    value: Option<u64>,
) -> Result<Standing> {
    let mut tx = app.db.operator().await?;
    let scope = structure::find(&mut tx, tenant).await?.tenant.scope;
    if !limit.is_of(scope) {
        let rule = format!("customers have no limit {}", limit.name());
        return Err(Fault::invalid("limit_not_a_customers", rule));
    }
    match value {
        Some(value) => {
            limit.check(value)?;
            store::set_override(&mut tx, scope, limit, value, app.now()).await?;
        }
        None => store::drop_override(&mut tx, scope, limit).await?,
    }
    let standing = store::grounds(tx.conn(), scope).await?.standing(scope);
    let detail = json!({ "limit": limit.name(), "value": value });
    let event = audit::Event::done("limit.change", tenant.uuid(), detail);
    operator.commit_at(app, tx, scope, event).await?;
    Ok(standing)
}

pub(super) fn values(limits: &[(Limit, u64)]) -> Values {
    limits
        .iter()
        .map(|(limit, value)| (limit.name().to_owned(), *value))
        .collect()
}
