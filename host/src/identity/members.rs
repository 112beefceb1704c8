//! A tenant's people: members and the roles they hold.

use serde_json::json;

use super::{Caller, Permission, roles, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Scope, WriteTx},
    fault::{Fault, Result},
    ids::{MembershipId, RoleId, TenantId, UserId},
    page::{Items, Page},
};

/// The most roles of one member.
const ROLES_AT_MOST: usize = 20;

/// A person's standing in a tenant.
#[derive(Debug, Clone)]
pub struct Member {
    /// The membership.
    pub id: MembershipId,
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// Where mail reaches the person.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// The roles held, each with its name.
    pub roles: Vec<(RoleId, String)>,
    /// Since when.
    pub created_at: Timestamp,
}

/// The members of the caller's tenant; for a reseller, of its customers too.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Member>> {
    let mut tx = app.db.read(caller, Permission::MembersRead).await?;
    let rows = store::members(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "members", rows, |member| member.id.uuid()))
}

/// Ends a membership, unless nobody else could change the tenant's members then. The next request of that person is refused; work accepted from it goes on.
pub async fn remove(app: &App, caller: &Caller, id: MembershipId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let (tenant, now) = (store::tenant_of_membership(&mut tx, id).await?, tx.now());
    store::hold_people(&mut tx, tenant).await?;
    if store::holders(&mut tx, tenant, Permission::MembersWrite).await? == [id] {
        return Err(last_owner());
    }
    store::remove_membership(&mut tx, id, now).await?;
    tx.commit(audit::Event::done("membership.remove", id.uuid(), json!({})))
        .await
}

/// The member holds these roles of its tenant from the next request on, and no others. None is given that gives what the
/// caller lacks, and somebody who can change the tenant's members stays.
pub async fn set_roles(app: &App, caller: &Caller, id: MembershipId, roles: Vec<RoleId>) -> Result<()> {
    if roles.len() > ROLES_AT_MOST {
        let rule = format!("a member holds at most {ROLES_AT_MOST} roles");
        return Err(Fault::invalid("roles_too_many", rule));
    }
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let tenant = store::tenant_of_membership(&mut tx, id).await?;
    let of = Scope::new(caller.scope().reseller(), tenant);
    store::hold_people(&mut tx, tenant).await?;
    let held = store::roles_held(&mut tx, tenant, id).await?;
    for role in &roles {
        let gives = store::role_gives(&mut tx, of, *role)
            .await?
            .ok_or(Fault::Missing)?;
        if !held.contains(role) {
            roles::within(caller, &gives)?;
        }
    }
    let before = owners(&mut tx, tenant).await?;
    store::set_roles_held(&mut tx, tenant, id, &roles).await?;
    keep_an_owner(&mut tx, tenant, before).await?;
    let names = |roles: &[RoleId]| roles.iter().map(RoleId::to_string).collect::<Vec<_>>();
    let detail = json!({ "before": names(&held), "now": names(&roles) });
    tx.commit(audit::Event::done("membership.set_roles", id.uuid(), detail))
        .await
}

/// How many can change the tenant's members.
pub(super) async fn owners(tx: &mut WriteTx, tenant: TenantId) -> Result<usize> {
    Ok(store::holders(tx, tenant, Permission::MembersWrite).await?.len())
}

/// Refuses what leaves nobody who can change the tenant's members, where there was somebody before.
pub(super) async fn keep_an_owner(tx: &mut WriteTx, tenant: TenantId, before: usize) -> Result<()> {
    if before > 0 && owners(tx, tenant).await? == 0 {
        return Err(last_owner());
    }
    Ok(())
}

fn last_owner() -> Fault {
    Fault::conflict(
        "last_owner",
        "nobody else of the tenant holds members.write: somebody must, before this one does no more",
    )
}
