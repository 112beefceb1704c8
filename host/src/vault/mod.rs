//! Seals what must not be readable at rest: credentials, journals, failure inputs. Keys in keys: a master key that
//! is never in the database seals one key for each tenant, which seals the tenant's secrets. Knows no carriers.

mod master;
mod person;
mod seal;
mod store;
mod tenant;

use std::{collections::BTreeMap, sync::Arc};

use sqlx::PgConnection;
use zeroize::Zeroizing;

use crate::{
    app::{self, Timestamp},
    db::{Db, Scope, Tx},
    fault::{Fault, Result},
    ids::{TenantId, UserId},
};

pub use master::{KeyError, MasterKey};
pub use tenant::TenantKey;

/// What a tenant's key is sealed as under the master key.
const TENANT_KEY: &str = "tenant_key";

/// Seals and opens with tenants' keys.
#[derive(Clone)]
pub struct Vault {
    master: Arc<MasterKey>,
}

impl Vault {
    /// A vault under this master key.
    pub fn new(master: MasterKey) -> Self {
        Self {
            master: Arc::new(master),
        }
    }

    /// Refuses (`master_key_differs`) a database whose keys are sealed under another master key. The first host to
    /// start on an empty database leaves its key's fingerprint there; hosts that start at once agree on one.
    pub async fn check(&self, db: &Db, now: Timestamp) -> Result<()> {
        let mut tx = db.operator().await?;
        let known = store::lock_master_keys(&mut tx).await?;
        if known.is_empty() {
            store::insert_master_key(&mut tx, self.master.id(), &self.master.check_value(), now).await?;
            return tx.commit_master_key().await;
        }
        self.recognise(&known)
    }

    /// Makes a tenant's key. Called once, in the transaction that makes the tenant.
    pub async fn create_key(&self, conn: &mut PgConnection, scope: Scope, now: Timestamp) -> Result<()> {
        let tenant = tenant::Of::new(scope.reseller(), scope.tenant());
        let sealed = seal::seal(
            self.master.bytes(),
            &tenant.bind(TENANT_KEY),
            &app::random::<32>(),
        );
        store::insert_tenant_key(conn, scope, &sealed, self.master.id(), now).await
    }

    /// The key of a tenant that the transaction can see: its own, for a customer; any of its own tenants', for a
    /// reseller; the reseller's, in the house.
    pub async fn key(&self, tx: &mut impl Tx, tenant: TenantId) -> Result<TenantKey> {
        let reseller = tx.scope().reseller();
        let row = store::tenant_key(tx, tenant).await?;
        if row.master_key_id != self.master.id() {
            return Err(Fault::broken(format!(
                "the key of tenant {tenant} is sealed under master key {}, this host has {}",
                row.master_key_id,
                self.master.id()
            )));
        }
        let of = tenant::Of::new(reseller, tenant);
        let bytes = seal::open(self.master.bytes(), &of.bind(TENANT_KEY), &row.sealed)?;
        TenantKey::new(of, &bytes)
    }

    /// A hash that nobody makes or compares without the master key. `context` separates what is hashed for different
    /// ends.
    pub fn keyed_hash(&self, context: &str, parts: &[&[u8]]) -> [u8; 32] {
        let key = blake3::derive_key("nexusport 2026 keyed hashes", self.master.bytes());
        let mut hasher = blake3::Hasher::new_keyed(&key);
        for part in [context.as_bytes()].iter().chain(parts) {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        *hasher.finalize().as_bytes()
    }

    /// Seals a person's secret: it opens for that person and `context` alone.
    pub fn seal_for_person(&self, of: UserId, context: &str, plain: &[u8]) -> Vec<u8> {
        person::seal(&self.master, of, context, plain)
    }

    /// Opens what was sealed for this person and `context`; anything else is broken.
    pub fn open_for_person(&self, of: UserId, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        person::open(&self.master, of, context, sealed)
    }

    /// The keys of every tenant that the transaction can see.
    pub async fn keys(&self, tx: &mut impl Tx) -> Result<BTreeMap<TenantId, TenantKey>> {
        let mut keys = BTreeMap::new();
        for tenant in store::tenants_with_keys(tx).await? {
            keys.insert(tenant, self.key(tx, tenant).await?);
        }
        Ok(keys)
    }

    fn recognise(&self, known: &[store::KnownKey]) -> Result<()> {
        let ours = (self.master.id(), &self.master.check_value()[..]);
        if known
            .iter()
            .any(|key| (key.id.as_str(), &key.check_value[..]) == ours)
        {
            return Ok(());
        }
        let ids: Vec<_> = known.iter().map(|key| key.id.as_str()).collect();
        Err(Fault::conflict(
            "master_key_differs",
            format!(
                "the database is sealed under master key {}, this host was given {}",
                ids.join(", "),
                self.master.id()
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(key: [u8; 32]) -> Vault {
        Vault::new(MasterKey::new(key))
    }

    fn known(vault: &Vault) -> store::KnownKey {
        store::KnownKey {
            id: vault.master.id().to_owned(),
            check_value: vault.master.check_value().to_vec(),
        }
    }

    #[test]
    fn a_host_with_another_master_key_is_refused_with_both_names() {
        let (first, second) = (vault([1; 32]), vault([2; 32]));
        assert!(first.recognise(&[known(&first)]).is_ok());
        let refused = second.recognise(&[known(&first)]).unwrap_err().to_string();
        assert!(refused.contains(first.master.id()) && refused.contains(second.master.id()));
    }

    #[test]
    fn the_same_id_with_another_check_value_is_refused() {
        let vault = vault([1; 32]);
        let mut forged = known(&vault);
        forged.check_value[0] ^= 1;
        assert!(vault.recognise(&[forged]).is_err());
    }
}
