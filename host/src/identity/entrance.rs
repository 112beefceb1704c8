//! Before a tenant is known: which reseller an address belongs to, who a credential stands for, and how people get
//! one (sign-up of a reseller, sign-in, accepting an invitation). What it can be asked reveals no membership.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Actor, ActorKind, AtTheEntrance, Caller, Permissions, Principal, password,
    store::{self, NewSession},
    tenants::{self, NewTenant, Tenant},
    token::{self, Sort, Token},
};
use crate::{
    app::App,
    audit,
    db::{EntranceTx, Scope},
    fault::{Fault, OnConstraint as _, RefusalKind, Result},
    ids::{ApiKeyId, SessionId, TenantId, UserId},
};

/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::hours(12);

const STRANGER: Actor = Actor {
    kind: ActorKind::Anonymous,
    id: None,
    initiated_by: None,
};

/// A person signed in, with the token that shows it, given out once.
pub struct SignedIn {
    /// For whom the session acts.
    pub scope: Scope,
    /// The person.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// What the person's programs send from here on.
    pub token: Token,
}

/// A person to make.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Where mail reaches the person.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// At least 12 characters.
    pub password: String,
}

/// Which reseller is served at this host name; none for a name nobody proved.
pub async fn reseller_at(app: &App, host: &str) -> Result<Option<TenantId>> {
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    store::reseller_at(tx.conn(), host).await
}

/// Who this token stands for. What it may do is read anew each time, so a removal takes effect on the next request.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller> {
    let unknown = || {
        Fault::refused(
            RefusalKind::Unauthenticated,
            "credential_invalid",
            "the credential is unknown, expired or revoked",
        )
    };
    let (sort, hash) = token::read(token).ok_or_else(unknown)?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let now = app.now();
    let standing = match sort {
        Sort::Session => store::session(tx.conn(), &hash, now).await?,
        Sort::ApiKey => store::api_key(tx.conn(), &hash, now).await?,
        Sort::Invitation => None,
    };
    let store::Standing {
        scope,
        tenant_state,
        user,
        id,
        permissions,
    } = standing.ok_or_else(unknown)?;
    if tenant_state != "active" {
        return Err(Fault::conflict("tenant_suspended", "the tenant is suspended"));
    }
    let principal = match (sort, user) {
        (Sort::Session, Some(user)) => Principal::User {
            user,
            session: SessionId::from(id),
        },
        _ => Principal::ApiKey(ApiKeyId::from(id)),
    };
    if let Principal::ApiKey(_) = principal {
        store::touch_api_key(tx.conn(), &hash, now).await?;
        tx.commit_last_used().await?;
    }
    Ok(Caller::new(
        scope,
        principal,
        permissions.into_iter().collect::<Permissions>(),
    ))
}

/// A reseller signs up by itself and is ready: tenant, key, address, owner with every permission, session.
pub async fn sign_up(app: &App, new: NewTenant, owner: NewUser, domain: &str) -> Result<(Tenant, SignedIn)> {
    let time_zone = new.check()?;
    let now = app.now();
    let id: TenantId = app.id();
    let scope = Scope::new(id, id);
    let hash = person(app, &owner).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let tenant = tenants::tenant(scope, "reseller", new, time_zone, now);
    let taken = || Fault::conflict("slug_taken", "another reseller has this slug");
    store::insert_tenant(tx.conn(), &tenant)
        .await
        .on_constraint("tenant_house_slug_unique", taken)?;
    app.vault.create_key(tx.conn(), scope, now).await?;
    store::insert_domain(
        tx.conn(),
        scope,
        app.id(),
        &format!("{}.{domain}", tenant.slug),
        now,
    )
    .await
    .on_constraint("domain_host_unique", taken)?;
    let role = tenants::owner_role(scope, app.id());
    store::insert_role(tx.conn(), &role, now).await?;
    let user = store::ensure_user(tx.conn(), app.id(), &owner, hash, now).await?;
    store::insert_membership(tx.conn(), scope, app.id(), user, role.id, now).await?;
    let signed_in = begin_session(app, &mut tx, scope, user).await?;
    let actor = person_acts(user);
    let event = audit::Event::done("reseller.sign_up", id.uuid(), json!({ "slug": tenant.slug }));
    tx.commit(scope, &actor, now, event).await?;
    Ok((tenant, signed_in))
}

