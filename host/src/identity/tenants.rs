//! Tenants: resellers that sign up by themselves, and the customers they add.

use chrono_tz::Tz;
use serde_json::json;

pub use super::name::check as check_name;
use super::{Permission, roles::Role, store};
use crate::{
    app::{App, Timestamp},
    audit,
    db::{HouseTx, Keep, Leave, Scope, Tx, WriteTx},
    fault::{Fault, OnConstraint as _, Result},
    identity::Caller,
    ids::{RoleId, TenantId},
    limits::{self, Limit},
};

/// A reseller or a customer.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The tenant and its reseller.
    pub scope: Scope,
    /// `operator`, `reseller` or `customer`.
    pub kind: String,
    /// Short name in addresses, unique below its reseller.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// `active`, `suspended` or `leaving`.
    pub state: String,
    /// ISO 4217, what it is billed in.
    pub currency: String,
    /// IANA name, whose days and months it is billed by.
    pub time_zone: Tz,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A reseller as its people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// Name for people.
    pub name: String,
    /// The host name it is served at: one it proved before the one that sign-up gave it.
    pub host: String,
}

/// A tenant to make.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// 1 to 40 of a-z, 0-9 and hyphen, not at the ends.
    pub slug: String,
    /// 1 to 100 characters.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
}

impl NewTenant {
    /// Refuses names and codes that are not well formed, naming the rule.
    pub fn check(&self) -> Result<Tz> {
        let slug = self.slug.as_bytes();
        let word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let ends = slug.first().is_some_and(word) && slug.last().is_some_and(word);
        if !ends || slug.len() > 40 || !slug.iter().all(|b| word(b) || *b == b'-') {
            let rule = "a slug has 1 to 40 of a-z, 0-9 and hyphen, with no hyphen at its ends";
            return Err(Fault::invalid("slug_invalid", rule));
        }
        check_name(&self.name)?;
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Fault::invalid(
                "currency_invalid",
                "a currency is three capital letters of ISO 4217, such as EUR",
            ));
        }
        self.time_zone.parse().map_err(|_| {
            Fault::invalid(
                "time_zone_invalid",
                "a time zone is an IANA name, such as Europe/Vienna",
            )
        })
    }
}

/// Begins to add a customer to the caller's reseller, with a role `owner` that holds everything a customer's role can.
pub(super) async fn adding(
    app: &App,
    caller: &Caller,
    new: NewTenant,
) -> Result<(WriteTx, Tenant, audit::Event)> {
    let time_zone = new.check()?;
    let scope = Scope::new(caller.scope().reseller(), app.id());
    let mut tx = app.db.write(caller, Permission::CustomersWrite).await?;
    hold(&mut tx).await?;
    let customers = store::count_customers(&mut tx).await?;
    limits::room(&mut tx, Limit::Customers, customers).await?;
    let tenant = tenant(scope, "customer", new, time_zone, tx.now());
    store::insert_tenant(tx.conn(), &tenant)
        .await
        .on_constraint("tenant_slug_unique", || {
            Fault::conflict("slug_taken", "another customer has this slug")
        })?;
    app.vault.create_key(tx.conn(), scope, tenant.created_at).await?;
    store::insert_role(tx.conn(), &owner_role(scope, app.id()), tenant.created_at).await?;
    let event = audit::Event::done("customer.add", scope.tenant().uuid(), json!({}));
    Ok((tx, tenant, event))
}

/// One of the customers that the transaction can see.
pub async fn find_customer(tx: &mut impl Tx, id: TenantId) -> Result<Tenant> {
    let found = store::tenant(tx, id).await?;
    found
        .scope
        .customer()
        .is_some()
        .then_some(found)
        .ok_or(Fault::Missing)
}

/// Holds the transaction's own tenant until it ends, so that counting what it has and adding to it is one thing.
pub async fn hold(tx: &mut WriteTx) -> Result<()> {
    store::lock_tenant(tx).await
}

/// A tenant that the transaction can see: the caller's own, or its customer.
pub async fn find(tx: &mut impl Tx, id: TenantId) -> Result<Tenant> {
    store::tenant(tx, id).await
}

/// Moves a tenant that the transaction can see from one state to another.
pub async fn stand(tx: &mut WriteTx, id: TenantId, from: &str, to: &str) -> Result<()> {
    store::stand(tx, id, from, to).await
}

/// Leaves tombstones of the transaction's tenant and, where that is a reseller, of its customers: says of how many. They
/// have no slug any more, and their names as long as documents are kept that say them.
pub async fn entomb(tx: &mut Leave, keep: Keep) -> Result<u64> {
    store::let_go(tx).await?;
    let tenants = store::entomb(tx).await?;
    if keep == Keep::Nothing {
        store::forget_name(tx).await?;
    }
    Ok(tenants)
}

/// Takes the name off tombstones.
pub async fn forget_name(tx: &mut Leave) -> Result<()> {
    store::forget_name(tx).await
}

/// The reseller of whoever the house was opened for.
pub async fn house(tx: &mut HouseTx) -> Result<House> {
    store::house(tx).await
}

/// The state of the reseller of whoever the house was opened for: `active`, `suspended` or `leaving`.
pub async fn house_state(tx: &mut HouseTx) -> Result<String> {
    store::house_state(tx).await
}

/// The role every new tenant starts with.
pub(super) fn owner_role(scope: Scope, id: RoleId) -> Role {
    let reseller = scope.customer().is_none();
    let permissions = Permission::ALL
        .iter()
        .copied()
        .filter(|p| reseller || p.for_customers())
        .collect();
    Role {
        scope,
        id,
        name: "owner".into(),
        permissions,
        version: 1,
    }
}

pub(super) fn tenant(scope: Scope, kind: &str, new: NewTenant, time_zone: Tz, now: Timestamp) -> Tenant {
    let NewTenant {
        slug,
        name,
        currency,
        time_zone: _,
    } = new;
    Tenant {
        scope,
        kind: kind.into(),
        slug,
        name,
        state: "active".into(),
        currency,
        time_zone,
        created_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(slug: &str, name: &str, currency: &str, time_zone: &str) -> NewTenant {
        let [slug, name, currency, time_zone] = [slug, name, currency, time_zone].map(str::to_owned);
        NewTenant {
            slug,
            name,
            currency,
            time_zone,
        }
    }

    #[test]
    fn a_well_formed_tenant_passes() {
        assert_eq!(
            new("acme-2", "Acme", "EUR", "Europe/Vienna").check().unwrap(),
            Tz::Europe__Vienna
        );
    }

    #[test]
    fn each_rule_refuses_by_its_own_code() {
        let cases = [
            (new("-acme", "Acme", "EUR", "UTC"), "slug_invalid"),
            (new("äcme", "Acme", "EUR", "UTC"), "slug_invalid"),
            (new("acme", "Ac\u{202e}me", "EUR", "UTC"), "name_invalid"),
            (new("acme", "", "EUR", "UTC"), "name_invalid"),
            (new("acme", "Acme", "eur", "UTC"), "currency_invalid"),
            (new("acme", "Acme", "EUR", "Mars/Olympus"), "time_zone_invalid"),
        ];
        for (tenant, code) in cases {
            let Err(Fault::Refused(refusal)) = tenant.check() else {
                panic!("{tenant:?} passed")
            };
            assert_eq!(refusal.code, code);
        }
    }
}
