//! The limits there are, and what they are where nobody said anything.

use crate::{
    db::Scope,
    fault::{Fault, Result},
};

macro_rules! limits {
    ($($(#[$doc:meta])* $variant:ident $name:literal $default:literal..=$most:literal for $whom:ident)*) => {
        /// Something that can be used up.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Limit {
            $($(#[$doc])* $variant,)*
        }

        impl Limit {
            /// Every limit.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in plans, in SQL and on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What holds where no plan says otherwise.
            pub const fn default_value(self) -> u64 {
                match self {
                    $(Self::$variant => $default,)*
                }
            }

            /// The largest value that can be set.
            pub const fn most(self) -> u64 {
                match self {
                    $(Self::$variant => $most,)*
                }
            }

            const fn whom(self) -> Whom {
                match self {
                    $(Self::$variant => Whom::$whom,)*
                }
            }
        }
    };
}

#[derive(PartialEq, Eq)]
enum Whom {
    Reseller,
    Everybody,
}

limits! {
    /// Requests a minute by the tenant's own callers; a reseller's do not count its customers'.
    RequestsPerMinute "requests_per_minute" 120_000..=1_000_000_000 for Everybody
    /// What `requests_per_minute` is for each of a reseller's customers.
    CustomerRequestsPerMinute "customer_requests_per_minute" 60_000..=1_000_000_000 for Reseller
    /// A reseller's customers.
    Customers "customers" 10_000..=10_000_000 for Reseller
    /// A reseller's active ports, all customers' together.
    Ports "ports" 100_000..=100_000_000 for Reseller
    /// A reseller's share of the queue, beside others' while they have work waiting.
    QueueWeight "queue_weight" 1..=100 for Reseller
    /// Jobs under way at once on all hosts; a reseller's are its customers' too.
    JobsAtOnce "jobs_at_once" 32..=10_000 for Everybody
    /// What `jobs_at_once` is for each of a reseller's customers.
    CustomerJobsAtOnce "customer_jobs_at_once" 16..=10_000 for Reseller
    /// Operations under way at once at each of a reseller's carriers.
    CarrierOperationsAtOnce "carrier_operations_at_once" 8..=1_000 for Reseller
    /// Units of fuel that a reseller's plugins may burn for new work in a day, UTC.
    PluginFuelPerDay "plugin_fuel_per_day" 10_000_000_000_000..=1_000_000_000_000_000_000 for Reseller
    /// Days for which the runs of a reseller's plugins are kept.
    PluginRunDays "plugin_run_days" 30..=3_650 for Reseller
    /// What a reseller's new releases may be: 1 is light alone, 2 is heavy too.
    PluginClass "plugin_class" 1..=2 for Reseller
}

impl Limit {
    /// The limit of this name.
    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().copied().find(|limit| limit.name() == name);
        found.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|limit| limit.name()).collect();
            Fault::invalid(
                "limit_unknown",
                format!("there is no such limit; there are {}", names.join(", ")),
            )
        })
    }

    /// Refuses values that the limit cannot have.
    pub fn check(self, value: u64) -> Result<()> {
        if (1..=self.most()).contains(&value) {
            return Ok(());
        }
        let rule = format!("{} is {value}, it can be 1 to {}", self.name(), self.most());
        Err(Fault::invalid("limit_out_of_range", rule))
    }

    /// Whether the tenant has it.
    pub fn is_of(self, scope: Scope) -> bool {
        scope.customer().is_none() || self.whom() == Whom::Everybody
    }

    /// What a plan calls it for the tenant.
    pub(super) fn in_plan(self, scope: Scope) -> Self {
        match (self, scope.customer()) {
            (Self::RequestsPerMinute, Some(_)) => Self::CustomerRequestsPerMinute,
            (Self::JobsAtOnce, Some(_)) => Self::CustomerJobsAtOnce,
            _ => self,
        }
    }
}
