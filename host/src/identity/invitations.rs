//! Invitations into a tenant. A reseller invites into its customers too. The token goes to the invited mailbox alone, so
//! accepting one proves the address.

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
    ids::{InvitationId, RoleId, TenantId},
    jobs::{self, Kind},
    notify,
    page::{Items, Page},
};

/// How long an invitation can be accepted unless told otherwise.
const DAYS: u32 = 7;
/// The longest that can be asked for.
const MAX_DAYS: u32 = 30;
/// How often an invitation's mail is sent at most.
const MAX_SENT: i32 = 5;

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Which one.
    pub id: InvitationId,
    /// Into which tenant.
    pub tenant: TenantId,
    /// For whom; forgotten when it is over.
    pub email: Option<String>,
    /// The role it gives.
    pub role: RoleId,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// When it was.
    pub accepted_at: Option<Timestamp>,
    /// Since when it cannot be accepted any more.
    pub withdrawn_at: Option<Timestamp>,
    /// How often its mail was sent.
    pub sent: i32,
}

/// Whom to invite.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Where the mail goes.
    pub email: String,
    /// A role of the tenant; its owner's when absent.
    pub role: Option<RoleId>,
    /// 1 to 30, 7 when absent.
    pub expires_in_days: Option<u32>,
}

impl NewInvitation {
    fn lasts(&self) -> Result<TimeDelta> {
        match self.expires_in_days.unwrap_or(DAYS) {
            days @ 1..=MAX_DAYS => Ok(TimeDelta::days(days.into())),
            days => Err(Fault::invalid(
                "expiry_out_of_range",
                format!("an invitation lasts 1 to {MAX_DAYS} days, {days} were asked for"),
            )),
        }
    }
}

impl Invitation {
    /// Refuses what was accepted or withdrawn.
    fn check_open(&self) -> Result<()> {
        match (self.accepted_at, self.withdrawn_at) {
            (None, None) => Ok(()),
            _ => Err(Fault::conflict(
                "invitation_over",
                "the invitation was accepted or withdrawn",
            )),
        }
    }

    /// What a new mail of it is: a new token, as long again, at most 30 days after it was made.
    fn renewed(&self, now: Timestamp, lasts: TimeDelta) -> Result<Timestamp> {
        if self.sent >= MAX_SENT {
            let rule = format!("an invitation is sent at most {MAX_SENT} times");
            return Err(Fault::conflict("invitation_sent_often", rule));
        }
        let expires_at = (now + lasts).min(self.created_at + TimeDelta::days(MAX_DAYS.into()));
        if expires_at <= now {
            let rule = format!("an invitation ends {MAX_DAYS} days after it was made; make another one");
            return Err(Fault::conflict("invitation_over", rule));
        }
        Ok(expires_at)
    }
}

/// Invites an address into the caller's tenant, with a role of that tenant that gives nothing the caller lacks: its
/// owner's unless another one is named.
pub async fn invite(app: &App, caller: &Caller, new: NewInvitation) -> Result<Invitation> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let role = role_or_owner(&mut tx, caller.scope(), new.role).await?;
    let given = store::role_gives(&mut tx, caller.scope(), role).await?;
    roles::within(caller, &given.ok_or(Fault::Missing)?)?;
    invite_into(app, tx, caller.scope(), new, role).await
}

/// A reseller invites an address into one of its customers, as its owner unless another role is named.
pub async fn invite_to_customer(
    app: &App,
    caller: &Caller,
    customer: TenantId,
    new: NewInvitation,
) -> Result<Invitation> {
    let mut tx = app.db.write(caller, Permission::CustomersWrite).await?;
    let found = store::tenant(&mut tx, customer).await?;
    found.scope.customer().ok_or(Fault::Missing)?;
    let role = role_or_owner(&mut tx, found.scope, new.role).await?;
    invite_into(app, tx, found.scope, new, role).await
}

/// The invitations into the caller's tenant; for a reseller, into its customers too.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<Invitation>> {
    let mut tx = app.db.read(caller, Permission::MembersRead).await?;
    let rows = store::invitations(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "invitations", rows, |invitation| {
        invitation.id.uuid()
    }))
}

/// Refuses the invitation from now on.
pub async fn withdraw(app: &App, caller: &Caller, id: InvitationId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    store::invitation(&mut tx, id).await?.check_open()?;
    let now = tx.now();
    store::withdraw_invitation(&mut tx, id, now).await?;
    tx.commit(audit::Event::done("invitation.withdraw", id.uuid(), json!({})))
        .await
}

