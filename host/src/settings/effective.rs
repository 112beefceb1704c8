//! What is in force: a tenant's own value, else its reseller's, else the platform's. Read in whichever transaction is
//! open and never kept, so an edit counts from the next read on, on every host.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Key, store, value};
use crate::{
    db::Tx,
    fault::{Fault, Result},
    ids::TenantId,
};

/// Who set what is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The tenant itself, or its reseller for it alone.
    Tenant,
    /// Its reseller, for all of its customers.
    Reseller,
    /// Nobody: the platform's own value.
    Platform,
}

impl Source {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Reseller => "reseller",
            Self::Platform => "platform",
        }
    }
}

/// What was set of some keys for some tenants.
pub(super) struct InForce {
    rows: Vec<store::Row>,
    reseller: TenantId,
}

impl InForce {
    pub async fn load(tx: &mut impl Tx, keys: &[Key], tenants: &[TenantId]) -> Result<Self> {
        let keys: Vec<_> = keys.iter().map(|key| key.name().to_owned()).collect();
        let tenants: Vec<_> = tenants.iter().map(|id| id.uuid()).collect();
        Ok(Self {
            rows: store::in_force(tx, &keys, &tenants).await?,
            reseller: tx.scope().reseller(),
        })
    }

    /// What a tenant itself set or took away.
    pub fn row(&self, key: Key, tenant: TenantId) -> Option<&store::Row> {
        let is = |row: &&store::Row| row.key == key.name() && row.tenant_id == tenant.uuid();
        self.rows.iter().find(is)
    }

    /// Whether anybody ever set it.
    pub fn ever(&self, key: Key) -> bool {
        self.rows.iter().any(|row| row.key == key.name())
    }

    pub fn value(&self, key: Key, tenant: TenantId) -> (&Value, Source) {
        let set = |tenant| self.row(key, tenant).and_then(|row| row.value.as_ref());
        let own = set(tenant).map(|value| (value, Source::Tenant));
        own.or_else(|| set(self.reseller).map(|value| (value, Source::Reseller)))
            .unwrap_or((key.default(), Source::Platform))
    }

    /// The versions of what its value comes from.
    pub fn versions(&self, key: Key, tenant: TenantId) -> [i32; 2] {
        [tenant, self.reseller].map(|tenant| self.row(key, tenant).map_or(0, |row| row.version))
    }

    pub fn read<T: DeserializeOwned>(&self, key: Key, tenant: TenantId) -> Result<T> {
        let (value, _) = self.value(key, tenant);
        typed(key, value)
    }
}

pub(super) fn typed<T: DeserializeOwned>(key: Key, value: &Value) -> Result<T> {
    let broken = |wrong: value::Wrong| Fault::broken(format!("a stored {}: {}", key.name(), wrong.rule));
    value::read(value).map_err(broken)
}

/// What is in force for a tenant.
pub(super) async fn get<T: DeserializeOwned>(tx: &mut impl Tx, key: Key, tenant: TenantId) -> Result<T> {
    InForce::load(tx, &[key], &[tenant]).await?.read(key, tenant)
}

/// Everything that is in force of a key for any tenant that the transaction can see.
pub(super) async fn everywhere<T: DeserializeOwned>(tx: &mut impl Tx, key: Key) -> Result<Vec<T>> {
    let in_force = InForce {
        rows: store::everywhere(tx, key.name()).await?,
        reseller: tx.scope().reseller(),
    };
    let own = tx.scope().tenant();
    let mut values = vec![in_force.read(key, own)?];
    let others = in_force.rows.iter().filter(|row| row.tenant_id != own.uuid());
    for value in others
        .filter(|row| row.tenant_id != in_force.reseller.uuid())
        .filter_map(|row| row.value.as_ref())
    {
        values.push(typed(key, value)?);
    }
    Ok(values)
}
