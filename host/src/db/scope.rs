//! For whom a transaction is.

use crate::ids::TenantId;

/// A tenant and its reseller: what every query is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    reseller: TenantId,
    tenant: TenantId,
}

impl Scope {
    /// A tenant below (or equal to) its reseller.
    pub const fn new(reseller: TenantId, tenant: TenantId) -> Self {
        Self { reseller, tenant }
    }

    /// The reseller whose house this is.
    pub const fn reseller(self) -> TenantId {
        self.reseller
    }

    /// The tenant that acts.
    pub const fn tenant(self) -> TenantId {
        self.tenant
    }

    /// The customer that acts; none when it is the reseller itself. In SQL the second fence reads
    /// `reseller_id = $1 and ($2::uuid is null or tenant_id = $2)`. PostgreSQL believes that this leaves one row in two
    /// hundred; where a page is cut by it from a table with several indexes, `coalesce(tenant_id = $2, true)` says the same
    /// and is believed to leave half.
    pub fn customer(self) -> Option<TenantId> {
        (self.tenant != self.reseller).then_some(self.tenant)
    }
}