/// Sends the invitation's mail again, with a new token: the one before works no more.
pub async fn resend(app: &App, caller: &Caller, id: InvitationId) -> Result<Invitation> {
    let mut tx = app.db.write(caller, Permission::MembersWrite).await?;
    let mut invitation = store::invitation(&mut tx, id).await?;
    invitation.check_open()?;
    let lasts = invitation.expires_at - invitation.created_at;
    invitation.expires_at = invitation.renewed(tx.now(), lasts)?;
    invitation.sent += 1;
    let token = Token::new(Sort::Invitation);
    store::renew_invitation(&mut tx, &invitation, &token.hash()).await?;
    let scope = Scope::new(caller.scope().reseller(), invitation.tenant);
    mail(app, &mut tx, scope, &invitation, &token).await?;
    tx.commit(audit::Event::done("invitation.resend", id.uuid(), json!({})))
        .await?;
    Ok(invitation)
}

/// Forgets whom an invitation was for that can be neither accepted nor sent again.
pub async fn forget(app: &App, caller: &Caller, id: InvitationId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::AcceptedWork).await?;
    if store::invitation(&mut tx, id).await?.email.is_none() {
        return Ok(());
    }
    store::forget_invited(&mut tx, id).await?;
    tx.commit(audit::Event::done("invitation.forget", id.uuid(), json!({})))
        .await
}

async fn role_or_owner(tx: &mut WriteTx, of: Scope, role: Option<RoleId>) -> Result<RoleId> {
    match role {
        Some(role) => {
            let given = store::role_gives(tx, of, role).await?;
            given.map(|_| role).ok_or(Fault::Missing)
        }
        None => store::role_named(tx, of, "owner").await?.ok_or_else(|| {
            Fault::invalid(
                "role_needed",
                "a role must be named: the tenant has none called owner",
            )
        }),
    }
}

async fn invite_into(
    app: &App,
    mut tx: WriteTx,
    scope: Scope,
    new: NewInvitation,
    role: RoleId,
) -> Result<Invitation> {
    let (now, lasts) = (tx.now(), new.lasts()?);
    let invitation = Invitation {
        id: app.id(),
        tenant: scope.tenant(),
        email: Some(entrance::email(&new.email)?),
        role,
        created_at: now,
        expires_at: now + lasts,
        accepted_at: None,
        withdrawn_at: None,
        sent: 1,
    };
    let token = Token::new(Sort::Invitation);
    store::insert_invitation(&mut tx, scope, &invitation, &token.hash())
        .await
        .on_constraint("invitation_role", || Fault::Missing)?;
    mail(app, &mut tx, scope, &invitation, &token).await?;
    let ends_at = now + TimeDelta::days(MAX_DAYS.into());
    let (kind, initiator) = (Kind::ForgetInvitation(invitation.id), tx.initiator());
    jobs::enqueue_for(&mut tx, scope.tenant(), kind, ends_at, initiator).await?;
    tx.commit(audit::Event::done(
        "invitation.add",
        invitation.id.uuid(),
        json!({ "tenant": scope.tenant().uuid() }),
    ))
    .await?;
    Ok(invitation)
}

async fn mail(app: &App, tx: &mut WriteTx, of: Scope, invitation: &Invitation, token: &Token) -> Result<()> {
    let tenant = store::tenant(tx, of.tenant()).await?;
    let mail = notify::Mail {
        kind: notify::Kind::Invitation,
        to: invitation
            .email
            .clone()
            .ok_or_else(|| Fault::broken("an open invitation is for nobody"))?,
        token: Some(token.reveal().to_owned()),
        values: vec![
            ("organisation".to_owned(), tenant.name),
            ("valid_until".to_owned(), notify::moment(invitation.expires_at)),
        ],
    };
    notify::queue(app, tx, of, &mail).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        "2026-03-02T12:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::days(day)
    }

    fn invitation(sent: i32) -> Invitation {
        let id = uuid::Uuid::nil();
        Invitation {
            id: id.into(),
            tenant: id.into(),
            email: Some("ann@example.com".into()),
            role: id.into(),
            created_at: at(0),
            expires_at: at(7),
            accepted_at: None,
            withdrawn_at: None,
            sent,
        }
    }

    #[test]
    fn a_renewed_invitation_lasts_as_long_again_but_never_beyond_thirty_days() {
        let lasts = TimeDelta::days(7);
        assert_eq!(invitation(1).renewed(at(5), lasts).unwrap(), at(12));
        assert_eq!(invitation(1).renewed(at(28), lasts).unwrap(), at(30));
        assert!(invitation(1).renewed(at(30), lasts).is_err());
        assert!(invitation(MAX_SENT).renewed(at(1), lasts).is_err());
    }
}
