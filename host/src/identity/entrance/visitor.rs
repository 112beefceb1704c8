//! Somebody at a reseller's address whom nobody knows yet.

use crate::{
    db::Scope,
    identity::{Caller, Permissions, Principal, TenantState},
    ids::TenantId,
};

/// A visitor of the reseller that is served where the request was sent: may do nothing, and is shown the house's front.
pub fn visitor(reseller: TenantId) -> Caller {
    let house = Scope::new(reseller, reseller);
    Caller::new(
        house,
        Principal::Visitor,
        Permissions::default(),
        TenantState::Active,
    )
}
