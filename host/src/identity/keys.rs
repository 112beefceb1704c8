//! API keys: each names its tenant, holds at most its maker's permissions, does not outlast its maker, is shown once and
//! stored hashed.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    AtTheEntrance, Caller, Permission, Principal, roles, store,
    tenants::check_name,
    token::{Sort, Token},
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::WriteTx,
    fault::{Fault, Result},
    ids::{ApiKeyId, TenantId, UserId},
    page::{Items, Page},
};

/// How long a key lives on beside its successor unless told otherwise.
const OVERLAP_HOURS: u32 = 24;
const MAX_OVERLAP_HOURS: u32 = 168;

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
    /// The key it was made with, and ends with.
    pub made_by: Option<ApiKeyId>,
    /// The key it takes the place of.
    pub succeeds: Option<ApiKeyId>,
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
    /// At most what the caller may do, and not nothing; all of the caller's when absent.
    pub permissions: Option<Vec<Permission>>,
    /// From when on it is refused; at most the end of the key that makes it, which is also what none means.
    pub expires_at: Option<Timestamp>,
}

/// Makes a key. The token is given out here and never again.
pub async fn add(app: &App, caller: &Caller, new: NewApiKey) -> Result<(ApiKey, Token)> {
    check_name(&new.name)?;
    if let Some(permissions) = &new.permissions {
        if permissions.is_empty() {
            let rule = "a key needs a permission; leave permissions out for all of one's own";
            return Err(Fault::invalid("permissions_empty", rule));
        }
        roles::within(caller, permissions)?;
    }
    if new.expires_at.is_some_and(|at| at <= app.now()) {
        return Err(Fault::invalid("expiry_passed", "expires_at is not in the future"));
    }
    let mut tx = app.db.write(caller, Permission::KeysWrite).await?;
    let all = Permission::ALL.iter().copied();
    let permissions = new
        .permissions
        .unwrap_or_else(|| all.filter(|permission| caller.may(*permission)).collect());
    let origin = origin(&mut tx, caller).await?;
    let last = origin.last;
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
        created_by: origin.person,
        made_by: origin.key,
        succeeds: None,
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
    let revoked = store::revoke_api_key(&mut tx, id, now).await?;
    let detail = json!({ "keys": revoked });
    tx.commit(audit::Event::done("api_key.revoke", id.uuid(), detail))
        .await
}

/// One key.
pub async fn find(app: &App, caller: &Caller, id: ApiKeyId) -> Result<ApiKey> {
    let mut tx = app.db.read(caller, Permission::KeysRead).await?;
    store::find_api_key(&mut tx, id).await
}

/// Makes the successor of a key of the caller's own tenant, which gives nothing the caller lacks. The key itself lives on
/// for `overlap_hours`, 24 unless told otherwise.
pub async fn rotate(
    app: &App,
    caller: &Caller,
    id: ApiKeyId,
    overlap_hours: Option<u32>,
) -> Result<(ApiKey, Token)> {
    let overlap_hours = overlap_hours.unwrap_or(OVERLAP_HOURS);
    if overlap_hours > MAX_OVERLAP_HOURS {
        let rule = format!("two keys live side by side for at most {MAX_OVERLAP_HOURS} hours");
        return Err(Fault::invalid("overlap_too_long", rule));
    }
    let mut tx = app.db.write(caller, Permission::KeysWrite).await?;
    let (old, now) = (store::find_api_key(&mut tx, id).await?, tx.now());
    if old.tenant != caller.scope().tenant() {
        return Err(Fault::Missing);
    }
    roles::within(caller, &old.permissions)?;
    old.check_lives(now)?;
    if let Some(before) = old.succeeds {
        let before = store::find_api_key(&mut tx, before).await?;
        if before.check_lives(now).is_ok() {
            return Err(Fault::conflict(
                "rotation_under_way",
                "the key before this one still lives: two keys live at once, never three",
            ));
        }
    }
    let origin = match caller.principal() {
        Principal::ApiKey(own) if own == id => Origin {
            person: old.created_by,
            key: old.made_by,
            last: None,
        },
        _ => origin(&mut tx, caller).await?,
    };
    let token = Token::new(Sort::ApiKey);
    let key = ApiKey {
        id: app.id(),
        prefix: token.prefix().to_owned(),
        created_by: origin.person,
        made_by: origin.key,
        succeeds: Some(old.id),
        created_at: now,
        expires_at: [old.expires_at, origin.last].into_iter().flatten().min(),
        last_used_at: None,
        ..old
    };
    store::insert_api_key(&mut tx, &key, &token.hash()).await?;
    store::end_api_key_by(&mut tx, id, now + TimeDelta::hours(overlap_hours.into())).await?;
    let detail = json!({ "successor": key.id.uuid(), "overlap_hours": overlap_hours });
    tx.commit(audit::Event::done("api_key.rotate", id.uuid(), detail))
        .await?;
    Ok((key, token))
}

/// What a new key goes back to.
struct Origin {
    person: Option<UserId>,
    key: Option<ApiKeyId>,
    /// The end of the key that makes it.
    last: Option<Timestamp>,
}

async fn origin(tx: &mut WriteTx, caller: &Caller) -> Result<Origin> {
    Ok(match caller.principal() {
        Principal::User { user, .. } => Origin {
            person: Some(user),
            key: None,
            last: None,
        },
        Principal::ApiKey(id) => {
            let key = store::find_api_key(tx, id).await?;
            Origin {
                person: key.created_by,
                key: Some(id),
                last: key.expires_at,
            }
        }
        Principal::Operator { .. } | Principal::Visitor | Principal::System(_) => Origin {
            person: None,
            key: None,
            last: None,
        },
    })
}

impl ApiKey {
    fn check_lives(&self, now: Timestamp) -> Result<()> {
        if self.revoked_at.is_some() || self.expires_at.is_some_and(|at| at <= now) {
            return Err(Fault::conflict("key_over", "the key was revoked or has expired"));
        }
        Ok(())
    }
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
