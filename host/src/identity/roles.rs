//! Roles: named sets of permissions, made by a tenant for its own members. Nobody gives what they do not have, and
//! somebody who can change members stays.

use serde_json::json;

use super::{Caller, Permission, Permissions, members, store, tenants::check_name};
use crate::{
    app::App,
    audit,
    db::{Scope, Tx as _},
    etag::{self, Etag, Expected},
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
    /// Rises with every change.
    pub version: i32,
}

/// What to change of a role; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Another name.
    pub name: Option<String>,
    /// All that it gives from now on.
    pub permissions: Option<Vec<Permission>>,
}

impl Role {
    /// This version as the caller is given it.
    pub fn etag(&self, caller: &Caller) -> Etag {
        Etag::new(caller.scope(), "role", &self.id.to_string(), &[self.version])
    }

    /// Whether its tenant could not hold one of these.
    fn check_for_tenant(&self, permissions: &[Permission]) -> Result<()> {
        let beyond = permissions.iter().find(|permission| !permission.for_customers());
        match (self.scope.customer(), beyond) {
            (Some(_), Some(permission)) => Err(Fault::invalid(
                "permission_not_for_customers",
                format!("no role of a customer can hold {}", permission.name()),
            )),
            _ => Ok(()),
        }
    }
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
        version: 1,
    };
    let now = tx.now();
    store::insert_role(tx.conn(), &role, now)
        .await
        .on_constraint("role_name_unique", name_taken)?;
    tx.commit(audit::Event::done(
        "role.add",
        role.id.uuid(),
        json!({ "name": role.name }),
    ))
    .await?;
    Ok(role)
}

/// One role.
pub async fn find(app: &App, caller: &Caller, id: RoleId) -> Result<Role> {
    let mut tx = app.db.read(caller, Permission::MembersRead).await?;
    store::role(&mut tx, id).await
}

/// Changes a role for all who hold it, from their next request on. What it did not give before, the caller must have.
pub async fn change(app: &App, caller: &Caller, id: RoleId, edit: Edit, expected: &Expected) -> Result<Role> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let found = store::role(&mut tx, id).await?;
    expected.check(&found.etag(caller))?;
    let Edit { name, permissions } = edit;
    let mut role = Role {
        name: name.unwrap_or_else(|| found.name.clone()),
        permissions: permissions.unwrap_or_else(|| found.permissions.clone()),
        ..found.clone()
    };
    check_name(&role.name)?;
    let added = role.permissions.iter().copied();
    let added: Vec<_> = added.filter(|new| !found.permissions.contains(new)).collect();
    role.check_for_tenant(&added)?;
    within(caller, &added)?;
    let tenant = role.scope.tenant();
    store::hold_people(&mut tx, tenant).await?;
    let before = members::owners(&mut tx, tenant).await?;
    let changed = store::change_role(&mut tx, &role).await;
    if !changed.on_constraint("role_name_unique", name_taken)? {
        return Err(etag::stale());
    }
    members::keep_an_owner(&mut tx, tenant, before).await?;
    let names = |role: &Role| role.permissions.iter().map(|p| p.name()).collect::<Vec<_>>();
    let detail = json!({ "name": role.name, "before": names(&found), "now": names(&role) });
    tx.commit(audit::Event::done("role.change", id.uuid(), detail))
        .await?;
    role.version += 1;
    Ok(role)
}

/// Takes a role away that nobody holds and no open invitation gives.
pub async fn remove(app: &App, caller: &Caller, id: RoleId, expected: &Expected) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let (role, now) = (store::role(&mut tx, id).await?, tx.now());
    expected.check(&role.etag(caller))?;
    store::hold_people(&mut tx, role.scope.tenant()).await?;
    let (members, invitations) = store::uses_of_role(&mut tx, &role, now).await?;
    if members + invitations > 0 {
        let held =
            format!("members who hold the role: {members}; open invitations that give it: {invitations}");
        return Err(Fault::conflict("role_in_use", held));
    }
    store::remove_role(&mut tx, &role, now).await?;
    tx.commit(audit::Event::done(
        "role.remove",
        id.uuid(),
        json!({ "name": role.name }),
    ))
    .await
}

fn name_taken() -> Fault {
    Fault::conflict("role_name_taken", "another role has this name")
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
