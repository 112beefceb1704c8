//! Roles: named sets of permissions, made by a tenant for its own members. Nobody gives what they do not have.

use serde_json::json;

use super::{Caller, Permission, Permissions, store, tenants::check_name};
use crate::{
    app::App,
    audit,
    db::{Scope, Tx as _},
    fault::{Fault, OnConstraint as _, Result},
    ids::RoleId,
    page::{Items, Page},
};

/// A named set of permissions in one tenant.
#[derive(Debug, Clone)]
pub struct Role {
    /// The tenant whose role it is.
    pub scope: Scope,
    /// Which one.
    pub id: RoleId,
    /// Name for people; code never looks at it.
    pub name: String,
    /// What it gives.
    pub permissions: Vec<Permission>,
}

/// The roles of the caller's tenant.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Role>> {
    let mut tx = app.db.read(caller, Permission::MembersRead).await?;
    let rows = store::roles(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "roles", rows, |role| role.id.uuid()))
}

/// Makes a role of permissions that the caller itself has.
pub async fn add(app: &App, caller: &Caller, name: String, permissions: Vec<Permission>) -> Result<Role> {
    check_name(&name)?;
    within(caller, &permissions)?;
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let role = Role {
        scope: caller.scope(),
        id: app.id(),
        name,
        permissions,
    };
    let now = tx.now();
    store::insert_role(tx.conn(), &role, now)
        .await
        .on_constraint("role_name_unique", || {
            Fault::conflict("role_name_taken", "another role has this name")
        })?;
    tx.commit(audit::Event::done(
        "role.add",
        role.id.uuid(),
        json!({ "name": role.name }),
    ))
    .await?;
    Ok(role)
}

/// Refuses to give what the caller does not have.
pub(super) fn within(caller: &Caller, permissions: &[Permission]) -> Result<()> {
    let wanted: Permissions = permissions.iter().copied().collect();
    match wanted.beyond(caller.permissions()).next() {
        None => Ok(()),
        Some(permission) => Err(Fault::invalid(
            "permission_beyond_own",
            format!(
                "the permission {} cannot be given by somebody who lacks it",
                permission.name()
            ),
        )),
    }
}
