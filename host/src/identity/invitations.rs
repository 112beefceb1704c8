//! Invitations into a tenant. A reseller invites into its customers too.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Caller, Permission, entrance, roles, store,
    token::{Sort, Token},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Scope, WriteTx},
    fault::{Fault, OnConstraint as _, Result},
    ids::{RoleId, TenantId},
};

/// How long an invitation can be accepted.
const INVITATION: TimeDelta = TimeDelta::days(7);

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

/// Invites an address into the caller's tenant, with a role of that tenant that gives nothing the caller lacks: its
/// owner's unless another one is named.
pub async fn invite(app: &App, caller: &Caller, email: &str, role: Option<RoleId>) -> Result<Invitation> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let role = role_or_owner(&mut tx, caller.scope(), role).await?;
    let given = store::role_gives(&mut tx, caller.scope(), role).await?;
    roles::within(caller, &given.ok_or(Fault::Missing)?)?;
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
