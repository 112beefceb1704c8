//! A tenant's people: members, the roles they hold, and invitations. A reseller invites into its customers too.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Caller, Permission, Permissions, entrance, store,
    tenants::check_name,
    token::{Sort, Token},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Scope, Tx as _, WriteTx},
    fault::{Fault, OnConstraint as _, Result},
    ids::{MembershipId, RoleId, TenantId, UserId},
    page::{Items, Page},
};

pub use super::store::Role;

/// How long an invitation can be accepted.
const INVITATION: TimeDelta = TimeDelta::days(7);

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

/// An invitation with its token, given out once.
pub struct Invitation {
    /// Which one.
    pub id: uuid::Uuid,
    /// Into which tenant.
    pub tenant: TenantId,
    /// For whom.
    pub email: String,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// What the invited person shows.
    pub token: Token,
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

/// The roles of the caller's tenant.
pub async fn roles(app: &App, caller: &Caller, page: Page) -> Result<Items<Role>> {
    let mut tx = app.db.read(caller, Permission::MembersRead).await?;
    let rows = store::roles(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "roles", rows, |role| role.id.uuid()))
}

/// Makes a role of permissions that the caller itself has.
pub async fn add_role(
    app: &App,
    caller: &Caller,
    name: String,
    permissions: Vec<Permission>,
) -> Result<Role> {
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

/// Invites an address into the caller's tenant, with a role of that tenant that gives nothing the caller lacks: its
/// owner's unless another one is named.
pub async fn invite(app: &App, caller: &Caller, email: &str, role: Option<RoleId>) -> Result<Invitation> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let role = role_or_owner(&mut tx, caller.scope(), role).await?;
    let given = store::role_gives(&mut tx, caller.scope(), role).await?;
    within(caller, &given.ok_or(Fault::Missing)?)?;
    invite_into(app, tx, caller.scope(), email, role).await
}

/// A reseller invites an address into one of its customers, as its owner unless another role is named.
pub async fn invite_to_customer(
    app: &App,
    caller: &Caller,
    customer: TenantId,
    email: &str,
    role: Option<RoleId>,
) -> Result<Invitation> {
    let mut tx = app.db.write(caller, Permission::CustomersWrite).await?;
    let found = store::tenant(&mut tx, customer).await?;
    found.scope.customer().ok_or(Fault::Missing)?;
    let role = role_or_owner(&mut tx, found.scope, role).await?;
    invite_into(app, tx, found.scope, email, role).await
}

async fn role_or_owner(tx: &mut WriteTx, of: Scope, role: Option<RoleId>) -> Result<RoleId> {
    match role {
        Some(role) => Ok(role),
        None => store::role_named(tx, of, "owner").await?.ok_or(Fault::Missing),
    }
}

async fn invite_into(
    app: &App,
    mut tx: WriteTx,
    scope: Scope,
    email: &str,
    role: RoleId,
) -> Result<Invitation> {
    let email = entrance::email(email)?;
    let token = Token::new(Sort::Invitation);
    let invitation = Invitation {
        id: app.id(),
        tenant: scope.tenant(),
        email,
        expires_at: tx.now() + INVITATION,
        token,
    };
    let now = tx.now();
    store::insert_invitation(&mut tx, scope, &invitation, role, now)
        .await
        .on_constraint("invitation_role", || Fault::Missing)?;
    tx.commit(audit::Event::done(
        "invitation.add",
        invitation.id,
        json!({ "tenant": scope.tenant().uuid() }),
    ))
    .await?;
    Ok(invitation)
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
