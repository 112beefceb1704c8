//! Settings as people see and edit them: the tenant's own, and a customer's by its reseller.

use serde_json::{Value, json};

use super::{
    Key, OnCall, Whose,
    effective::{InForce, Source},
    store, value,
};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{Scope, Tx, WriteTx},
    etag::{Etag, Expected, stale},
    fault::{Fault, Result},
    identity::{Caller, Permission, standing, tenants},
    ids::TenantId,
    ports,
};

/// Whose settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The caller's own.
    Own,
    /// A customer's of the caller's.
    Customer(TenantId),
}

/// A setting and what is in force of it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Which one.
    pub key: Key,
    /// What is in force.
    pub value: Value,
    /// Who set that.
    pub source: Source,
    /// What the tenant itself set, where it did.
    pub own: Option<Own>,
    /// This version, for an edit of it.
    pub etag: Etag,
}

/// What a tenant itself set.
#[derive(Debug, Clone)]
pub struct Own {
    /// The value.
    pub value: Value,
    /// Counts up with every edit.
    pub version: i32,
    /// When it was set.
    pub changed_at: Timestamp,
}

/// Every setting that the caller can see.
pub async fn list(app: &App, caller: &Caller, of: Of) -> Result<Vec<Setting>> {
    let mut tx = app.db.read(caller, of.to_read()).await?;
    let tenant = of.tenant(&mut tx).await?;
    let keys: Vec<_> = Key::ALL
        .iter()
        .copied()
        .filter(|key| visible(*key, tx.scope()))
        .collect();
    let in_force = InForce::load(&mut tx, &keys, &[tenant]).await?;
    Ok(keys
        .iter()
        .map(|key| Setting::new(*key, tenant, &in_force, tx.scope()))
        .collect())
}

/// One setting.
pub async fn get(app: &App, caller: &Caller, of: Of, key: &str) -> Result<Setting> {
    let mut tx = app.db.read(caller, of.to_read()).await?;
    let tenant = of.tenant(&mut tx).await?;
    let key = find(key, tx.scope())?;
    current(&mut tx, key, tenant).await
}

/// Sets a value of one's own.
pub async fn set(
    app: &App,
    caller: &Caller,
    of: Of,
    key: &str,
    value: Value,
    expected: &Expected,
) -> Result<Setting> {
    let mut tx = app.db.write(caller, of.to_write()).await?;
    let tenant = of.tenant(&mut tx).await?;
    let key = to_set(key, tx.scope())?;
    value::check(key, &value)?;
    check_people(&mut tx, key, &value).await?;
    change(tx, caller, key, tenant, Some(value), expected).await
}

/// Takes the tenant's own value away, so that its reseller's or the platform's is in force. Without effect where it
/// has none.
pub async fn remove(app: &App, caller: &Caller, of: Of, key: &str, expected: &Expected) -> Result<Setting> {
    let mut tx = app.db.write(caller, of.to_write()).await?;
    let tenant = of.tenant(&mut tx).await?;
    let key = to_set(key, tx.scope())?;
    change(tx, caller, key, tenant, None, expected).await
}

async fn change(
    mut tx: WriteTx,
    caller: &Caller,
    key: Key,
    tenant: TenantId,
    new: Option<Value>,
    expected: &Expected,
) -> Result<Setting> {
    let (after, old) = store::own(&mut tx, tenant, key.name()).await?.unwrap_or_default();
    let before = current(&mut tx, key, tenant).await?;
    expected.check(&before.etag)?;
    if (&old, &new) == (&None, &None) {
        return Ok(before);
    }
    let scope = Scope::new(tx.scope().reseller(), tenant);
    let write = store::Write {
        scope,
        key: key.name(),
        value: new.as_ref(),
        after,
        actor: caller.actor(),
    };
    if store::write(&mut tx, &write).await? != 1 {
        return Err(stale());
    }
    if key == Key::Reconciliation {
        // A rhythm that was long would else keep the shorter one waiting.
        ports::reconciliation::begin_anew(&mut tx).await?;
    }
    let setting = current(&mut tx, key, tenant).await?;
    let action = if new.is_some() {
        "setting.set"
    } else {
        "setting.remove"
    };
    let detail = json!({ "key": key.name(), "tenant": tenant.uuid(), "from": old, "to": new });
    tx.commit(audit::Event::done(action, tenant.uuid(), detail))
        .await?;
    Ok(setting)
}

async fn current(tx: &mut impl Tx, key: Key, tenant: TenantId) -> Result<Setting> {
    let in_force = InForce::load(tx, &[key], &[tenant]).await?;
    Ok(Setting::new(key, tenant, &in_force, tx.scope()))
}

/// Who is called is somebody there. Whoever is not a member of the reseller is nobody, wherever else they are.
async fn check_people(tx: &mut WriteTx, key: Key, value: &Value) -> Result<()> {
    if key != Key::OnCall {
        return Ok(());
    }
    let on_call: OnCall = value::read(value)?;
    let named = on_call.people();
    let ids: Vec<_> = named.iter().map(|(_, person)| *person).collect();
    let members = standing::members_of_the_reseller(tx, &ids).await?;
    let stranger = named.into_iter().find(|(_, person)| !members.contains(person));
    stranger.map_or(Ok(()), |(place, _)| {
        Err(value::Wrong::at(place, "there is no such membership").into())
    })
}

/// The setting of this name, where there is one for whoever asks.
fn find(name: &str, scope: Scope) -> Result<Key> {
    let key = Key::parse(name).ok_or(Fault::Missing)?;
    visible(key, scope).then_some(key).ok_or(Fault::Missing)
}

fn visible(key: Key, scope: Scope) -> bool {
    scope.customer().is_none() || key.whose() != Whose::House
}

fn to_set(name: &str, scope: Scope) -> Result<Key> {
    let key = find(name, scope)?;
    if scope.customer().is_some() && key.whose() != Whose::Tenants {
        let message = format!("{} is set by the reseller", key.name());
        return Err(Fault::invalid("setting_is_the_resellers", message));
    }
    Ok(key)
}

impl Of {
    const fn to_read(self) -> Permission {
        match self {
            Self::Own => Permission::SettingsRead,
            Self::Customer(_) => Permission::CustomersRead,
        }
    }

    const fn to_write(self) -> Permission {
        match self {
            Self::Own => Permission::SettingsWrite,
            Self::Customer(_) => Permission::CustomersWrite,
        }
    }

    async fn tenant(self, tx: &mut impl Tx) -> Result<TenantId> {
        match self {
            Self::Own => Ok(tx.scope().tenant()),
            Self::Customer(id) => tenants::find(tx, id)
                .await?
                .scope
                .customer()
                .ok_or(Fault::Missing),
        }
    }
}

impl Setting {
    fn new(key: Key, tenant: TenantId, in_force: &InForce, asking: Scope) -> Self {
        let (value, source) = in_force.value(key, tenant);
        let own = in_force.row(key, tenant).and_then(|row| {
            Some(Own {
                value: row.value.clone()?,
                version: row.version,
                changed_at: row.changed_at,
            })
        });
        let named = format!("{tenant}/{}", key.name());
        Self {
            key,
            value: value.clone(),
            source,
            own,
            etag: Etag::new(asking, "setting", &named, &in_force.versions(key, tenant)),
        }
    }
}
