//! An operator inside a tenant: with a reason, for at most an hour, seen by the tenant while and after. During a visit the
//! ordinary API answers as it would the tenant, by permissions of the tenant's that leave nothing behind: to read, and
//! where the visit says so, to do the tenant's daily work. No visit makes keys, members, roles or credentials.

use chrono::TimeDelta;
use serde_json::json;

use super::{Operator, structure};
use crate::{
    app::App,
    audit,
    db::Scope,
    fault::{Fault, Result},
    identity::{
        Caller, Permission, Permissions, Principal, store, suspensions,
        token::{Sort, Token},
        visits::{Extent, Visit},
    },
    ids::{TenantId, VisitId},
    page::{Items, Page},
};

/// The name of the list in cursors.
pub const LIST: &str = "operator/visits";

/// The longest visit.
pub const MINUTES_AT_MOST: u8 = 60;

/// What a visit may do beyond reading, where it says so. A permission that is not named here is none of a visit's: those
/// that give standing, hold secrets or end a tenant must never be.
const WORK: &[Permission] = &[
    Permission::PortsWrite,
    Permission::BandwidthChange,
    Permission::BillingRun,
    Permission::PluginsUpload,
    Permission::PluginsActivate,
];

/// A visit to make.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// Where to.
    pub tenant: TenantId,
    /// Why, for the tenant to read: 10 to 500 visible characters.
    pub reason: String,
    /// For how long: 1 to [`MINUTES_AT_MOST`].
    pub minutes: u8,
    /// What beyond reading.
    pub extent: Extent,
}

/// Begins a visit. Its token is given out here and never again.
pub async fn begin(app: &App, operator: &Operator, new: NewVisit) -> Result<(Visit, Token)> {
    suspensions::check_reason(&new.reason)?;
    if !(1..=MINUTES_AT_MOST).contains(&new.minutes) {
        let rule = format!("minutes is {}, it can be 1 to {MINUTES_AT_MOST}", new.minutes);
        return Err(Fault::invalid("minutes_out_of_range", rule));
    }
    let mut tx = app.db.operator().await?;
    let scope = structure::find(&mut tx, new.tenant).await?.tenant.scope;
    let (token, now) = (Token::new(Sort::Visit), app.now());
    let visit = Visit {
        id: app.id(),
        scope,
        operator: operator.id(),
        reason: new.reason,
        extent: new.extent,
        began_at: now,
        expires_at: now + TimeDelta::minutes(new.minutes.into()),
        ended_at: None,
        ended_by: None,
    };
    store::insert_visit(&mut tx, &visit, &token.hash()).await?;
    let detail = json!({
        "reason": visit.reason, "expires_at": visit.expires_at, "may_write": visit.extent == Extent::Write,
    });
    let event = audit::Event::done("visit.begin", visit.id.uuid(), detail);
    operator.commit_at(app, tx, scope, event).await?;
    Ok((visit, token))
}

/// Ends one of the operator's own visits; the next request of it is refused.
pub async fn end(app: &App, operator: &Operator, id: VisitId) -> Result<()> {
    let (mut tx, now) = (app.db.operator().await?, app.now());
    let first = operator.page(LIST, None, None)?;
    let own = store::own_visits(&mut tx, operator.id(), Some(id), first).await?;
    let visit = own.first().ok_or(Fault::Missing)?;
    store::leave(&mut tx, visit, now).await?;
    let event = audit::Event::done("visit.end", id.uuid(), json!({ "by": "operator" }));
    operator.commit_at(app, tx, visit.scope, event).await
}

/// The operator's own visits, past and present.
pub async fn list(app: &App, operator: &Operator, page: Page) -> Result<Items<Visit>> {
    let mut tx = app.db.operator().await?;
    let rows = store::own_visits(&mut tx, operator.id(), None, page).await?;
    let items = page.cut(operator.home, LIST, rows, |visit| visit.id.uuid());
    let event = audit::Event::done("visit.list", None, json!({ "visits": items.items.len() }));
    operator.commit(app, tx, event).await?;
    Ok(items)
}

/// The operator inside a tenant, while the visit lasts.
pub(in crate::identity) fn caller(visitor: store::Visitor) -> Result<Caller> {
    let principal = Principal::Operator {
        operator: visitor.operator,
        visit: visitor.visit,
    };
    let permissions = permissions(visitor.scope, visitor.extent);
    let state = suspensions::state(&visitor.states)?;
    Ok(Caller::new(visitor.scope, principal, permissions, state))
}

/// What a visit may do in a tenant.
fn permissions(scope: Scope, extent: Extent) -> Permissions {
    let all = Permission::ALL.iter().copied();
    let theirs = all.filter(|permission| scope.customer().is_none() || permission.for_customers());
    theirs
        .filter(|permission| permission.is_read() || extent == Extent::Write && WORK.contains(permission))
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn scope(customer: u128) -> Scope {
        Scope::new(Uuid::from_u128(1).into(), Uuid::from_u128(customer).into())
    }

    #[test]
    fn an_ordinary_visit_reads_and_nothing_else() {
        let some = permissions(scope(1), Extent::Read);
        for permission in Permission::ALL {
            assert_eq!(some.has(*permission), permission.name().ends_with(".read"));
        }
    }

    #[test]
    fn no_visit_makes_standing_that_outlasts_it() {
        let some = permissions(scope(1), Extent::Write);
        for permission in [
            Permission::MembersWrite,
            Permission::KeysWrite,
            Permission::CustomersWrite,
            Permission::CarriersWrite,
            Permission::PluginsApprove,
            Permission::AcceptedWork,
        ] {
            assert!(!some.has(permission), "{}", permission.name());
        }
        assert!(some.has(Permission::BandwidthChange));
    }

    #[test]
    fn a_visit_to_a_customer_has_no_permission_that_customers_cannot_hold() {
        let some = permissions(scope(2), Extent::Write);
        assert!(some.has(Permission::PortsRead) && !some.has(Permission::PluginsRead));
        assert!(some.has(Permission::BandwidthChange) && !some.has(Permission::PortsWrite));
    }
}
