//! Who bills whom for what was delivered to a customer. One fact is priced at every level; each level is a deal of its
//! own, and no deal is seen by anybody but its two sides.

use crate::{
    db::Scope,
    fault::{Fault, Result},
    ids::TenantId,
};

/// Which price of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What the carrier takes of the reseller.
    Cost,
    /// What the operator takes of the reseller.
    Wholesale,
    /// What the reseller takes of its customer.
    Retail,
}

/// Who bills whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deal {
    /// Which price.
    pub level: Level,
    /// Who bills, and numbers the invoices.
    pub seller: TenantId,
    /// Who is billed: whose rows everything about the deal is.
    pub buyer: Scope,
}

impl Level {
    /// The word in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Wholesale => "wholesale",
            Self::Retail => "retail",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        [Self::Cost, Self::Wholesale, Self::Retail]
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| Fault::broken(format!("{name} is no level of a charge")))
    }
}

impl Deal {
    /// A reseller bills its customer.
    pub fn retail(customer: Scope) -> Self {
        Self {
            level: Level::Retail,
            seller: customer.reseller(),
            buyer: customer,
        }
    }
}
