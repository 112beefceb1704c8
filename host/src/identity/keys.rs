//! API keys: each names its tenant, holds at most its maker's permissions, does not outlast its maker, is shown once and
//! stored hashed.

use serde_json::json;

use super::{
    AtTheEntrance, Caller, Permission, Principal, roles, store,
    tenants::check_name,
    token::{Sort, Token},
};
use crate::{
    app::{App, Timestamp},
    audit,
    fault::{Fault, Result},
    ids::{ApiKeyId, TenantId, UserId},
    page::{Items, Page},
};

/// A key, without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Which one.
    pub id: ApiKeyId,
    /// The tenant it names.
    pub tenant: TenantId,
    /// Name for people.
    pub name: String,
    /// The first characters of the secret.
    pub prefix: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The person who made it, or the key that made it. It ends with that person's membership.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
    /// When it last stood for somebody, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Name for people.
    pub name: String,
    /// At most what the caller may do; none of them means all of the caller's.
    pub permissions: Vec<Permission>,
    /// From when on it is refused; at most the end of the key that makes it, which is also what none means.
    pub expires_at: Option<Timestamp>,
}

/// Makes a key. The token is given out here and never again.
pub async fn add(app: &App, caller: &Caller, new: NewApiKey) -> Result<(ApiKey, Token)> {
    check_name(&new.name)?;
    roles::within(caller, &new.permissions)?;
    if new.expires_at.is_some_and(|at| at <= app.now()) {
        return Err(Fault::invalid("expiry_passed", "expires_at is not in the future"));
    }
    let mut tx = app.db.write(caller, Permission::KeysWrite).await?;
    let permissions = match new.permissions.as_slice() {
        [] => Permission::ALL
            .iter()
            .copied()
            .filter(|permission| caller.may(*permission))
            .collect(),
        _ => new.permissions,
    };
    let (created_by, last) = match caller.principal() {
        Principal::User { user, .. } => (Some(user), None),
        Principal::ApiKey(key) => store::key_origin(&mut tx, key).await?,
        Principal::Operator { .. } | Principal::Visitor | Principal::System(_) => (None, None),
    };
    let beyond = |last| new.expires_at.is_some_and(|at| at > last);
    if last.is_some_and(beyond) {
        let rule = "expires_at is after the end of the key that makes this one";
        return Err(Fault::invalid("expiry_beyond_own", rule));
    }
    let token = Token::new(Sort::ApiKey);
    let key = ApiKey {
        id: app.id(),
        tenant: caller.scope().tenant(),
        name: new.name,
        prefix: token.prefix().to_owned(),
        permissions,
        created_by,
        created_at: tx.now(),
        expires_at: new.expires_at.or(last),
        revoked_at: None,
        last_used_at: None,
    };
    store::insert_api_key(&mut tx, &key, &token.hash()).await?;
    tx.commit(audit::Event::done(
        "api_key.add",
        key.id.uuid(),
        json!({ "prefix": key.prefix }),
    ))
    .await?;
    Ok((key, token))
}

/// The keys of the caller's tenant; for a reseller, of its customers too.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Items<ApiKey>> {
    let mut tx = app.db.read(caller, Permission::KeysRead).await?;
    let rows = store::api_keys(&mut tx, page).await?;
    Ok(page.cut(caller.scope(), "api-keys", rows, |key| key.id.uuid()))
}

/// Refuses the key from now on.
pub async fn revoke(app: &App, caller: &Caller, id: ApiKeyId) -> Result<()> {
    let mut tx = app.db.write(caller, Permission::KeysWrite).await?;
    let now = tx.now();
    store::revoke_api_key(&mut tx, id, now).await?;
    tx.commit(audit::Event::done("api_key.revoke", id.uuid(), json!({})))
        .await
}

/// Ends the caller's own session. That needs no permission: whoever came in can leave.
pub async fn end_session(app: &App, caller: &Caller) -> Result<()> {
    let Principal::User { session, .. } = caller.principal() else {
        return Err(Fault::invalid(
            "not_a_session",
            "an API key has no session to end",
        ));
    };
    let (mut tx, now) = (app.db.entrance(AtTheEntrance(())).await?, app.now());
    store::end_session(tx.conn(), caller.scope(), session, now).await?;
    let event = audit::Event::done("session.end", session.uuid(), json!({}));
    tx.commit(caller.scope(), &caller.actor(), now, event).await
}
