//! A tenant's people: members and the roles they hold.

use serde_json::json;

use super::{Caller, Permission, store};
use crate::{
    app::{App, Timestamp},
    audit,
    fault::Result,
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

/// Ends a membership. The next request of that person is refused; work accepted from it goes on.
pub async fn remove(app: &App, caller: &Caller, id: MembershipId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let now = tx.now();
    store::remove_membership(&mut tx, id, now).await?;
    tx.commit(audit::Event::done("membership.remove", id.uuid(), json!({})))
        .await
}
