//! A tenant's own key, and what a value it seals is bound to.

use zeroize::Zeroizing;

use super::seal;
use crate::{
    fault::{Fault, Result},
    ids::TenantId,
};

/// Seals one tenant's secrets. Wiped from memory when dropped.
pub struct TenantKey {
    of: Of,
    bytes: Zeroizing<[u8; 32]>,
}

/// Whose value it is.
#[derive(Clone, Copy)]
pub(super) struct Of {
    reseller: TenantId,
    tenant: TenantId,
}

impl TenantKey {
    pub(super) fn new(of: Of, bytes: &[u8]) -> Result<Self> {
        let bytes = bytes
            .try_into()
            .map_err(|_| Fault::broken("a tenant's key does not have 32 bytes"))?;
        Ok(Self {
            of,
            bytes: Zeroizing::new(bytes),
        })
    }

    /// Seals `plain` for this tenant and `context`, such as `credential:` and its id: the value opens nowhere else.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        seal::seal(&self.bytes, &self.of.bind(context), plain)
    }

    /// Opens what was sealed for this tenant and `context`; anything else is broken.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        seal::open(&self.bytes, &self.of.bind(context), sealed)
    }
}

impl Of {
    pub(super) fn new(reseller: TenantId, tenant: TenantId) -> Self {
        Self { reseller, tenant }
    }

    /// The ids have a fixed length, so no two pairs of tenant and context give the same bytes.
    pub(super) fn bind(self, context: &str) -> Vec<u8> {
        let (reseller, tenant) = (self.reseller.uuid(), self.tenant.uuid());
        [&reseller.as_bytes()[..], tenant.as_bytes(), context.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(reseller: u128, tenant: u128) -> TenantKey {
        let id = |n| TenantId::from(Uuid::from_u128(n));
        TenantKey::new(Of::new(id(reseller), id(tenant)), &[7; 32]).unwrap()
    }

    #[test]
    fn a_value_moved_to_another_tenant_does_not_open_even_under_equal_keys() {
        let sealed = key(1, 2).seal("credential:a", b"secret");
        assert_eq!(
            key(1, 2).open("credential:a", &sealed).unwrap().as_slice(),
            b"secret"
        );
        assert!(key(1, 3).open("credential:a", &sealed).is_err());
        assert!(key(3, 2).open("credential:a", &sealed).is_err());
    }

    #[test]
    fn a_value_moved_to_another_context_does_not_open() {
        let sealed = key(1, 2).seal("credential:a", b"secret");
        assert!(key(1, 2).open("credential:b", &sealed).is_err());
        assert!(key(1, 2).open("credential:", &sealed).is_err());
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let of = Of::new(Uuid::nil().into(), Uuid::nil().into());
        assert!(TenantKey::new(of, &[7; 31]).is_err());
    }
}
