//! Which value of a limit is in force, and where it comes from.

use std::collections::BTreeMap;

use super::Limit;
use crate::db::Scope;

/// What a limit's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The plan of the tenant's reseller.
    Plan,
    /// The operator, for this tenant or for its reseller.
    Override,
    /// The customer's reseller, which lowered it.
    Reseller,
}

impl Source {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Plan => "plan",
            Self::Override => "override",
            Self::Reseller => "reseller",
        }
    }
}

/// A limit in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective {
    /// Which one.
    pub limit: Limit,
    /// How much.
    pub value: u64,
    /// Where from.
    pub source: Source,
}

/// All limits of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The reseller's plan; none for a customer, whose business it is not.
    pub plan: Option<String>,
    /// What is in force.
    pub limits: Vec<Effective>,
    /// What the reseller's plugins burned since midnight UTC, where that was asked for.
    pub plugin_fuel_used_today: Option<u64>,
}

/// Values by the limits' names.
pub(super) type Values = BTreeMap<String, u64>;

/// Everything that was said about a tenant's limits.
#[derive(Debug, Clone, Default)]
pub(super) struct Grounds {
    pub plan: String,
    pub of_plan: Values,
    /// The operator's for the reseller.
    pub of_house: Values,
    /// The operator's for the tenant itself.
    pub of_tenant: Values,
    /// The reseller's for its customer.
    pub lowered: Values,
}

impl Grounds {
    /// What is in force for the tenant: the nearest word of the operator's, and below it what its reseller lowered.
    pub fn effective(&self, scope: Scope, limit: Limit) -> Effective {
        let given = self.given(scope, limit);
        match self.lowered.get(limit.name()) {
            Some(&lowered) if lowered < given.value => Effective {
                limit,
                value: lowered,
                source: Source::Reseller,
            },
            _ => given,
        }
    }

    /// What the operator lets the tenant have; no reseller gives its customer more.
    pub fn given(&self, scope: Scope, limit: Limit) -> Effective {
        let in_plan = limit.in_plan(scope);
        let said = [
            (self.of_tenant.get(limit.name()), Source::Override),
            (self.of_house.get(in_plan.name()), Source::Override),
            (self.of_plan.get(in_plan.name()), Source::Plan),
        ];
        let nearest = said
            .into_iter()
            .find_map(|(value, source)| Some((*value?, source)));
        let (value, source) = nearest.unwrap_or((in_plan.default_value(), Source::Default));
        Effective { limit, value, source }
    }

    pub fn standing(&self, scope: Scope) -> Standing {
        let limits = Limit::ALL.iter().filter(|limit| limit.is_of(scope));
        Standing {
            plan: scope.customer().is_none().then(|| self.plan.clone()),
            limits: limits.map(|limit| self.effective(scope, *limit)).collect(),
            plugin_fuel_used_today: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn scope(tenant: u128) -> Scope {
        Scope::new(Uuid::from_u128(1).into(), Uuid::from_u128(tenant).into())
    }

    fn values(values: &[(Limit, u64)]) -> Values {
        values
            .iter()
            .map(|(limit, value)| (limit.name().to_owned(), *value))
            .collect()
    }

    fn check(grounds: &Grounds, tenant: u128, limit: Limit, expected: (u64, Source)) {
        let found = grounds.effective(scope(tenant), limit);
        assert_eq!((found.value, found.source), expected);
    }

    const HOUSE: u128 = 1;
    const CUSTOMER: u128 = 2;

    #[test]
    fn the_nearest_word_of_the_operators_counts() {
        let mut grounds = Grounds::default();
        check(&grounds, HOUSE, Limit::Customers, (10_000, Source::Default));
        grounds.of_plan = values(&[(Limit::Customers, 5)]);
        check(&grounds, HOUSE, Limit::Customers, (5, Source::Plan));
        grounds.of_tenant = values(&[(Limit::Customers, 50)]);
        check(&grounds, HOUSE, Limit::Customers, (50, Source::Override));
    }

    #[test]
    fn a_customers_requests_have_a_name_of_their_own_in_plans() {
        let limit = Limit::RequestsPerMinute;
        let mut grounds = Grounds {
            of_plan: values(&[(limit, 7), (Limit::CustomerRequestsPerMinute, 3)]),
            ..Grounds::default()
        };
        check(&grounds, HOUSE, limit, (7, Source::Plan));
        check(&grounds, CUSTOMER, limit, (3, Source::Plan));
        grounds.of_house = values(&[(Limit::CustomerRequestsPerMinute, 4)]);
        check(&grounds, CUSTOMER, limit, (4, Source::Override));
        grounds.of_tenant = values(&[(limit, 9)]);
        check(&grounds, CUSTOMER, limit, (9, Source::Override));
    }

    #[test]
    fn a_reseller_lowers_and_never_raises() {
        let limit = Limit::RequestsPerMinute;
        let mut grounds = Grounds {
            of_plan: values(&[(Limit::CustomerRequestsPerMinute, 10)]),
            lowered: values(&[(limit, 6)]),
            ..Grounds::default()
        };
        check(&grounds, CUSTOMER, limit, (6, Source::Reseller));
        grounds.of_plan = values(&[(Limit::CustomerRequestsPerMinute, 5)]);
        check(&grounds, CUSTOMER, limit, (5, Source::Plan));
    }
}