/// A person signs in at one reseller's address, to a named tenant there or to the first one joined.
pub async fn sign_in(
    app: &App,
    reseller: TenantId,
    email: &str,
    password: String,
    tenant: Option<TenantId>,
) -> Result<SignedIn> {
    let wrong = || {
        Fault::refused(
            RefusalKind::Unauthenticated,
            "sign_in_failed",
            "address or password is wrong, or there is no membership here",
        )
    };
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let known = store::password(tx.conn(), &normal_email(email)).await?;
    drop(tx);
    let (user, hash) = known.unzip();
    let verified = password::verify(password, hash).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let standing = match user.filter(|_| verified) {
        Some(user) => {
            let scope = store::tenant_of(tx.conn(), reseller, user, tenant).await?;
            scope.map(|scope| (scope, user))
        }
        None => None,
    };
    let Some((scope, user)) = standing else {
        // Not even the address is told: it may be somebody's password, typed into the wrong field.
        let event = audit::Event::refused("session.begin", None, json!({}));
        let house = Scope::new(reseller, reseller);
        tx.commit(house, &STRANGER, app.now(), event).await?;
        return Err(wrong());
    };
    let signed_in = begin_session(app, &mut tx, scope, user).await?;
    let actor = person_acts(user);
    let event = audit::Event::done("session.begin", signed_in.session.uuid(), json!({}));
    tx.commit(scope, &actor, app.now(), event).await?;
    Ok(signed_in)
}

/// A session goes on in another tenant of the same reseller, where the person is a member.
pub async fn switch_tenant(app: &App, caller: &Caller, tenant: TenantId) -> Result<Scope> {
    let Principal::User { user, session } = caller.principal() else {
        return Err(Fault::invalid(
            "not_a_session",
            "an API key names its tenant and cannot switch",
        ));
    };
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let reseller = caller.scope().reseller();
    let scope = store::tenant_of(tx.conn(), reseller, user, Some(tenant))
        .await?
        .ok_or(Fault::Missing)?;
    store::move_session(tx.conn(), scope, session).await?;
    let event = audit::Event::done("session.switch", session.uuid(), json!({}));
    tx.commit(scope, &caller.actor(), app.now(), event).await?;
    Ok(scope)
}

/// The person an invitation was for accepts it, once; the person is made here if unknown.
pub async fn accept_invitation(app: &App, token: &str, name: String, password: String) -> Result<SignedIn> {
    let unknown = || Fault::invalid("invitation_invalid", "the invitation is unknown, used or expired");
    let hash = token::read(token)
        .filter(|(sort, _)| *sort == Sort::Invitation)
        .map(|(_, hash)| hash)
        .ok_or_else(unknown)?;
    let now = app.now();
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let email = store::invited_address(tx.conn(), &hash, now)
        .await?
        .ok_or_else(unknown)?;
    drop(tx);
    let person_given = NewUser {
        email,
        name,
        password,
    };
    let password_hash = person(app, &person_given).await?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let invitation = store::use_invitation(tx.conn(), &hash, now)
        .await?
        .ok_or_else(unknown)?;
    let user = store::ensure_user(tx.conn(), app.id(), &person_given, password_hash, now).await?;
    let scope = invitation.scope;
    store::insert_membership(tx.conn(), scope, app.id(), user, invitation.role, now)
        .await
        .on_constraint("membership_once", || {
            Fault::conflict("already_a_member", "this person is a member already")
        })?;
    let signed_in = begin_session(app, &mut tx, scope, user).await?;
    let actor = person_acts(user);
    let event = audit::Event::done("invitation.accept", invitation.id, json!({}));
    tx.commit(scope, &actor, now, event).await?;
    Ok(signed_in)
}

/// Checks what a person gave. A known address must come with its own password; a new one gets the hash to store.
async fn person(app: &App, given: &NewUser) -> Result<Option<String>> {
    let email = email(&given.email)?;
    tenants::check_name(&given.name)?;
    password::check(&given.password)?;
    let mut tx = app.db.entrance(AtTheEntrance(())).await?;
    let known = store::password(tx.conn(), &email).await?;
    drop(tx);
    let Some((_, hash)) = known else {
        return Ok(Some(password::hash(given.password.clone()).await?));
    };
    match password::verify(given.password.clone(), Some(hash)).await? {
        true => Ok(None),
        false => Err(Fault::invalid(
            "person_unverified",
            "this address cannot be used with this password",
        )),
    }
}

fn person_acts(user: UserId) -> Actor {
    Actor {
        kind: ActorKind::User,
        id: Some(user.uuid()),
        initiated_by: None,
    }
}

async fn begin_session(app: &App, tx: &mut EntranceTx, scope: Scope, user: UserId) -> Result<SignedIn> {
    let token = Token::new(Sort::Session);
    let now = app.now();
    let session = app.id();
    let new = NewSession {
        scope,
        id: session,
        user,
        token_hash: token.hash(),
        created_at: now,
        expires_at: now + SESSION,
    };
    store::insert_session(tx.conn(), &new).await?;
    Ok(SignedIn {
        scope,
        user,
        session,
        token,
    })
}

/// The one way to write an address, if it is one.
pub(super) fn email(given: &str) -> Result<String> {
    let email = normal_email(given);
    let at = email.find('@').filter(|at| *at > 0 && at + 1 < email.len());
    if at.is_none() || email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Fault::invalid(
            "email_invalid",
            "an address has the form name@host and at most 254 bytes",
        ));
    }
    Ok(email)
}

pub(super) fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}
