//! A tenant's people: members and the roles they hold.

use serde_json::json;

use super::{Caller, Permission, store};
use crate::{
    app::{App, Timestamp},
    audit,
    fault::{Fault, Result},
    ids::{MembershipId, TenantId, UserId},
    page::{Items, Page},
};

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
    /// Names of the roles held.
    pub roles: Vec<String>,
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
    if store::holders(&mut tx, tenant, Permission::MembersWrite).await? == [id] {
        return Err(Fault::conflict(
            "last_owner",
            "nobody else of the tenant holds members.write: somebody must, before this membership ends",
        ));
    }
    store::remove_membership(&mut tx, id, now).await?;
    tx.commit(audit::Event::done("membership.remove", id.uuid(), json!({})))
        .await
}
